"""NumPy's systems, factors, determinants, powers and products of matrices.

Rests on ``ops/linalg.py`` and ``ops/determinants.py``. Results with names are of NumPy's classes.
"""

from __future__ import annotations

import math
import operator
from collections.abc import Sequence
from functools import lru_cache
from typing import Any

import numpy as np

from chainrule.core.errors import ShapeError
from chainrule.core.trace import shape_of, type_of
from chainrule.ops import determinants, linalg, matrices
from chainrule.ops.contraction import dot, matmul, tensordot
from chainrule.ops.define import Array, as_operand, axis_of
from chainrule.ops.elementwise import copied, is_complex
from chainrule.ops.numpy_api.implements import implements
from chainrule.ops.numpy_api.shapes import matrix_transpose
from chainrule.ops.shaping import expand, reshape, transpose

_SLOGDET: Any = type(np.linalg.slogdet(np.eye(1)))


@implements(np.linalg.solve)
def solve(a: Array, b: Array) -> Array:
    """``np.linalg.solve``: x with ``a @ x = b``; only a 1-d ``b`` is a vector."""
    a, b = as_operand(a), as_operand(b)
    if len(shape_of(b)) != 1:
        return linalg.solve(a, b)
    solution = linalg.solve(a, expand(b, 1))
    return reshape(solution, shape=shape_of(solution)[:-1])


@implements(np.linalg.inv)
def inv(a: Array) -> Array:
    """``np.linalg.inv``, the solution for the identity; ``solve`` is faster and more accurate."""
    a = as_operand(a)
    return linalg.solve(a, matrices.identity_like(a))


@implements(np.linalg.cholesky)
def cholesky(a: Array, /, *, upper: bool = False) -> Array:
    """``np.linalg.cholesky``: lower L with ``L @ L.T = a``, or upper U with ``U.T @ U = a``."""
    a = as_operand(a)
    if upper:
        return matrices.adjoint(linalg.cholesky(matrices.adjoint(a)))
    return linalg.cholesky(a)


@implements(np.linalg.det)
def det(a: Array) -> Array:
    """``np.linalg.det``; its derivative is the adjugate, finite for singular matrices, too."""
    return determinants.det(as_operand(a))


@implements(np.linalg.slogdet)
def slogdet(a: Array) -> Any:
    """``np.linalg.slogdet``: the phase of a complex determinant has a derivative, a sign none."""
    a = as_operand(a)
    sign = determinants.phase_of_det if is_complex(a) else determinants.sign_of_det
    return _SLOGDET(sign(a), determinants.log_abs_det(a))


# ---- powers and products -------------------------------------------------------------------------


@implements(np.linalg.matrix_power)
def matrix_power(a: Array, n: int) -> Array:
    """``np.linalg.matrix_power`` by squaring; of the inverse for negative n."""
    a, n = as_operand(a), operator.index(n)
    matrices.require_square("matrix_power", type_of(a))
    if n == 0:
        kind = type_of(a)
        return np.broadcast_to(np.eye(kind.shape[-1], dtype=kind.dtype), kind.shape).copy()
    if n < 0:
        a, n = inv(a), -n
    if n == 1:
        return copied(a)
    if n == 3:  # the order in which NumPy multiplies
        return (a @ a) @ a
    square: Any = a
    result: Any = None
    while True:
        n, odd = divmod(n, 2)
        if odd:
            result = square if result is None else result @ square
        if n == 0:
            return result
        square = square @ square


@lru_cache(maxsize=256)
def _cheapest_cuts(sizes: tuple[int, ...]) -> dict[tuple[int, int], int]:
    """Where to cut each product of matrices i to j; matrix i has sizes[i] rows.

    Source: Cormen, Leiserson, Rivest and Stein, Introduction to Algorithms, section 15.2.
    """
    n = len(sizes) - 1
    cost = {(i, i): 0 for i in range(n)}
    cuts: dict[tuple[int, int], int] = {}
    for length in range(1, n):
        for i in range(n - length):
            j = i + length
            cost[i, j], cuts[i, j] = min(
                (cost[i, k] + cost[k + 1, j] + sizes[i] * sizes[k + 1] * sizes[j + 1], k)
                for k in range(i, j)
            )
    return cuts


@implements(np.linalg.multi_dot)
def multi_dot(arrays: Sequence[Array], *, out: Any = None) -> Array:
    """``np.linalg.multi_dot``: a product of matrices in the cheapest order."""
    parts = [as_operand(x) for x in arrays]
    if len(parts) < 2:
        raise ValueError("Expecting at least two arrays.")
    if len(parts) == 2:
        return dot(*parts)
    ranks = [len(shape_of(x)) for x in parts]
    if {*ranks[1:-1]} - {2} or {ranks[0], ranks[-1]} - {1, 2}:
        raise ShapeError(
            f"multi_dot takes matrices, and vectors as the first and the last factor; got arrays of"
            f" {ranks} axes"
        )
    rows = [1 if ranks[0] == 1 else shape_of(parts[0])[0], *(shape_of(x)[0] for x in parts[1:])]
    last = 1 if ranks[-1] == 1 else shape_of(parts[-1])[1]
    cuts = _cheapest_cuts((*rows, last))

    def product(i: int, j: int) -> Array:
        if i == j:
            return parts[i]
        k = cuts[i, j]
        return matmul(product(i, k), product(k + 1, j))

    return product(0, len(parts) - 1)


# ---- systems of tensors --------------------------------------------------------------------------


@implements(np.linalg.tensorinv)
def tensorinv(a: Array, ind: int = 2) -> Array:
    """``np.linalg.tensorinv``: the inverse for ``tensordot(..., ind)``."""
    a = as_operand(a)
    if ind <= 0:
        raise ValueError("Invalid ind argument.")
    shape = shape_of(a)
    size = math.prod(shape[ind:])
    if size**2 != type_of(a).size:
        raise ShapeError(f"tensorinv: shape {shape} is not square when cut before axis {ind}")
    inverse = inv(reshape(a, shape=(size, size)))
    return reshape(inverse, shape=(*shape[ind:], *shape[:ind]))


@implements(np.linalg.tensorsolve)
def tensorsolve(a: Array, b: Array, axes: Sequence[int] | None = None) -> Array:
    """``np.linalg.tensorsolve``: x with ``tensordot(a, x, x.ndim) = b``."""
    a, b = as_operand(a), as_operand(b)
    n = len(shape_of(a))
    if axes is not None:
        moved = [axis_of(k, n) for k in axes]
        order = (*(i for i in range(n) if i not in moved), *moved)
        a = transpose(a, order=order)
    result = shape_of(a)[len(shape_of(b)) :]
    size = math.prod(result)
    if size**2 != type_of(a).size:
        raise ShapeError(
            f"tensorsolve: {type_of(b).size} equations for {size} unknowns, from shapes"
            f" {shape_of(a)} and {shape_of(b)}"
        )
    solution = solve(reshape(a, shape=(size, size)), reshape(b, shape=(type_of(b).size,)))
    return reshape(solution, shape=result)


# ---- NumPy's second names ------------------------------------------------------------------------


implements(np.linalg.matrix_transpose)(matrix_transpose)


@implements(np.linalg.matmul)
def linalg_matmul(x1: Array, x2: Array, /) -> Array:
    """``np.linalg.matmul``."""
    return matmul(as_operand(x1), as_operand(x2))


@implements(np.linalg.tensordot)
def linalg_tensordot(x1: Array, x2: Array, /, *, axes: Any = 2) -> Array:
    """``np.linalg.tensordot``."""
    return tensordot(x1, x2, axes)
