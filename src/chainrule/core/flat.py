"""``x.flat`` of a traced value: its entries in C order, read and written one by one or in parts."""

from __future__ import annotations

import operator
from collections.abc import Iterator
from typing import Any

import numpy as np

from chainrule.core.aliasing import require_array, write
from chainrule.core.errors import TraceError
from chainrule.core.lists import as_array
from chainrule.core.primitive import NUMPY, PRIMITIVES
from chainrule.core.sharing import shared
from chainrule.core.trace import TracedValue, shape_of, type_of


class Flat:
    """As NumPy's ``flatiter``: reading copies, writing changes the array for all its names."""

    __slots__ = ("base", "index")

    def __init__(self, base: TracedValue) -> None:
        self.base = base
        self.index = 0

    def _line(self) -> Any:
        return PRIMITIVES["reshape"](self.base, shape=(len(self),))

    def copy(self) -> Any:
        """All entries, as a new array of one axis."""
        return self[...]

    def __len__(self) -> int:
        return type_of(self.base).size

    def __iter__(self) -> Iterator[Any]:
        return iter(self[i] for i in range(len(self)))

    def __next__(self) -> Any:
        if self.index >= len(self):
            raise StopIteration
        self.index += 1
        return self[self.index - 1]

    def __getitem__(self, index: Any) -> Any:
        _require_one_axis(index)
        part = NUMPY[operator.getitem](self._line(), index)
        return PRIMITIVES["copy"](part) if shape_of(part) else part

    def __setitem__(self, index: Any, value: Any) -> None:
        """What is too short is repeated, and what is too long is cut, as in NumPy."""
        _require_one_axis(index)
        require_array(self.base, "x.flat = v")
        if shared(value, self.base, exact=False):
            raise TraceError(
                "x.flat = v: v shares memory with x, which NumPy overwrites while it reads; write"
                " x.flat = v.copy()"
            )
        line = self._line()
        wanted = shape_of(NUMPY[operator.getitem](line, index))
        given = as_array(value)
        n, size = int(np.prod(wanted)), type_of(given).size
        given = PRIMITIVES["reshape"](given, shape=(size,))
        if wanted == () and size != 1:
            raise ValueError(f"x.flat[i] = v: one entry cannot hold a v of {size} entries")
        if n and not size:
            raise ValueError(f"x.flat[i] = v: an empty v cannot fill {n} entries")
        if size != n:
            given = NUMPY[operator.getitem](given, np.arange(n) % max(size, 1))
        new = NUMPY[operator.setitem](line, index, PRIMITIVES["reshape"](given, shape=wanted))
        write(self.base, PRIMITIVES["reshape"](new, shape=shape_of(self.base)))

    def __array__(self, *_args: Any, **_kw: Any) -> Any:
        raise TraceError("x.flat of a traced x cannot become a plain array; write x.ravel()")


def _require_one_axis(index: Any) -> None:
    if isinstance(index, tuple):
        raise IndexError(f"x.flat has one axis, and was indexed with {index}")
