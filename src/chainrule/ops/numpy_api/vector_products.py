"""NumPy's products of stacks of vectors: cross, vecdot, matvec, vecmat, kron, vander."""

from __future__ import annotations

from typing import Any

import numpy as np

from chainrule.core.errors import ShapeError
from chainrule.core.trace import shape_of, type_of
from chainrule.ops.contraction import matmul
from chainrule.ops.define import Array, as_dtype, as_operand, axis_of, composition
from chainrule.ops.elementwise import conj, is_complex
from chainrule.ops.numpy_api.implements import implements
from chainrule.ops.numpy_api.shapes import moveaxis
from chainrule.ops.recurrences import cumprod_p
from chainrule.ops.reductions import flip
from chainrule.ops.shaping import broadcast_to, concatenate, expand, reshape


def _conjugate(x: Array) -> Array:
    return conj(x) if is_complex(x) else x


def _row(x: Array) -> Array:
    return expand(x, len(shape_of(x)) - 1)


def _column(x: Array) -> Array:
    return expand(x, len(shape_of(x)))


def _vecdot(x: Array, y: Array) -> Array:
    return matmul(_row(_conjugate(x)), _column(y))[..., 0, 0]


composition(np.vecdot, _vecdot)
composition(np.matvec, lambda x, y: matmul(x, _column(y))[..., 0])
composition(np.vecmat, lambda x, y: matmul(_row(_conjugate(x)), y)[..., 0, :])


@implements(np.linalg.vecdot)
def vecdot(x1: Array, x2: Array, /, *, axis: int = -1) -> Array:
    """``np.linalg.vecdot``: ``sum(conj(x1) * x2)`` along an axis."""
    x1, x2 = as_operand(x1), as_operand(x2)
    return _vecdot(moveaxis(x1, axis, -1), moveaxis(x2, axis, -1))


@implements(np.linalg.outer)
def outer(x1: Array, x2: Array, /) -> Array:
    """``np.linalg.outer``: all products of entries of two vectors."""
    x1, x2 = as_operand(x1), as_operand(x2)
    if len(shape_of(x1)) != 1 or len(shape_of(x2)) != 1:
        raise ShapeError(
            f"np.linalg.outer takes two vectors, not arrays of {shape_of(x1)} and {shape_of(x2)}"
        )
    return _column(x1) * x2


@implements(np.cross)
def cross(
    a: Array, b: Array, axisa: int = -1, axisb: int = -1, axisc: int = -1, axis: Any = None
) -> Array:
    """``np.cross``: of vectors of three entries; of two, the third one counts as zero.

    >>> import chainrule as cr
    >>> cr.grad(lambda a: np.cross(a, np.array([0.0, 1.0, 0.0]))[2])(np.array([1.0, 0.0, 0.0]))
    array([1., 0., 0.])
    """
    if axis is not None:
        axisa = axisb = axisc = axis
    a, b = moveaxis(as_operand(a), axisa, -1), moveaxis(as_operand(b), axisb, -1)
    sizes = shape_of(a)[-1], shape_of(b)[-1]
    if not {*sizes} <= {2, 3}:
        raise ShapeError(f"cross: vectors have {sizes[0]} and {sizes[1]} entries, must have 2 or 3")
    last = a[..., 0] * b[..., 1] - a[..., 1] * b[..., 0]
    if sizes == (2, 2):
        return last
    if sizes == (2, 3):
        first, second = a[..., 1] * b[..., 2], -(a[..., 0] * b[..., 2])
    elif sizes == (3, 2):
        first, second = -(a[..., 2] * b[..., 1]), a[..., 2] * b[..., 0]
    else:
        first = a[..., 1] * b[..., 2] - a[..., 2] * b[..., 1]
        second = a[..., 2] * b[..., 0] - a[..., 0] * b[..., 2]
    rank = len(shape_of(last))
    joined = concatenate([expand(x, rank) for x in (first, second, last)], rank)
    return moveaxis(joined, -1, axisc)


@implements(np.linalg.cross)
def linalg_cross(x1: Array, x2: Array, /, *, axis: int = -1) -> Array:
    """``np.linalg.cross``: of vectors of three entries along an axis."""
    x1, x2 = as_operand(x1), as_operand(x2)
    if shape_of(x1)[axis] != 3 or shape_of(x2)[axis] != 3:
        raise ShapeError(
            "np.linalg.cross takes vectors of three entries, not of"
            f" {shape_of(x1)[axis]} and {shape_of(x2)[axis]}"
        )
    return cross(x1, x2, axis=axis)


@implements(np.kron)
def kron(a: Array, b: Array) -> Array:
    """``np.kron``: blocks of ``b``, each times an entry of ``a``."""
    a, b = as_operand(a), as_operand(b)
    rank = max(len(shape_of(a)), len(shape_of(b)))
    sizes = [(1,) * (rank - len(shape_of(x))) + shape_of(x) for x in (a, b)]
    pairs = [*zip(*sizes, strict=True)]
    apart_a = reshape(a, shape=tuple(n for m, _ in pairs for n in (m, 1)))
    apart_b = reshape(b, shape=tuple(n for _, m in pairs for n in (1, m)))
    return reshape(apart_a * apart_b, shape=tuple(m * n for m, n in pairs))


@implements(np.vander)
def vander(x: Array, N: int | None = None, increasing: bool = False) -> Array:
    """``np.vander``: the powers of each entry in a row, the highest first unless told otherwise."""
    x = as_operand(x)
    if len(shape_of(x)) != 1:
        raise ShapeError(f"vander takes a vector, not an array of shape {shape_of(x)}")
    (rows,) = shape_of(x)
    columns = rows if N is None else N
    x = as_dtype(x, np.promote_types(type_of(x).dtype, int))
    ones = np.ones((rows, min(columns, 1)), type_of(x).dtype)
    copies = broadcast_to(expand(x, 1), shape=(rows, max(columns - 1, 0)))
    powers = concatenate([ones, cumprod_p(copies, axis=axis_of(1, 2))], 1)
    return powers if increasing else flip(powers, axes=(1,))
