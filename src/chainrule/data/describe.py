"""What a data set or file holds, as labelled lines that a person reads before training.

Rests on ``reading.py`` and the readers' headers: arrays of a file are listed, not read.
"""

from pathlib import Path

from chainrule.data.idx import idx_header
from chainrule.data.npz import list_npz
from chainrule.data.parts import Parts
from chainrule.data.reading import built_in, require_known
from chainrule.data.source import kind_of

Line = tuple[str, str]


def describe(source: str | Path) -> tuple[Line, ...]:
    """(label, value) pairs about a data set inside the package or a file.

    Raises DataError and FileFormatError as ``load`` does for what cannot be read.

    >>> import tempfile
    >>> import numpy as np
    >>> path = Path(tempfile.mkdtemp()) / "small.npz"
    >>> np.savez(path, X=np.zeros((5, 2)))
    >>> describe(path)[2:]
    (('X', '5 × 2, float64'),)
    """
    known = built_in(source)
    if known is not None:
        return (("name", str(source)), ("source", known.source), *_parts_lines(known.read()))
    path = require_known(source)
    kind = kind_of(path)
    if path.is_dir():
        files = sorted(p for p in path.iterdir() if "idx" in p.name and p.is_file())
        return (("folder", str(path)), *(_idx_line(p) for p in files))
    head = (("file", str(path)), ("format", f"{kind.upper()}, {path.stat().st_size:,} bytes"))
    if kind == "npz":
        lines = tuple((h.name, _shape(h.shape, str(h.dtype))) for h in list_npz(path))
    elif kind == "idx":
        lines = (_idx_line(path),)
    else:
        lines = _table_lines(path)
    return head + lines


def _shape(shape: tuple[int, ...], dtype: str) -> str:
    return f"{' × '.join(map(str, shape)) or 'one number'}, {dtype}"


def _idx_line(path: Path) -> Line:
    header = idx_header(path)
    return path.name, _shape(header.shape, header.dtype.newbyteorder("=").name)


def _parts_lines(parts: Parts) -> tuple[Line, ...]:
    arrays = [
        (name.partition(": ")[2], array)
        for pair in parts.splits().values()
        for name, array in ((pair.x_name, pair.X), (pair.y_name, pair.Y))
        if array is not None
    ]
    return tuple((name, _shape(array.shape, str(array.dtype))) for name, array in arrays)


def _table_lines(path: Path) -> tuple[Line, ...]:
    from chainrule.data.table import read_table

    table = read_table(path)
    columns: list[Line] = []
    for name in table.columns:
        column = table.column(name)
        empty = column.null_count()
        columns.append((name, str(column.dtype) + (f", {empty:,} empty" if empty else "")))
    return (("rows", f"{len(table):,}"), ("columns", str(len(table.columns))), *columns)
