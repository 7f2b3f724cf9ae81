"""Cholesky factors, linear systems and determinants, by LAPACK: what runs, and the lines for it.

A matrix is factored into a buffer of its own, once for all that reads it: the derivative of a
solution is a solution with the transposed matrix, which the same factors give. Which way the matrix
lies in memory makes no difference, see ``lapack_kernels.py``. Stacks are loops.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from chainrule.core.graph import ArrayType, Equation, Var
from chainrule.executors.native.refs import Base, Ref
from chainrule.executors.native.routines import Routine, in_loops, steps

if TYPE_CHECKING:
    from chainrule.executors.native.emit import Writer

DETERMINANTS = frozenset({"det", "log_abs_det", "sign_of_det"})
LINEAR_ALGEBRA = DETERMINANTS | {"adjugate", "cholesky", "solve", "solve_triangular"}
Factors = dict[Ref, tuple[Var, Var]]


def is_lapack(equation: Equation) -> bool:
    """Whether a linear algebra equation has a native form: one real dtype throughout."""
    dtypes = {x.type.dtype for x in (*equation.inputs, *equation.outputs)}
    return len(dtypes) == 1 and dtypes <= {np.dtype(np.float32), np.dtype(np.float64)}


def lapack_groups(
    equation: Equation, refs: Callable[[Base], Ref], factors: Factors
) -> Iterator[Routine]:
    """What an equation becomes; ``factors`` remembers matrices that are factored already."""
    name, (out,) = equation.primitive.name, equation.outputs
    a = refs(equation.inputs[0])
    if name == "cholesky":
        info = Var(ArrayType((1,), np.dtype(np.int32)))
        yield Routine(equation, name, (a,), (out, info))
    elif name == "solve_triangular":
        yield Routine(equation, name, (a, refs(equation.inputs[1])), (out,))
    else:
        rows, columns = a.strides[-2:]
        turned = rows < columns
        stored = a.transposed((*range(len(a.shape) - 2), -1, -2)) if turned else a
        # adjugate changes pivots that are zero, so it has factors of its own
        shared = {} if name == "adjugate" else factors
        if stored not in shared:
            lu = Var(ArrayType(a.shape, out.type.dtype))
            pivots = Var(ArrayType(a.shape[:-1], np.dtype(np.int32)))
            shared[stored] = lu, pivots
            yield Routine(equation, "getrf", (stored,), (lu, pivots))
        known = tuple(Ref.whole(v) for v in shared[stored])
        others = tuple(map(refs, equation.inputs[1:]))
        yield Routine(equation, name, (*known, *others), (out,), turned)


def write_lapack(writer: Writer, group: Routine) -> None:
    """Add the lines for one group."""
    _Lines(writer, group).write()


class _Lines:
    def __init__(self, writer: Writer, group: Routine) -> None:
        self.writer, self.group = writer, group
        self.out = group.writes[0]
        self.kernel = f"{group.name}_{self.out.type.dtype.name}"

    def write(self) -> None:
        """Add the loops over the stack and the call."""
        name = self.group.name
        if name in DETERMINANTS:
            batch, line = self.out.type.shape, self._determinant()
        else:
            batch = self.out.type.shape[:-2]
            if name == "getrf":
                line = self._factor()
            elif name == "cholesky":
                line = self._cholesky()
            elif name == "solve":
                line = self._solve(batch)
            elif name == "adjugate":
                line = self._adjugate()
            else:
                line = self._triangular(batch)
        self.writer.calls += in_loops(batch, line)

    def _factor(self) -> str:
        (a,), (lu, pivots) = self.group.reads, self.group.writes
        self.writer.copy(a, Ref.whole(lu))
        n = a.shape[-1]
        return f"{self.kernel}(at({n}), {self._matrix(lu)}, {self._at(Ref.whole(pivots), 1)})"

    def _cholesky(self) -> str:
        (a,), (out, info) = self.group.reads, self.group.writes
        self.writer.copy(a, Ref.whole(out))
        n = a.shape[-1]
        return f"{self.kernel}(at({n}), {self._matrix(out)}, {self._at(Ref.whole(info), 1)})"

    def _solve(self, batch: tuple[int, ...]) -> str:
        lu, pivots, b = self.group.reads
        self.writer.copy(b.broadcast(self.out.type.shape), Ref.whole(self.out))
        n, k = b.shape[-2:]
        return (
            f"{self.kernel}({self.group.turned}, at({n}), at({k}),"
            f" {self._at(_stacked(lu, batch, 2), 2)}, {self._at(_stacked(pivots, batch, 1), 1)},"
            f" {self._matrix(self.out)})"
        )

    def _adjugate(self) -> str:
        lu, pivots = self.group.reads
        n = lu.shape[-1]
        return (
            f"{self.kernel}({self.group.turned}, at({n}), {self._at(lu, 2)},"
            f" {self._at(pivots, 1)}, {self._matrix(self.out)})"
        )

    def _triangular(self, batch: tuple[int, ...]) -> str:
        from chainrule.executors.native.schedule import blas_layout, matrix  # which imports this

        a, b = self.group.reads
        self.writer.copy(b.broadcast(self.out.type.shape), Ref.whole(self.out))
        n, k = b.shape[-2:]
        params = self.group.equation.params
        layout = blas_layout(matrix(a))
        assert layout is not None, f"{a} was not copied for BLAS"
        turned, step = layout
        return (
            f"{self.kernel}({params['lower'] != turned}, {turned}, {params['unit']}, at({n}),"
            f" at({k}), {self._at(_stacked(a, batch, 2), 2)}, at({step}),"
            f" {self._matrix(self.out)})"
        )

    def _determinant(self) -> str:
        lu, pivots = self.group.reads
        spot = self.writer.memory.spots[self.out]
        entry = f"{spot.array}[{spot.at()}{steps(Ref.whole(self.out).strides)}]"
        n = lu.shape[-1]
        return f"{entry} = {self.kernel}(at({n}), {self._at(lu, 2)}, {self._at(pivots, 1)})"

    def _matrix(self, v: Var) -> str:
        return self._at(Ref.whole(v), 2)

    def _at(self, ref: Ref, axes: int) -> str:
        """The array of a stack, and where the current entry of ``axes`` axes begins."""
        spot = self.writer.memory.spots[ref.base]
        return f"{spot.array}, at({spot.at(ref.offset)}{steps(ref.strides[:-axes])})"


def _stacked(ref: Ref, batch: tuple[int, ...], axes: int) -> Ref:
    """Repeated over a stack."""
    wide = ref.broadcast((*batch, *ref.shape[-axes:]))
    return replace(wide, strides=(*wide.strides[:-axes], *ref.strides[-axes:]))
