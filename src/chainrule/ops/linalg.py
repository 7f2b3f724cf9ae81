"""Linear systems and Cholesky factors, of one matrix or of a stack of them.

Primitives work on the last two axes and take matrices on the right hand side; vectors, inverses and
NumPy's names are composed in ``numpy_api/linalg.py``. Derivatives: M. B. Giles, "Collected matrix
derivative results for forward and reverse mode algorithmic differentiation" (2008), for solutions;
I. Murray, "Differentiation of the Cholesky decomposition" (2016).

``cholesky`` reads the lower triangle alone, as NumPy's does, so entries above the diagonal have
derivative zero. Where the matrix is symmetric because it was computed so, nothing differs from the
symmetric convention; else the symmetric gradient of G is ``(G + G.T) / 2``.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, cast

import numpy as np

from chainrule.core.errors import ShapeError
from chainrule.core.graph import ArrayType
from chainrule.core.primitive import PRIMITIVES, Joint, Rule, edge, primitive
from chainrule.core.trace import shape_of
from chainrule.ops.batch import Flags, aligned, core_rank, elementwise
from chainrule.ops.define import Array, broadcast_shape, match, spread
from chainrule.ops.matrices import (
    adjoint,
    conjugate,
    inexact,
    lower_half,
    masked,
    require_square,
    stacked_value,
)
from chainrule.ops.shaping import reshape, swap_last, transpose

# ---- type rules ----------------------------------------------------------------------------------


def _factor_type(a: ArrayType) -> ArrayType:
    require_square("cholesky", a)
    return ArrayType(a.shape, inexact("cholesky", a))


def _solution_type(name: str) -> Callable[..., ArrayType]:
    def rule(a: ArrayType, b: ArrayType, **_flags: bool) -> ArrayType:
        require_square(name, a)
        if b.ndim < 2 or b.shape[-2] != a.shape[-1]:
            raise ShapeError(
                f"{name}: a matrix of shape {a.shape} needs right hand sides of"
                f" {a.shape[-1]} rows, got shape {b.shape}"
            )
        stacks = (ArrayType(t.shape[:-2], t.dtype) for t in (a, b))
        batch = broadcast_shape(f"{name} (axes before the last two)", *stacks)
        return ArrayType((*batch, *b.shape[-2:]), inexact(name, a, b))

    return rule


# ---- systems -------------------------------------------------------------------------------------


def _triangle(x: Array, lower: bool, unit: bool) -> Array:
    """The entries that a triangular system reads."""
    n = shape_of(x)[-1]
    mask = np.tri(n, k=-1 if unit else 0, dtype=bool)
    return masked(x, mask if lower else mask.T)


def _batch_system(name: str) -> Rule:
    """One matrix for all examples is factored once: their right hand sides stand side by side."""

    def rule(batched: Flags, size: int, a: Array, b: Array, **flags: bool) -> Array:
        if batched[0] or core_rank(a, False) != 2 or core_rank(b, True) != 2:
            return PRIMITIVES[name](*aligned(batched, (a, b)), **flags)
        _, n, k = shape_of(b)
        side = reshape(transpose(b, order=(1, 0, 2)), shape=(n, size * k))
        out = PRIMITIVES[name](a, side, **flags)
        return transpose(reshape(out, shape=(n, size, k)), order=(1, 0, 2))

    return rule


def _push_solve(tangents: Sequence[Array], out: Array, a: Array, b: Array) -> Array:
    ta, tb = tangents
    right = tb if ta is None else -(ta @ out) if tb is None else tb - ta @ out
    return spread(solve(a, right), out)


def _pull_solve(ct: Array, out: Array, wanted: Sequence[bool], a: Array, b: Array) -> list[Array]:
    back = solve(swap_last(a), ct)
    return [
        match(-(back @ swap_last(out)), a) if wanted[0] else None,
        match(back, b) if wanted[1] else None,
    ]


solve = primitive(
    "solve",
    np.linalg.solve,
    _solution_type("solve"),
    Joint(_push_solve, _pull_solve),
    batch=_batch_system("solve"),
)


def _triangular_value(a: Any, b: Any, *, lower: bool, unit: bool) -> Any:
    from scipy import linalg  # which takes time to import

    scipy_solve = cast("Callable[..., Any]", cast("Any", linalg).solve_triangular)

    def one(a: Any, b: Any) -> Any:
        return scipy_solve(a, b, lower=lower, unit_diagonal=unit, check_finite=False)

    return stacked_value(one, _solution_type("solve_triangular"), (2, 2))(a, b)


def _push_triangular(
    tangents: Sequence[Array], out: Array, a: Array, b: Array, *, lower: bool, unit: bool
) -> Array:
    ta, tb = tangents
    moved = None if ta is None else _triangle(ta, lower, unit) @ out
    right = tb if moved is None else -moved if tb is None else tb - moved
    return spread(solve_triangular(a, right, lower=lower, unit=unit), out)


def _pull_triangular(
    ct: Array,
    out: Array,
    wanted: Sequence[bool],
    a: Array,
    b: Array,
    *,
    lower: bool,
    unit: bool,
) -> list[Array]:
    back = solve_triangular(swap_last(a), ct, lower=not lower, unit=unit)
    of_a = _triangle(-(back @ swap_last(out)), lower, unit) if wanted[0] else None
    return [
        match(of_a, a) if wanted[0] else None,
        match(back, b) if wanted[1] else None,
    ]


solve_triangular = primitive(
    "solve_triangular",
    _triangular_value,
    _solution_type("solve_triangular"),
    Joint(_push_triangular, _pull_triangular),
    batch=_batch_system("solve_triangular"),
)

# ---- Cholesky factors ----------------------------------------------------------------------------


def _below(factor: Array, b: Array) -> Array:
    return solve_triangular(factor, b, lower=True, unit=False)


def _push_cholesky(t: Array, out: Array, a: Array) -> Array:
    half = lower_half(t)
    inner = _below(out, adjoint(_below(out, half + adjoint(half))))
    return out @ lower_half(inner)


def _pull_cholesky(ct: Array, out: Array, a: Array) -> Array:
    upper = adjoint(out)

    def above(b: Array) -> Array:
        return solve_triangular(upper, b, lower=False, unit=False)

    inner = above(lower_half(upper @ conjugate(ct)))
    outer = above(adjoint(inner))
    total = lower_half(outer + adjoint(outer))
    return match(conjugate(total), a)


cholesky = primitive(
    "cholesky",
    np.linalg.cholesky,
    _factor_type,
    (edge(_push_cholesky, _pull_cholesky),),
    batch=elementwise("cholesky"),
)
