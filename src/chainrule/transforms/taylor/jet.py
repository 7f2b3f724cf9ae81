"""``jet``: higher derivatives along a path."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any

from chainrule.core.errors import ArgumentError
from chainrule.core.trace import Trace
from chainrule.core.tracebacks import users_frames
from chainrule.core.tree import flatten_like, unflatten
from chainrule.transforms.directions import checked, or_zeros, separated
from chainrule.transforms.recording import differentiable_leaves, record
from chainrule.transforms.sweeps import count_forward
from chainrule.transforms.taylor.series import by_number, times_number
from chainrule.transforms.taylor.walk import walk_series

HIGHEST = 170  # order whose factorial is a float


def jet(f: Callable[[Any], Any], x: Any, series: Sequence[Any]) -> tuple[Any, list[Any]]:
    """The derivatives of ``f`` along a path, up to any order: one sweep of power series.

    For the path x(t) with x(0) = ``x`` and the derivatives ``series[k - 1]`` = d^k x / dt^k at
    t = 0 (not divided by k!), the result is f(x(0)) and the derivatives d^k f(x(t)) / dt^k at
    t = 0 for the same k. On a straight line, ``series = [v, 0, 0]``, these are the derivatives in
    the direction v. The cost grows with the square of the order for most functions and with its
    third power for the others (powers, Cholesky factors); that of nested ``jvp`` triples with each
    order.

    Args:
        f: a function of one array, or of a nested container of arrays.
        x: the point.
        series: for each order from 1 a container like ``x``, with arrays of the same shapes.

    Returns:
        ``(out, [out_1, ..., out_K])``, each with the structure of ``f``'s result.

    Raises:
        ShapeError: a part of ``series`` does not fit ``x``.
        DTypeError: ``x`` is not of floating-point numbers.
        ArgumentError: more than 170 orders.
        NoRuleError: ``f`` uses what has no derivative rule.

    >>> import numpy as np, chainrule as cr
    >>> cr.jet(np.exp, 0.0, [2.0, 0.0, 0.0])  # of exp(2 t): 2, 4, 8
    (np.float64(1.0), [np.float64(2.0), np.float64(4.0), np.float64(8.0)])

    The Laplacian, as the sum of second derivatives along the axes:

    >>> def laplacian(f, x):
    ...     second = lambda v: cr.jet(f, x, [v, np.zeros_like(v)])[1][1]
    ...     return np.sum(cr.vmap(second)(np.eye(len(x))))
    >>> laplacian(lambda x: x[0] ** 3 * x[1], np.array([2.0, 5.0]))
    np.float64(60.0)

    Taylor's method for y' = f(y): each derivative of y is the last one of f(y(t)).

    >>> def derivatives(f, y, order):
    ...     series = [f(y)]
    ...     while len(series) < order:
    ...         series = [f(y), *cr.jet(f, y, series)[1]]
    ...     return series
    >>> y = 0.0  # y' = 1 + y^2 with y(0) = 0 is the tangent
    >>> step = derivatives(lambda y: 1 + y * y, y, 12)
    >>> import math
    >>> sum(d * 0.25**k / math.factorial(k) for k, d in enumerate([y, *step]))
    0.2553419...

    Source: Griewank and Walther, Evaluating Derivatives (2008), chapter 13.
    """
    with users_frames:
        if len(series) > HIGHEST:
            raise ArgumentError(f"jet: order {len(series)}: 171! is beyond the range of floats")
        leaves, structure = differentiable_leaves(x, "argument ")
        given = [
            [
                by_number(
                    checked(c, value, f"derivative of order {k}", "value"), float(math.factorial(k))
                )
                for c, value in zip(
                    flatten_like(structure, part, f"series[{k - 1}]"), leaves, strict=True
                )
            ]
            for k, part in enumerate(series, start=1)
        ]
        recording = record(
            lambda *xs: f(unflatten(structure, xs)), leaves, trace=Trace(differentiates=True)
        )
        order = len(given)
        count_forward()
        found = walk_series(
            recording, [[part[i] for part in given] for i in range(len(leaves))], order
        )
        outputs = recording.outputs
        derivatives = [
            or_zeros([times_number(c[k], float(math.factorial(k + 1))) for c in found], outputs)
            for k in range(order)
        ]
        apart = separated(
            [x for part in derivatives for x in part], [x for part in given for x in part]
        )
        parts = [apart[i : i + len(outputs)] for i in range(0, len(apart), len(outputs))]
        whole = recording.structure
        return unflatten(whole, outputs), [unflatten(whole, part) for part in parts]
