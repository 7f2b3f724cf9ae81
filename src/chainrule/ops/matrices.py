"""The small algebra of matrices that rules are written in, and what matrix primitives share.

All works on the last two axes. Cotangents are paired without a conjugate, ``Re sum(u * t)``; where
the literature states an adjoint for the Hermitian product ``Re sum(conj(u) * t)``, a rule takes the
conjugate of its cotangent and gives that of its result.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from chainrule.core.errors import DTypeError, ShapeError
from chainrule.core.graph import ArrayType
from chainrule.core.primitive import PRIMITIVES, Joint, Primitive, primitive
from chainrule.core.trace import shape_of, type_of
from chainrule.ops.batch import Flags
from chainrule.ops.define import Array
from chainrule.ops.elementwise import absolute, conj, is_complex, real, select
from chainrule.ops.reductions import keep, max_p, sum_p
from chainrule.ops.shaping import concatenate, expand, slice_axis, swap_last

# ---- types ---------------------------------------------------------------------------------------


def inexact(name: str, *types: ArrayType) -> np.dtype[Any]:
    """The dtype in which LAPACK computes."""
    dtype = np.result_type(*(t.dtype for t in types))
    if dtype == np.float16:
        raise DTypeError(f"{name}: float16 has no linear algebra; use x.astype(np.float32)")
    return dtype if dtype.kind in "fc" else np.dtype(np.float64)


def real_dtype(dtype: np.dtype[Any]) -> np.dtype[Any]:
    """The dtype of sizes of numbers of this dtype."""
    return np.dtype(f"f{dtype.itemsize // 2}") if dtype.kind == "c" else dtype


def complex_dtype(dtype: np.dtype[Any]) -> np.dtype[Any]:
    """The complex dtype of the same precision."""
    return dtype if dtype.kind == "c" else np.dtype(f"c{dtype.itemsize * 2}")


def require_matrix(name: str, a: ArrayType) -> None:
    """An error for what has no rows and columns."""
    if a.ndim < 2:
        raise ShapeError(f"{name}: needs a matrix or a stack of them, got shape {a.shape}")


def require_square(name: str, a: ArrayType) -> None:
    """An error for what is no square matrix."""
    if a.ndim < 2 or a.shape[-1] != a.shape[-2]:
        raise ShapeError(
            f"{name}: the last two axes of shape {a.shape} are no square matrix; slice it, or"
            " solve a least squares problem: np.linalg.lstsq(a, b)"
        )


# ---- parts of matrices ---------------------------------------------------------------------------


def masked(x: Array, mask: Any) -> Array:
    """``x`` where the mask is true, else 0."""
    return select(mask, x, 0)


def identity_mask(x: Array) -> Any:
    """True on the diagonal of matrices of the size of those in ``x``."""
    return np.eye(shape_of(x)[-1], dtype=bool)


def lower_half(x: Array) -> Array:
    """The lower triangle with half the diagonal: Phi in Murray (2016)."""
    n = shape_of(x)[-1]
    return masked(x, np.tri(n, k=-1, dtype=bool)) + masked(0.5 * x, np.eye(n, dtype=bool))


def diagonal(x: Array) -> Array:
    """The diagonals of square matrices."""
    return sum_p(masked(x, identity_mask(x)), axes=(len(shape_of(x)) - 1,))


def trace(x: Array) -> Array:
    """The sum of the diagonal of square matrices."""
    n = len(shape_of(x))
    return sum_p(masked(x, identity_mask(x)), axes=(n - 2, n - 1))


def on_diagonal(d: Array) -> Array:
    """Square matrices with these diagonals."""
    return masked(as_rows(d), np.eye(shape_of(d)[-1], dtype=bool))


def as_rows(d: Array) -> Array:
    """Vectors as matrices of one row: ``x * as_rows(d)`` scales columns."""
    return expand(d, len(shape_of(d)) - 1)


def as_columns(d: Array) -> Array:
    """Vectors as matrices of one column: ``x * as_columns(d)`` scales rows."""
    return expand(d, len(shape_of(d)))


def columns(x: Array, start: int, stop: int) -> Array:
    """Some of the columns."""
    return slice_axis(x, len(shape_of(x)) - 1, start, stop)


def rows(x: Array, start: int, stop: int) -> Array:
    """Some of the rows."""
    return slice_axis(x, len(shape_of(x)) - 2, start, stop)


def beside(*xs: Array) -> Array:
    """Matrices side by side."""
    return concatenate(xs, len(shape_of(xs[0])) - 1)


def above(*xs: Array) -> Array:
    """Matrices one above the other."""
    return concatenate(xs, len(shape_of(xs[0])) - 2)


def identity_like(a: Array) -> Any:
    """The identity of the size and precision of the matrices in ``a``."""
    kind = type_of(a)
    return np.eye(kind.shape[-1], dtype=inexact("inv", kind))


# ---- conjugates ----------------------------------------------------------------------------------


def conjugate(x: Array) -> Array:
    """The conjugate; a real ``x`` itself."""
    return conj(x) if is_complex(x) else x


def real_part(x: Array) -> Array:
    """The real part; a real ``x`` itself."""
    return real(x) if is_complex(x) else x


def adjoint(x: Array) -> Array:
    """The conjugate transpose of the last two axes."""
    return swap_last(conjugate(x))


def hermitian(x: Array, *, upper: bool = False) -> Array:
    """The Hermitian matrix of which ``x`` holds the lower triangle, or the upper one."""
    half = lower_half(adjoint(x) if upper else x)
    return half + adjoint(half)


def pulled_hermitian(ct: Array, *, upper: bool = False) -> Array:
    """The transpose of :func:`hermitian`."""
    half = lower_half(ct + adjoint(ct))
    return adjoint(half) if upper else half


# ---- inverses that leave out what is zero to rounding --------------------------------------------


def negligible(x: Array, size: Array, axis: int, length: int) -> Array:
    """Where ``|x|`` is at most ``length * eps`` times the largest ``|size|`` along an axis."""
    eps = float(np.finfo(type_of(size).dtype).eps)
    largest = keep(max_p(absolute(size), axes=(axis,)), size, (axis,))
    return absolute(x) <= (length * eps) * largest


def inverse_or_zero(x: Array, gone: Array) -> Array:
    """``1 / x``, but 0 where ``gone``."""
    return select(gone, 0, 1 / select(gone, 1, x))


# ---- primitives ----------------------------------------------------------------------------------


def factors(
    name: str,
    value: Callable[..., Any],
    type_rule: Callable[..., tuple[ArrayType, ...]],
    push: Callable[..., tuple[Array, ...]],
    pull: Callable[..., Array],
) -> Primitive:
    """A primitive of a matrix, or of a stack of them, with several results.

    ``push(t, out, a, **params)`` gives their tangents, ``pull(cts, out, a, **params)`` the
    cotangent of ``a``; of ``cts`` those that are zero are None.
    """

    def push_all(tangents: Sequence[Array], out: Any, a: Array, **params: Any) -> Any:
        return push(tangents[0], out, a, **params)

    def pull_all(cts: Any, out: Any, wanted: Any, a: Array, **params: Any) -> list[Array]:
        return [pull(cts, out, a, **params)]

    def batch(batched: Flags, size: int, a: Array, **params: Any) -> Any:
        results = PRIMITIVES[name](a, **params)
        return results, (True,) * len(results)

    joint = Joint(push_all, pull_all)
    return primitive(name, value, type_rule, joint, batch=batch, several=True)


def stacked_value(one: Callable[..., Any], type_rule: Callable[..., Any], ranks: Sequence[int]):
    """The value of a primitive for stacks, from that of one example: a loop.

    ``ranks`` says how many axes one example of each operand has.
    """

    def value(*xs: Any, **params: Any) -> Any:
        if all(np.ndim(x) == rank for x, rank in zip(xs, ranks, strict=True)):
            return one(*xs, **params)
        out: ArrayType = type_rule(*map(type_of, xs), **params)
        leads = [np.shape(x)[: np.ndim(x) - rank] for x, rank in zip(xs, ranks, strict=True)]
        lead = np.broadcast_shapes(*leads)
        wide = [
            np.broadcast_to(x, (*lead, *np.shape(x)[np.ndim(x) - rank :]))
            for x, rank in zip(xs, ranks, strict=True)
        ]
        result = np.empty(out.shape, out.dtype)
        for i in np.ndindex(*lead):
            result[i] = one(*(x[i] for x in wide), **params)
        return result

    return value
