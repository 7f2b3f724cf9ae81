"""The exponential and the square root of matrices, and Sylvester's equation.

Derivatives: A. H. Al-Mohy and N. J. Higham, "Computing the Frechet derivative of the matrix
exponential, with an application to condition number estimation" (2009), equation 1.1, for ``expm``:
the derivative along t is a block of the exponential of ``[[a, t], [0, a]]``, so that derivatives of
any order are exponentials again. N. J. Higham, Functions of Matrices (2008), section 6.1, for
``sqrtm``, and Giles (2008), section 2.3, for the equation.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, cast

import numpy as np

from chainrule.core.errors import DTypeError, ShapeError
from chainrule.core.graph import ArrayType
from chainrule.core.primitive import Joint, edge, primitive
from chainrule.core.trace import shape_of, type_of
from chainrule.ops.batch import elementwise
from chainrule.ops.define import Array, broadcast_shape, match, spread
from chainrule.ops.matrices import (
    above,
    beside,
    columns,
    inexact,
    require_square,
    rows,
    stacked_value,
)
from chainrule.ops.shaping import swap_last


def _scipy(name: str) -> Callable[..., Any]:
    from scipy import linalg  # which takes time to import

    return getattr(cast("Any", linalg), name)


def _square_type(name: str) -> Callable[[ArrayType], ArrayType]:
    def rule(a: ArrayType) -> ArrayType:
        require_square(name, a)
        return ArrayType(a.shape, inexact(name, a))

    return rule


# ---- exponentials --------------------------------------------------------------------------------


def _expm_value(a: Any) -> Any:
    return _scipy("expm")(a)


def _along(a: Array, t: Array) -> Array:
    """The derivative of the exponential at ``a`` along ``t``."""
    n = shape_of(a)[-1]
    zeros = np.zeros(shape_of(a), type_of(a).dtype)
    whole = expm(above(beside(a, t), beside(zeros, a)))
    return columns(rows(whole, 0, n), n, 2 * n)


expm = primitive(
    "expm",
    _expm_value,
    _square_type("expm"),
    (
        edge(
            lambda t, out, a: _along(a, t),
            lambda ct, out, a: match(_along(swap_last(a), ct), a),
        ),
    ),
    batch=elementwise("expm"),
)

# ---- Sylvester's equation ------------------------------------------------------------------------


def _sylvester_type(a: ArrayType, b: ArrayType, q: ArrayType) -> ArrayType:
    for x in (a, b):
        require_square("solve_sylvester", x)
    if q.ndim < 2 or q.shape[-2:] != (a.shape[-1], b.shape[-1]):
        raise ShapeError(
            f"solve_sylvester: with a of shape {a.shape} and b of shape {b.shape} q needs"
            f" {a.shape[-1]} rows and {b.shape[-1]} columns, got shape {q.shape}"
        )
    stacks = (ArrayType(x.shape[:-2], x.dtype) for x in (a, b, q))
    lead = broadcast_shape("solve_sylvester (axes before the last two)", *stacks)
    return ArrayType((*lead, *q.shape[-2:]), inexact("solve_sylvester", a, b, q))


def _sylvester_one(a: Any, b: Any, q: Any) -> Any:
    dtype = np.result_type(a, b, q, np.float32)  # of mixed ones SciPy calls the wrong routine
    return _scipy("solve_sylvester")(*(np.asarray(x).astype(dtype) for x in (a, b, q)))


def _push_sylvester(tangents: Sequence[Array], x: Array, a: Array, b: Array, q: Array) -> Array:
    ta, tb, tq = tangents
    right: Any = 0 if tq is None else tq
    if ta is not None:
        right = right - ta @ x
    if tb is not None:
        right = right - x @ tb
    return spread(solve_sylvester(a, b, right), x)


def _pull_sylvester(
    ct: Array, x: Array, wanted: Sequence[bool], a: Array, b: Array, q: Array
) -> list[Array]:
    back = solve_sylvester(swap_last(a), swap_last(b), ct)
    turned = swap_last(x)
    return [
        match(-(back @ turned), a) if wanted[0] else None,
        match(-(turned @ back), b) if wanted[1] else None,
        match(back, q) if wanted[2] else None,
    ]


solve_sylvester = primitive(
    "solve_sylvester",
    stacked_value(_sylvester_one, _sylvester_type, (2, 2, 2)),
    _sylvester_type,
    Joint(_push_sylvester, _pull_sylvester),
    batch=elementwise("solve_sylvester"),
)

# ---- square roots --------------------------------------------------------------------------------


def _sqrtm_one(a: Any) -> Any:
    root = _scipy("sqrtm")(a)
    if np.iscomplexobj(root) and not np.iscomplexobj(a):
        raise DTypeError(
            "sqrtm: this real matrix has a negative eigenvalue and no real square root; use"
            " sqrtm(a.astype(complex))"
        )
    return root


sqrtm = primitive(
    "sqrtm",
    stacked_value(_sqrtm_one, _square_type("sqrtm"), (2,)),
    _square_type("sqrtm"),
    (
        edge(
            lambda t, out, a: solve_sylvester(out, out, t),
            lambda ct, out, a: match(solve_sylvester(swap_last(out), swap_last(out), ct), a),
        ),
    ),
    batch=elementwise("sqrtm"),
)
