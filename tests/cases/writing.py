"""Ways of writing besides functions: ``out=``, methods of ufuncs, arrays changed in place."""

from __future__ import annotations

from typing import Any

import numpy as np

from .table import MASK, case, x, y

PLACES = np.array([0, 1, 0, 0])


def _into(a: Any, b: Any) -> Any:
    c = a * 1.0
    np.multiply(a[0], b, out=c[1])
    np.exp(c, out=c, where=MASK)
    np.sum(c, axis=1, out=c[0, 1:])
    return c


def _at(a: Any, b: Any) -> Any:
    c = a * 1.0
    np.multiply.at(c, PLACES, b)
    np.subtract.at(c, ([0, 0, 1], [2, 2, 2]), b[1, :])
    return c


def _in_place(a: Any) -> Any:
    b = a * 1.0
    b[0].flat[1:4] = a[1, 0]
    b.shape = (3, 2)
    b[2].fill(2.0)
    return b * b


case("out", _into, x(2, 3), y(3))
case("ufunc.at", _at, x(2, 3), y(4, 3))
case("in-place", _in_place, x(2, 3))
case("hypot.reduce", lambda a: np.hypot.reduce(a, axis=(0, 1)), x(2, 3))
case("divide.reduce", lambda a: np.divide.reduce(a, axis=1, initial=2.0), x(2, 3, low=0.5))
case("subtract.accumulate", lambda a: np.subtract.accumulate(a, axis=1), x(2, 3))
case("maximum.accumulate", lambda a: np.maximum.accumulate(a, axis=1), x(2, 5))
case("power.accumulate", lambda a: np.power.accumulate(a), x(3, low=0.5))
case("add.reduceat", lambda a: np.add.reduceat(a, [0, 2, 1], axis=1), x(2, 3))
case("maximum.reduceat", lambda a: np.maximum.reduceat(a, [0, 2, 1], axis=1), x(2, 3))
case("multiply.outer", lambda a, b: np.multiply.outer(a, b, dtype=np.float64), x(2), y(3))
case("matmul-axes", lambda a, b: np.matmul(a, b, axes=[(1, 0), (0, 1), (1, 0)]), x(3, 2), y(3, 2))
