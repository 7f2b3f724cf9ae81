"""Systems with a banded matrix, in time and memory that grow with the band and not with its square.

A band is stored by diagonals, as LAPACK's: ``ab[u + i - j, j] = a[i, j]`` with ``l`` diagonals
below and ``u`` above. The derivative of a solution is that of any system (Giles 2008, section
2.3.1): a solution with the transposed matrix, whose band is the same diagonals in other places.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, cast

import numpy as np

from chainrule.core.errors import ShapeError
from chainrule.core.graph import ArrayType
from chainrule.core.primitive import Joint, primitive
from chainrule.core.trace import shape_of, type_of
from chainrule.ops.batch import elementwise
from chainrule.ops.define import Array, broadcast_shape, match, spread
from chainrule.ops.matrices import above, as_columns, as_rows, inexact, rows, stacked_value
from chainrule.ops.reductions import sum_p
from chainrule.ops.shaping import concatenate


def _banded_type(ab: ArrayType, b: ArrayType, *, lower: int, upper: int) -> ArrayType:
    if ab.ndim < 2 or ab.shape[-2] != lower + upper + 1:
        raise ShapeError(
            f"solve_banded: {lower} diagonals below and {upper} above are {lower + upper + 1} rows,"
            f" got a band of shape {ab.shape}"
        )
    if b.ndim < 2 or b.shape[-2] != ab.shape[-1]:
        raise ShapeError(
            f"solve_banded: a band of shape {ab.shape} needs right hand sides of {ab.shape[-1]}"
            f" rows, got shape {b.shape}"
        )
    stacks = (ArrayType(t.shape[:-2], t.dtype) for t in (ab, b))
    lead = broadcast_shape("solve_banded (axes before the last two)", *stacks)
    return ArrayType((*lead, *b.shape[-2:]), inexact("solve_banded", ab, b))


def _banded_one(ab: Any, b: Any, *, lower: int, upper: int) -> Any:
    from scipy import linalg  # which takes time to import

    solve = cast("Callable[..., Any]", cast("Any", linalg).solve_banded)
    return solve((lower, upper), ab, b, check_finite=False)


def _moved(x: Array, axis: int, by: int) -> Array:
    """``x`` with entry i at place ``i + by`` along an axis; 0 comes in, what goes out is lost."""
    shape = shape_of(x)
    n = shape[axis]
    by = max(-n, min(n, by))
    if by == 0:
        return x
    zeros = np.zeros((*shape[:axis], abs(by), *shape[axis + 1 :]), type_of(x).dtype)
    index: list[Any] = [slice(None)] * len(shape)
    index[axis] = slice(0, n - by) if by > 0 else slice(-by, n)
    kept = x[tuple(index)]
    return concatenate([zeros, kept] if by > 0 else [kept, zeros], axis)


def _diagonal(ab: Array, r: int) -> Array:
    """Row r of a band, as what scales the rows of a matrix."""
    row = rows(ab, r, r + 1)
    return as_columns(sum_p(row, axes=(len(shape_of(row)) - 2,)))


def _times(ab: Array, x: Array, upper: int) -> Array:
    """The product of a banded matrix with ``x``."""
    axis = max(len(shape_of(ab)), len(shape_of(x))) - 2
    total: Any = 0
    for r in range(shape_of(ab)[-2]):
        total = total + _moved(_diagonal(ab, r) * x, axis, r - upper)
    return total


def _transposed(ab: Array, upper: int) -> Array:
    """The band of the transposed matrix."""
    axis = len(shape_of(ab)) - 1
    count = shape_of(ab)[-2]
    return above(*(_moved(rows(ab, r, r + 1), axis, r - upper) for r in reversed(range(count))))


def _push_banded(
    tangents: Sequence[Array], x: Array, ab: Array, b: Array, *, lower: int, upper: int
) -> Array:
    t, tb = tangents
    right: Any = 0 if tb is None else tb
    if t is not None:
        right = right - _times(t, x, upper)
    return spread(solve_banded(ab, right, lower=lower, upper=upper), x)


def _pull_banded(
    ct: Array, x: Array, wanted: Sequence[bool], ab: Array, b: Array, *, lower: int, upper: int
) -> list[Array]:
    back = solve_banded(_transposed(ab, upper), ct, lower=upper, upper=lower)
    of_ab: Array = None
    if wanted[0]:
        n = len(shape_of(back))
        products = [
            sum_p(_moved(back, n - 2, upper - r) * x, axes=(n - 1,))
            for r in range(lower + upper + 1)
        ]
        of_ab = match(-above(*map(as_rows, products)), ab)
    return [of_ab, match(back, b) if wanted[1] else None]


solve_banded = primitive(
    "solve_banded",
    stacked_value(_banded_one, _banded_type, (2, 2)),
    _banded_type,
    Joint(_push_banded, _pull_banded),
    batch=elementwise("solve_banded"),
)
