"""The plan of a sparse derivative: its pattern, a colouring, and where each entry is to be read.

One sweep for each colour gives a compressed matrix with a row a colour; every entry that may be
nonzero stands in it by itself. Rests on ``colouring.py``; ``compressed.py`` runs the sweeps.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from scipy import sparse

from chainrule.core.errors import ArgumentError, TraceError
from chainrule.core.trace import TracedValue
from chainrule.sparse.colouring import column_colours, is_direct, star_colours, widest
from chainrule.sparse.dependence import Rows

Array = Any
Run = Callable[[int, int, Array], Array]
Mode = Literal["forward", "reverse", "symmetric"]
NOT_TRACED = (
    "a sparse derivative is a scipy.sparse array, which cannot hold traced values; inside of other"
    " transforms take cr.jacobian or cr.hessian without sparse, and to compile, compile the"
    " function: cr.sparse_jacobian(cr.compile(f), x)"
)
BLOCK = 1 << 24  # entries of the compressed matrix that are held at a time


@dataclass(frozen=True, eq=False)
class SparsePlan:
    """How a sparse derivative is computed: what ``cr.jacobian(f, sparse=True).plan(x)`` returns.

    Attributes:
        pattern: a ``scipy.sparse.csr_array`` of truth values: the entries that may be nonzero, read
            off the graph.
        mode: "forward" (one sweep for each colour of columns), "reverse" (of rows), or "symmetric"
            (forward sweeps of a gradient, for a Hessian).
        colours: the colour of each column (of each row in reverse mode), from 0; -1 where there is
            no entry, which takes no sweep.
        places: for each entry of ``pattern``, in its order, its place in the compressed matrix,
            which has the result of sweep c in row c.
        size: the length of the result of a sweep.

    >>> import numpy as np, chainrule as cr
    >>> plan = cr.jacobian(lambda x: x[1:] * x[:-1], sparse=True).plan(np.ones(1000))
    >>> print(plan)
    999 x 1000, 1,998 entries may be nonzero: 2 forward sweeps, by columns of one colour
    """

    pattern: Rows
    mode: Mode
    colours: Array
    places: Array
    size: int

    @property
    def sweeps(self) -> int:
        """How many sweeps the derivative takes."""
        return int(self.colours.max(initial=-1)) + 1

    def __str__(self) -> str:
        rows, columns = self.pattern.shape
        how = {
            "forward": "forward sweeps, by columns of one colour",
            "reverse": "reverse sweeps, by rows of one colour",
            "symmetric": "forward sweeps of the gradient, by a star colouring",
        }
        one = how[self.mode].replace("sweeps", "sweep", 1) if self.sweeps == 1 else how[self.mode]
        return (
            f"{rows} x {columns}, {self.pattern.nnz:,} entries may be nonzero: {self.sweeps} {one}"
        )

    def filled(self, run: Run) -> Any:
        """The matrix as a ``csr_array``.

        ``run(first, count, places)`` makes ``count`` sweeps from the ``first`` on and takes entries
        of their results, which lie one after the other.
        """
        step = max(1, BLOCK // max(self.size, 1))
        if self.sweeps == 0:
            data = np.zeros(0)
        elif self.sweeps <= step:
            data = run(0, self.sweeps, self.places)
        else:
            data = self._in_blocks(run, step)
        if isinstance(data, TracedValue):
            raise TraceError(NOT_TRACED)
        indices, starts = self.pattern.indices.copy(), self.pattern.indptr.copy()
        return sparse.csr_array((data, indices, starts), shape=self.pattern.shape)

    def _in_blocks(self, run: Run, step: int) -> Array:
        """The entries by blocks of as many sweeps and places each, since these are compiled for."""
        order = np.argsort(self.places)
        ends = np.searchsorted(self.places[order], np.arange(self.sweeps + 1) * self.size)
        firsts = np.arange(0, self.sweeps, step)
        blocks = [order[a:b] for a, b in zip(ends[firsts], [*ends[firsts[1:]], None], strict=True)]
        longest = max(map(len, blocks))
        data = None
        for first, block in zip(firsts, blocks, strict=True):
            first = int(min(first, self.sweeps - step))
            places = np.zeros(longest, self.places.dtype)
            places[: len(block)] = self.places[block] - first * self.size
            taken = run(first, step, places)
            if data is None:
                data = np.empty(len(order), taken.dtype)
            data[block] = taken[: len(block)]
        return data


def checked_mode(mode: Any) -> Any:
    """The mode of a Jacobian, which must be one that there is."""
    if mode not in ("auto", "forward", "reverse"):
        raise ArgumentError(f"jacobian mode {mode!r}; it is 'auto', 'forward' or 'reverse'")
    return mode


def plan_jacobian(pattern: Rows, mode: str) -> SparsePlan:
    """A plan with the fewer colours, or of the mode that is asked for."""
    transposed = pattern.T.tocsr()
    if mode == "auto":
        bounds = widest(pattern), widest(transposed)
        first = "forward" if bounds[0] <= bounds[1] else "reverse"
        found = _of_mode(pattern, transposed, first)
        if found.sweeps <= max(bounds):  # the other mode needs as many at least
            return found
        other = _of_mode(pattern, transposed, "reverse" if first == "forward" else "forward")
        return min(found, other, key=lambda plan: plan.sweeps)
    return _of_mode(pattern, transposed, mode)


def _of_mode(pattern: Rows, transposed: Rows, mode: str) -> SparsePlan:
    rows, columns = _coordinates(pattern)
    if mode == "forward":
        colours = column_colours(pattern)
        return _plan(pattern, "forward", colours, colours[columns], rows)
    colours = column_colours(transposed)
    return _plan(pattern, "reverse", colours, colours[rows], columns)


def plan_hessian(pattern: Rows) -> SparsePlan:
    """A plan for a symmetric matrix, whose entries that are not in both triangles are zero."""
    pattern = sparse.csr_array(pattern.multiply(pattern.T))
    pattern.sort_indices()
    colours = star_colours(pattern)
    direct = is_direct(pattern, colours)
    rows, columns = _coordinates(pattern)
    sweep = colours[np.where(direct, columns, rows)]
    return _plan(pattern, "symmetric", colours, sweep, np.where(direct, rows, columns))


def _plan(pattern: Rows, mode: Mode, colours: Array, sweep: Array, position: Array) -> SparsePlan:
    size = pattern.shape[1] if mode == "reverse" else pattern.shape[0]
    places = sweep.astype(np.int64) * size + position
    if len(places) and places.max() < 2**31:  # half the memory to read at each call
        places = places.astype(np.int32)
    return SparsePlan(pattern, mode, colours, places, size)


def _coordinates(pattern: Rows) -> tuple[Array, Array]:
    rows = np.repeat(np.arange(pattern.shape[0], dtype=np.int64), np.diff(pattern.indptr))
    return rows, pattern.indices.astype(np.int64)
