"""Fitting a polynomial to points by least squares."""

from __future__ import annotations

import operator
from typing import Any

import numpy as np

from chainrule.core.errors import ShapeError
from chainrule.core.trace import shape_of, type_of
from chainrule.ops.define import Array, as_operand
from chainrule.ops.numpy_api.implements import implements
from chainrule.ops.numpy_api.linalg import inv
from chainrule.ops.numpy_api.orthogonal import lstsq
from chainrule.ops.numpy_api.vector_products import vander
from chainrule.ops.powers import sqrt
from chainrule.ops.reductions import sum_p
from chainrule.ops.shaping import expand, transpose


@implements(np.polyfit)
def polyfit(
    x: Array,
    y: Array,
    deg: Any,
    rcond: Any = None,
    full: bool = False,
    w: Any = None,
    cov: Any = False,
) -> Any:
    """``np.polyfit``: least squares, differentiable in points, values and weights.

    A system that is nearly singular is solved as NumPy does, without its warning.
    """
    order = operator.index(deg) + 1
    x, y = as_operand(x) + 0.0, as_operand(y) + 0.0
    if order < 1:
        raise ValueError("expected deg >= 0")
    if len(shape_of(x)) != 1 or len(shape_of(y)) not in (1, 2) or shape_of(x) != shape_of(y)[:1]:
        raise ShapeError(
            f"np.polyfit: x of shape {shape_of(x)} must be a vector, and y of shape {shape_of(y)}"
            " must have as many rows"
        )
    if rcond is None:
        rcond = shape_of(x)[0] * float(np.finfo(type_of(x).dtype).eps)
    left, right = vander(x, order), y
    if w is not None:
        weights = as_operand(w) + 0.0
        if shape_of(weights) != shape_of(x):
            raise ShapeError(f"np.polyfit: w of shape {shape_of(weights)} for x of {shape_of(x)}")
        left = left * expand(weights, 1)
        right = right * (expand(weights, 1) if len(shape_of(y)) == 2 else weights)
    scale = sqrt(sum_p(left * left, axes=(0,)))
    left = left / scale
    solution, residuals, rank, singular = lstsq(left, right, rcond)
    fitted = solution / (expand(scale, 1) if len(shape_of(y)) == 2 else scale)
    if full:
        return fitted, residuals, rank, singular, rcond
    return (fitted, _covariance(left, scale, residuals, cov, y)) if cov else fitted


def _covariance(left: Array, scale: Array, residuals: Array, cov: Any, y: Array) -> Array:
    rows, order = shape_of(left)
    base = inv(transpose(left, order=(1, 0)) @ left) / (expand(scale, 1) * scale)
    if cov == "unscaled":
        factor: Any = 1
    else:
        if rows <= order:
            raise ValueError(
                "the number of data points must exceed order to scale the covariance matrix"
            )
        factor = residuals / (rows - order)
    return base * factor if len(shape_of(y)) == 1 else expand(base, 2) * factor
