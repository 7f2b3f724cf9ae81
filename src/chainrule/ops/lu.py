"""Triangular factors of a matrix whose rows are exchanged, packed as LAPACK packs them.

Derivatives: F. R. de Hoog, R. S. Anderssen and M. A. Lukas, "Differentiation of matrix functionals
using triangular factorization" (2011), section 2. The order of rows is constant.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, cast

import numpy as np

from chainrule.core.graph import ArrayType
from chainrule.core.primitive import PIECEWISE_CONSTANT, primitive
from chainrule.core.trace import shape_of
from chainrule.ops.batch import elementwise
from chainrule.ops.define import Array, match
from chainrule.ops.elementwise import as_dtype_of
from chainrule.ops.linalg import solve_triangular
from chainrule.ops.matrices import as_columns, factors, inexact, masked, require_square
from chainrule.ops.shaping import swap_last

# ---- the order of rows ---------------------------------------------------------------------------


def _order_value(pivots: Any) -> Any:
    n = pivots.shape[-1]
    order = np.empty(pivots.shape, np.intp)
    order[...] = np.arange(n)
    for lead in np.ndindex(*pivots.shape[:-1]):
        row = order[lead]
        for i, j in enumerate(pivots[lead]):
            row[i], row[j] = row[j], row[i]
    return order


row_order = primitive(
    "row_order",
    _order_value,
    lambda pivots: ArrayType(pivots.shape, np.dtype(np.intp)),
    PIECEWISE_CONSTANT,
    batch=elementwise("row_order"),
)


def permutation(pivots: Array, like: Array) -> Array:
    """The matrix P for which ``P @ a = L @ U``, from the exchanges of rows."""
    n = shape_of(pivots)[-1]
    return as_dtype_of(as_columns(row_order(pivots)) == np.arange(n), like)


# ---- factors -------------------------------------------------------------------------------------


def _lu_value(a: Any) -> Any:
    from scipy import linalg  # which takes time to import

    factor = cast("Callable[..., Any]", cast("Any", linalg).lu_factor)
    packed, pivots = (np.empty(t.shape, t.dtype) for t in _lu_type(ArrayType(a.shape, a.dtype)))
    for i in np.ndindex(*a.shape[:-2]):
        packed[i], pivots[i] = factor(a[i], check_finite=False)
    return packed, pivots


def _lu_type(a: ArrayType) -> tuple[ArrayType, ...]:
    require_square("lu_factor", a)
    return ArrayType(a.shape, inexact("lu_factor", a)), ArrayType(a.shape[:-1], np.dtype(np.intc))


def below(packed: Array) -> Array:
    """What stands below the diagonal."""
    return masked(packed, np.tri(shape_of(packed)[-1], k=-1, dtype=bool))


def upper(packed: Array) -> Array:
    """The upper triangle."""
    return masked(packed, np.tri(shape_of(packed)[-1], dtype=bool).T)


def _push_lu(t: Array, out: Any, a: Array) -> tuple[Array, ...]:
    packed, pivots = out
    moved = permutation(pivots, packed) @ t
    inner = solve_triangular(packed, moved, lower=True, unit=True)
    turned = solve_triangular(swap_last(packed), swap_last(inner), lower=True, unit=False)
    inner = swap_last(turned)
    factor = below(packed) + np.eye(shape_of(packed)[-1], dtype=bool)
    return factor @ below(inner) + upper(inner) @ upper(packed), None


def _pull_lu(cts: Any, out: Any, a: Array) -> Array:
    (packed, pivots), ct = out, cts[0]
    factor = below(packed) + np.eye(shape_of(packed)[-1], dtype=bool)
    inner = below(swap_last(factor) @ below(ct)) + upper(upper(ct) @ swap_last(upper(packed)))
    back = solve_triangular(swap_last(packed), inner, lower=False, unit=True)
    turned = solve_triangular(packed, swap_last(back), lower=False, unit=False)
    return match(swap_last(permutation(pivots, packed)) @ swap_last(turned), a)


lu = factors("lu", _lu_value, _lu_type, _push_lu, _pull_lu)
