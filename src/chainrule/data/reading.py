"""From a name or a path to raw data: the list of built-in data sets, and the reader for each file.

Rests on ``source.py`` and the readers. ``load.py`` and ``rows.py`` go on from here.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING

from chainrule.core.errors import DataError
from chainrule.data.idx import read_idx_set
from chainrule.data.mnist_archive import SOURCE, read_mnist
from chainrule.data.npz import read_npz
from chainrule.data.parts import Parts
from chainrule.data.source import kind_of

if TYPE_CHECKING:
    from chainrule.data.table import Table


@dataclass(frozen=True)
class BuiltIn:
    """A data set inside the package: its reader, what Y is, and where it comes from."""

    read: Callable[[], Parts]
    target: str
    source: str


BUILT_IN: Mapping[str, BuiltIn] = MappingProxyType(
    {"mnist": BuiltIn(read_mnist, "digit", SOURCE)},
)


def names() -> tuple[str, ...]:
    """The names of the data sets inside the package.

    >>> names()
    ('mnist',)
    """
    return tuple(BUILT_IN)


def built_in(source: str | Path) -> BuiltIn | None:
    """The data set of this name; None for a path. A text that is a name is never a path."""
    return BUILT_IN.get(source) if isinstance(source, str) else None


def read_source(source: str | Path) -> "Parts | Table":
    """The raw data of a name or a path: Parts of a file of arrays, a Table of a CSV or Parquet.

    Raises DataError if there is no such data set or file, and as the readers do.
    """
    known = built_in(source)
    if known is not None:
        return known.read()
    path = require_known(source)
    kind = kind_of(path)
    if kind == "npz":
        return read_npz(path)
    if kind == "idx":
        return read_idx_set(path)
    # Imported here: only tables need polars and narwhals.
    from chainrule.data.table import read_table

    return read_table(path)


def require_known(source: str | Path) -> Path:
    """The path of a source that is not a name; raises DataError, with the names, if it looks so."""
    path = Path(source)
    if isinstance(source, str) and path.name == source and not path.suffix and not path.exists():
        raise DataError(
            f"There is no data set or file {source!r};"
            f" data sets are: {', '.join(names())}; anything else must be a path."
        )
    return path
