"""NumPy's norms and condition numbers.

A norm of exactly 0 has derivative 0, the smallest of its subgradients, of any order: neither the
quotient ``x / norm`` nor the singular vectors of nothing are followed there. Likewise an entry
that is 0 under any power, and a singular value that is exactly 0. Ties share equally.
"""

from __future__ import annotations

import operator
from collections.abc import Sequence
from typing import Any, cast

import numpy as np

from chainrule.core.errors import ShapeError
from chainrule.core.trace import shape_of, type_of
from chainrule.ops.define import Array, as_dtype, as_operand, axis_of
from chainrule.ops.determinants import log_abs_det
from chainrule.ops.elementwise import absolute, imag, is_complex, real, select
from chainrule.ops.matrices import as_columns, identity_like, real_dtype, require_square
from chainrule.ops.numpy_api.implements import axes_of, implements
from chainrule.ops.numpy_api.linalg import inv
from chainrule.ops.numpy_api.spectral import svdvals
from chainrule.ops.powers import power, sqrt, square
from chainrule.ops.reductions import any_p, keep, max_p, min_p, sum_p
from chainrule.ops.shaping import reshape, transpose

Axes = tuple[int, ...]
_OF_MATRICES = (None, "fro", "f", "nuc", 1, -1, 2, -2, np.inf, -np.inf)


def _root(total: Array, exponent: float) -> Array:
    """``total ** exponent``, of which the derivative at 0 is 0."""
    zero = total == 0
    inside = select(zero, 1, total)
    root = sqrt(inside) if exponent == 0.5 else power(inside, exponent)
    return select(zero, 0.0 if exponent > 0 else np.inf, root)


def _euclidean(x: Array, axes: Axes) -> Array:
    squares = square(real(x)) + square(imag(x)) if is_complex(x) else square(x)
    return _root(sum_p(squares, axes=axes), 0.5)


def _largest(x: Array, axes: Axes) -> Array:
    """The largest of sizes; 0 of none, as ``initial=0`` gives."""
    if any(shape_of(x)[a] == 0 for a in axes):
        return sum_p(x, axes=axes)
    return max_p(x, axes=axes)


# ---- vectors -------------------------------------------------------------------------------------


def _of_vectors(x: Array, order: Any, axes: Axes) -> Array:
    if isinstance(order, str):
        raise ValueError(f"Invalid norm order '{order}' for vectors")
    if order is None or order == 2:
        return _euclidean(x, axes)
    if order == 0:
        return sum_p(as_dtype(x != 0, real_dtype(type_of(x).dtype)), axes=axes)
    sizes = absolute(x)
    if order == np.inf:
        return _largest(sizes, axes)
    if order == -np.inf:
        return min_p(sizes, axes=axes)
    if order == 1:
        return sum_p(sizes, axes=axes)
    exponent = float(order)
    zero = sizes == 0
    powers = power(select(zero, 1, sizes), exponent)
    powers = select(zero, 0.0 if exponent > 0 else np.inf, powers)
    return _root(sum_p(powers, axes=axes), 1 / exponent)


# ---- matrices ------------------------------------------------------------------------------------


def _singular_values(x: Array, axes: Axes) -> Array:
    """Singular values on the last axis; one that is exactly 0 has derivative 0."""
    others = (i for i in range(len(shape_of(x))) if i not in axes)
    s = svdvals(transpose(x, order=(*others, *axes)))
    return select(s == 0, 0, s)


def _of_matrices(x: Array, order: Any, axes: Axes) -> Array:
    row, column = axes
    if order not in _OF_MATRICES:
        raise ValueError("Invalid norm order for matrices.")
    if order in (None, "fro", "f"):
        return _euclidean(x, tuple(sorted(axes)))
    if order in (2, -2, "nuc"):
        s = _singular_values(x, axes)
        last = (len(shape_of(s)) - 1,)
        if order == "nuc":
            return sum_p(s, axes=last)
        return _largest(s, last) if order == 2 else min_p(s, axes=last)
    first, second = (row, column) if order in (1, -1) else (column, row)
    sums = sum_p(absolute(x), axes=(first,))
    rest = (second - (second > first),)
    return _largest(sums, rest) if order > 0 else min_p(sums, axes=rest)


# ---- NumPy's names -------------------------------------------------------------------------------


def _inexact(x: Array) -> Array:
    x = as_operand(x)
    return x if type_of(x).dtype.kind in "fc" else as_dtype(x, np.dtype(np.float64))


@implements(np.linalg.norm)
def norm(x: Array, ord: Any = None, axis: Any = None, keepdims: bool = False) -> Array:
    """``np.linalg.norm``: of vectors along one axis, of matrices along two."""
    x = _inexact(x)
    n = len(shape_of(x))
    if axis is None:
        axes = tuple(range(n))
    else:
        wanted = cast("Sequence[int]", axis if type(axis) is tuple else (operator.index(axis),))
        axes = tuple(axis_of(a, n) for a in wanted)
    if axis is None and ord is None:
        found = _euclidean(x, axes)
    elif len(axes) == 1:
        found = _of_vectors(x, ord, axes)
    elif len(axes) == 2:
        if axes[0] == axes[1]:
            raise ValueError("Duplicate axes given.")
        found = _of_matrices(x, ord, axes)
    else:
        raise ShapeError("Improper number of dimensions to norm: give one axis or two.")
    return keep(found, x, axes) if keepdims else found


@implements(np.linalg.vector_norm)
def vector_norm(
    x: Array, /, *, axis: int | Sequence[int] | None = None, keepdims: bool = False, ord: Any = 2
) -> Array:
    """``np.linalg.vector_norm``: of vectors that may lie along several axes."""
    x = _inexact(x)
    n = len(shape_of(x))
    axes = axes_of(x, axis)
    if not axes and n == 0:
        x, axes = reshape(x, shape=(1,)), (0,)
        return _of_vectors(x, ord, axes)
    found = _of_vectors(x, ord, axes)
    return keep(found, x, axes) if keepdims else found


@implements(np.linalg.matrix_norm)
def matrix_norm(x: Array, /, *, keepdims: bool = False, ord: Any = "fro") -> Array:
    """``np.linalg.matrix_norm``: of the last two axes."""
    return norm(x, ord, (-2, -1), keepdims)


@implements(np.linalg.cond)
def cond(x: Array, p: Any = None) -> Array:
    """``np.linalg.cond``: by singular values, or as ``norm(x, p) * norm(inv(x), p)``."""
    x = _inexact(x)
    if 0 in shape_of(x)[-2:]:
        raise np.linalg.LinAlgError("cond is not defined on empty arrays")
    with np.errstate(all="ignore"):
        if p is None or p in (2, -2):
            s = svdvals(x)
            largest, smallest = s[..., 0], s[..., -1]
            ratio = smallest / largest if p == -2 else largest / smallest
        else:
            ratio = _sizes_of_both(x, p)
    last = len(shape_of(x)) - 1
    unknown = (ratio != ratio) & ~any_p(x != x, axes=(last - 1, last))
    return select(unknown, np.inf, ratio)


def _sizes_of_both(x: Array, p: Any) -> Array:
    """``norm(x, p) * norm(inv(x), p)``, where the inverse of a singular matrix is infinite."""
    require_square("cond", type_of(x))
    singular = log_abs_det(x) == -np.inf
    regular = select(as_columns(as_columns(singular)), identity_like(x), x)
    inverse = norm(inv(regular), p, (-2, -1))
    return norm(x, p, (-2, -1)) * select(singular, np.inf, inverse)
