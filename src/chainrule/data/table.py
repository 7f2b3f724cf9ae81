"""Reads tables, CSV and Parquet, into columns of numbers; every bad cell has a place and a remedy.

polars reads the files, all cells of a CSV as text first: a type guessed from the first rows would
fail far down, with less to say. narwhals handles the columns. Importing this file needs both, the
extra ``tables``; nothing else in ``chainrule.data`` does. ``target.py`` says what a target means.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from chainrule.core.errors import DataError, FileFormatError, MissingExtraError
from chainrule.data.csv_text import header_of, line_of_row, read_text, require_even_rows
from chainrule.data.excerpt import excerpt, listing
from chainrule.data.source import kind_of, require_file

try:
    import narwhals as nw
    import polars as pl
    from polars.exceptions import PanicException, PolarsError
except ImportError as error:
    raise MissingExtraError(
        "Reading tables needs polars and narwhals; install them with:"
        ' pip install "chainrule[tables]"'
    ) from error

Series = nw.Series[Any]

BOOLEANS = ("true", "false")


@dataclass(frozen=True, eq=False)
class Table:
    """Columns of a file, typed; a CSV's text is kept to tell lines from rows."""

    path: Path
    frame: nw.DataFrame[Any]
    text: str | None = None
    separator: str = ","

    @property
    def columns(self) -> tuple[str, ...]:
        """The names of the columns, in the file's order."""
        return tuple(self.frame.columns)

    def __len__(self) -> int:
        return len(self.frame)

    def place(self, row: int) -> str:
        """Where a row, counted from 0, is for a person: "line 3" of a CSV, "row 2" of a Parquet."""
        if self.text is None:
            return f"row {row + 1}"
        return f"line {line_of_row(self.text, self.separator, row, self.path)}"

    def where(self, name: str) -> str:
        """The file and a column of it, as a message begins."""
        return f"{self.path}: column {excerpt(name)!r}"

    def column(self, name: str) -> Series:
        """One column; raises DataError that lists the columns if there is none of this name."""
        if name not in self.columns:
            raise DataError(
                f"{self.path}: there is no column {excerpt(name)!r};"
                f" the columns are {listing(self.columns)}."
            )
        return self.frame.get_column(name)


def read_table(path: str | Path) -> Table:
    """The table in a CSV (.csv, .tsv, .gz) or Parquet file.

    Raises FileFormatError for damaged files, DataError for empty ones and bad headers.

    >>> import tempfile
    >>> path = Path(tempfile.mkdtemp()) / "small.csv"
    >>> _ = path.write_text("height,kind\\n1.5,a\\n2,b\\n")
    >>> read_table(path).columns
    ('height', 'kind')
    """
    path = require_file(path)
    return _read_parquet(path) if kind_of(path) == "parquet" else _read_csv(path)


def numbers(table: Table, names: tuple[str, ...]) -> NDArray[np.float64]:
    """The named columns as an array of shape (rows, len(names)).

    Raises DataError for a cell that is empty, not a number or not finite: column, line and remedy.
    """
    X = np.empty((len(table), len(names)))
    for i, name in enumerate(names):
        X[:, i] = number_column(table, name)
    return X


def number_column(table: Table, name: str) -> NDArray[np.float64]:
    """One column of numbers (booleans are 0 and 1), of shape (rows,); errors as ``numbers``."""
    column = table.column(name)
    if column.dtype == nw.String:
        texts: list[str | None] = column.to_list()
        row = next((i for i, t in enumerate(texts) if t is not None and not _is_number(t)), 0)
        raise DataError(
            f"{table.where(name)} is not numeric: {table.place(row)} holds {excerpt(texts[row])!r};"
            " correct the cell, encode the column as numbers or leave it out of the features."
        )
    if not (column.dtype.is_numeric() or column.dtype == nw.Boolean):
        raise DataError(
            f"{table.where(name)} holds {excerpt(column.dtype)}, not numbers;"
            " encode it as numbers or leave it out of the features."
        )
    require_filled(table, name)
    numeric = column.cast(nw.Float64).to_numpy().astype(np.float64, copy=False)
    bad = np.flatnonzero(~np.isfinite(numeric))
    if bad.size:
        row = int(bad[0])
        raise DataError(
            f"{table.where(name)} is not finite in {bad.size} of {len(table)} rows,"
            f" the first at {table.place(row)} ({numeric[row]}); fill or remove these rows."
        )
    return numeric


def require_filled(table: Table, name: str) -> Series:
    """The column, if no cell of it is empty; raises DataError with the first place and count."""
    column = table.column(name)
    count = column.null_count()
    if count:
        row = int(column.is_null().to_numpy().argmax())
        raise DataError(
            f"{table.where(name)} is empty in {count} of {len(table)} rows,"
            f" the first at {table.place(row)}; fill or remove these rows."
        )
    return column


def _read_parquet(path: Path) -> Table:
    try:
        frame = pl.read_parquet(path)
    except (PolarsError, PanicException, OSError) as error:
        detail = excerpt(str(error).partition("\n")[0])
        raise FileFormatError(
            f"{path}: is not an intact Parquet file ({detail}); write it again."
        ) from error
    if not frame.height or not frame.width:
        raise DataError(f"{path}: the table has no rows; add at least one example.")
    # Text under another name: as text, it names classes.
    categories = [c for c, t in frame.schema.items() if isinstance(t, (pl.Categorical, pl.Enum))]
    frame = frame.with_columns(pl.col(categories).cast(pl.String))
    return Table(path, nw.from_native(frame, eager_only=True))


def _read_csv(path: Path) -> Table:
    text = read_text(path)
    separator = "\t" if ".tsv" in path.name.lower() else ","
    names = header_of(text, separator, path)
    try:
        cells = pl.read_csv(text.encode(), separator=separator, infer_schema=False)
    except (PolarsError, PanicException) as error:
        require_even_rows(text, separator, len(names), path)
        detail = excerpt(str(error).partition("\n")[0])
        raise FileFormatError(
            f"{path}: cannot be read as CSV ({detail}); check its quotes and separators."
        ) from error
    rows = cells.height
    if cells.width != len(names) or '"' in text or cells.null_count().sum_horizontal().item():
        # Short rows and blank lines come back from polars as empty cells; and where quotes are
        # amiss, two readers must agree on what the rows are.
        rows = require_even_rows(text, separator, len(names), path)
    if (cells.height, cells.width) != (rows, len(names)):
        raise FileFormatError(
            f"{path}: {rows} rows of {len(names)} columns can also be read as {cells.height} of"
            f" {cells.width}; check the file's line ends and quotes."
        )
    typed = [_typed(cells[old].alias(new)) for old, new in zip(cells.columns, names, strict=True)]
    return Table(path, nw.from_native(pl.DataFrame(typed), eager_only=True), text, separator)


def _typed(cells: pl.Series) -> pl.Series:
    """Text as the narrowest of integers, floats, booleans that takes every cell; empty is null."""
    stripped = cells.str.strip_chars()
    texts = stripped.set(stripped == "", None)
    empty = texts.null_count()
    floats = texts.cast(pl.Float64, strict=False)
    if floats.null_count() == empty:
        integers = texts.cast(pl.Int64, strict=False)
        return integers if integers.null_count() == empty else floats
    lower = texts.str.to_lowercase()
    if bool(lower.drop_nulls().is_in(BOOLEANS).all()):
        return lower == "true"
    return texts


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return "_" not in text
