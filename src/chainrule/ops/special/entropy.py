"""Products with logarithms that are 0 at 0: xlogy, xlog1py, entr, rel_entr, kl_div; and huber.

Outside of the domain, where SciPy gives an infinity, the derivative is 0.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from scipy import special

from chainrule.ops.define import Array, as_dtype, composition
from chainrule.ops.elementwise import absolute, div, is_complex, isfinite, maximum, minimum, select
from chainrule.ops.exponentials import log, log1p
from chainrule.ops.special.construct import from_scipy

_DOUBLE = np.dtype(np.float64)


def _product(logarithm: Callable[[Array], Array], pole: float, inside: float) -> Any:
    def product(x: Array, y: Array) -> Array:
        if is_complex(x) or is_complex(y):
            nothing = x == 0
            return select(nothing, 0, x * logarithm(select(nothing, inside, y)))
        # 0 whatever y is, but for NaN; where the logarithm is finite, x * log(y) is 0 by itself
        nothing = (x == 0) & ((y <= pole) | (y == np.inf))
        return x * logarithm(select(nothing, inside, y))

    return product


xlogy = _product(log, 0, 1)
xlog1py = _product(log1p, -1, 0)
composition(special.xlogy, xlogy)
composition(special.xlog1py, xlog1py)


def _log_ratio(x: Array, y: Array) -> Array:
    """``log(x / y)`` of positive numbers, without loss near 1 and without overflow."""
    ratio = div(x, y)
    near = absolute(ratio - 1) < 0.5
    close = log1p(select(near, div(x - y, y), 0))
    fits = isfinite(ratio) & (ratio > 1e-30)
    apart = select(fits, 0, log(select(fits, 1, x)) - log(select(fits, 1, y)))
    return select(near, close, select(fits, log(select(fits, ratio, 1)), apart))


def _inside(partial: Callable[[Array, Array], Array], at_zero: float | None) -> Any:
    """A partial for positive x and y; for x = 0 < y it is ``at_zero``, elsewhere 0."""

    def guarded(out: Array, x: Array, y: Array) -> Array:
        x, y = as_dtype(x, _DOUBLE), as_dtype(y, _DOUBLE)  # the logarithm may cancel
        inside = (x > 0) & (y > 0)
        value = partial(select(inside, x, 1), select(inside, y, 1))
        edge = select((x == 0) & (y > 0), at_zero, 0) if at_zero is not None else 0
        nan = (x != x) | (y != y)
        return select(inside, value, select(nan, np.nan, edge))

    return guarded


rel_entr = from_scipy(
    "rel_entr",
    special.rel_entr,
    _inside(lambda x, y: _log_ratio(x, y) + 1, -np.inf),
    _inside(lambda x, y: -div(x, y), None),
    unbounded=True,
)
kl_div = from_scipy(
    "kl_div",
    special.kl_div,
    _inside(_log_ratio, -np.inf),
    _inside(lambda x, y: div(y - x, y), 1.0),
    unbounded=True,
)


def _entr_partial(out: Array, x: Array) -> Array:
    value = -1 - log(select(x > 0, x, 1))
    return select(x > 0, value, select(x == 0, np.inf, select(x < 0, 0, x)))


entr = from_scipy("entr", special.entr, _entr_partial, unbounded=True)

huber_p = from_scipy(
    "huber",
    special.huber,
    lambda out, delta, r: select(delta < 0, 0, maximum(absolute(r) - delta, 0)),
    lambda out, delta, r: select(delta < 0, 0, minimum(maximum(r, -delta), delta)),
)
