"""NumPy's elementwise functions with their true derivatives, to as many digits as one likes.

One entry a function: its first and second derivatives as functions of mpmath, where they are
defined, and the points near which a formula can lose digits: singularities, zeros of a derivative,
ends of the domain. What is piecewise constant or linear with slopes of 0 and 1 is not here: there
is nothing to round.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import mpmath as mp
import numpy as np
from mpmath import mpf
from scipy import special

Truth = Callable[..., Any]
HALF_PI = np.pi / 2


@dataclass(frozen=True)
class Function:
    """A function of one or two numbers.

    ``first`` has a derivative an argument; ``second`` those by (x, x), (x, y), (y, y).
    ``low`` and ``high`` bound all arguments, ``critical`` are points to look at closely.
    ``allowed``: whether the function is smooth at such arguments.
    ``through``: what the rules compute on the way to the derivatives, the second ones included; the
    bounds hold where these are neither subnormal nor beyond the largest number.
    ``flushes``: results below the smallest normal number may be 0.
    ``size``: of the terms of a second derivative that cancels; its ulp is then that of the terms.
    """

    f: Callable[..., Any]
    first: tuple[Truth, ...]
    second: tuple[Truth, ...]
    low: float = -np.inf
    high: float = np.inf
    critical: tuple[float, ...] = (0.0, 1.0, -1.0)
    allowed: Callable[..., bool] = lambda *_: True
    through: tuple[Callable[..., Any], ...] = ()
    size: Truth | None = None
    flushes: bool = False


def one(f: Any, first: Truth, second: Truth, *near: float, **options: Any) -> Function:
    """A function of one number."""
    critical = (0.0, 1.0, -1.0, *near)
    return Function(f, (first,), (second,), critical=critical, **options)


def _sigma(x: Any) -> Any:
    return 1 / (1 + mp.exp(-x)) if x >= 0 else mp.exp(x) / (1 + mp.exp(x))


def _slope(x: Any) -> Any:
    return _sigma(x) * _sigma(-x)


def _two_to(x: Any) -> Any:
    return mp.power(2, x)


UNARY: dict[str, Function] = {
    "square": one(np.square, lambda x: 2 * x, lambda x: mpf(2)),
    "sqrt": one(np.sqrt, lambda x: 1 / (2 * mp.sqrt(x)), lambda x: -1 / (4 * x * mp.sqrt(x)),
                low=0.0),
    "cbrt": one(np.cbrt, lambda x: 1 / (3 * mp.cbrt(abs(x)) ** 2),
                lambda x: -2 / (9 * x * mp.cbrt(abs(x)) ** 2),
                through=(lambda x: np.cbrt(x) / x,),
                size=lambda x: mp.cbrt(abs(x)) / x**2),
    "reciprocal": one(np.reciprocal, lambda x: -1 / x**2, lambda x: 2 / x**3),
    "exp": one(np.exp, mp.exp, mp.exp),
    "exp2": one(np.exp2, lambda x: mp.log(2) * _two_to(x), lambda x: mp.log(2) ** 2 * _two_to(x),
                through=(np.exp2,)),
    "expm1": one(np.expm1, mp.exp, mp.exp),
    "log": one(np.log, lambda x: 1 / x, lambda x: -1 / x**2, low=0.0),
    "log2": one(np.log2, lambda x: 1 / (x * mp.log(2)), lambda x: -1 / (x**2 * mp.log(2)),
                low=0.0),
    "log10": one(np.log10, lambda x: 1 / (x * mp.log(10)), lambda x: -1 / (x**2 * mp.log(10)),
                 low=0.0),
    "log1p": one(np.log1p, lambda x: 1 / (1 + x), lambda x: -1 / (1 + x) ** 2, low=-1.0),
    "expit": one(special.expit, _slope, lambda x: -_slope(x) * mp.tanh(x / 2), 37.43,
                 flushes=True, size=_slope),
    "log_expit": one(special.log_expit, lambda x: _sigma(-x), lambda x: -_slope(x), 37.43,
                     flushes=True),
    "tanh": one(np.tanh, lambda x: mp.sech(x) ** 2,
                lambda x: -2 * mp.tanh(x) * mp.sech(x) ** 2, 20.0),
    "sin": one(np.sin, mp.cos, lambda x: -mp.sin(x), HALF_PI, 2 * HALF_PI, 101 * HALF_PI),
    "cos": one(np.cos, lambda x: -mp.sin(x), lambda x: -mp.cos(x), HALF_PI, 2 * HALF_PI,
               101 * HALF_PI),
    "tan": one(np.tan, lambda x: mp.sec(x) ** 2, lambda x: 2 * mp.tan(x) * mp.sec(x) ** 2,
               HALF_PI, 2 * HALF_PI, 101 * HALF_PI),
    "arcsin": one(np.arcsin, lambda x: 1 / mp.sqrt(1 - x**2),
                  lambda x: x / mp.sqrt(1 - x**2) ** 3, low=-1.0, high=1.0),
    "arccos": one(np.arccos, lambda x: -1 / mp.sqrt(1 - x**2),
                  lambda x: -x / mp.sqrt(1 - x**2) ** 3, low=-1.0, high=1.0),
    "arctan": one(np.arctan, lambda x: 1 / (1 + x**2), lambda x: -2 * x / (1 + x**2) ** 2),
    "sinh": one(np.sinh, mp.cosh, mp.sinh),
    "cosh": one(np.cosh, mp.sinh, mp.cosh),
    "arcsinh": one(np.arcsinh, lambda x: 1 / mp.sqrt(1 + x**2),
                   lambda x: -x / mp.sqrt(1 + x**2) ** 3),
    "arccosh": one(np.arccosh, lambda x: 1 / mp.sqrt(x**2 - 1),
                   lambda x: -x / mp.sqrt(x**2 - 1) ** 3, low=1.0),
    "arctanh": one(np.arctanh, lambda x: 1 / (1 - x**2), lambda x: 2 * x / (1 - x**2) ** 2,
                   low=-1.0, high=1.0),
    "degrees": one(np.degrees, lambda x: 180 / mp.pi, lambda x: mpf(0)),
    "radians": one(np.radians, lambda x: mp.pi / 180, lambda x: mpf(0)),
}  # fmt: skip


def _square_sum(x: Any, y: Any) -> Any:
    return x**2 + y**2


def _length(x: Any, y: Any) -> Any:
    return mp.sqrt(_square_sum(x, y))


def _log(x: Any) -> Any:
    return mp.log(x)


def _sigma_2(x: Any) -> Any:
    return 1 / (1 + _two_to(-x)) if x >= 0 else _two_to(x) / (1 + _two_to(x))


def _bend_2(x: Any, y: Any) -> Any:
    return mp.log(2) * _sigma_2(x - y) * _sigma_2(y - x)


BINARY: dict[str, Function] = {
    "mul": Function(
        np.multiply,
        (lambda x, y: y, lambda x, y: x),
        (lambda x, y: mpf(0), lambda x, y: mpf(1), lambda x, y: mpf(0)),
    ),
    "div": Function(
        np.divide,
        (lambda x, y: 1 / y, lambda x, y: -x / y**2),
        (lambda x, y: mpf(0), lambda x, y: -1 / y**2, lambda x, y: 2 * x / y**3),
    ),
    "pow": Function(
        np.power,
        (lambda x, y: y * mp.power(x, y - 1), lambda x, y: mp.power(x, y) * _log(x)),
        (
            lambda x, y: y * (y - 1) * mp.power(x, y - 2),
            lambda x, y: mp.power(x, y - 1) * (1 + y * _log(x)),
            lambda x, y: mp.power(x, y) * _log(x) ** 2,
        ),
        low=0.0,
        critical=(1.0, 2.0, 0.5),
        through=tuple(lambda x, y, n=n: np.power(x, y - n) for n in range(3)),
    ),
    "mod": Function(
        np.remainder,
        (lambda x, y: mpf(1), lambda x, y: -mp.floor(x / y)),
        (lambda x, y: mpf(0),) * 3,
        allowed=lambda x, y: x != 0,
    ),
    "fmod": Function(
        np.fmod,
        (lambda x, y: mpf(1), lambda x, y: -mp.sign(x / y) * mp.floor(abs(x / y))),
        (lambda x, y: mpf(0),) * 3,
        allowed=lambda x, y: x != 0,
    ),
    "hypot": Function(
        np.hypot,
        (lambda x, y: x / _length(x, y), lambda x, y: y / _length(x, y)),
        (
            lambda x, y: y**2 / _length(x, y) ** 3,
            lambda x, y: -x * y / _length(x, y) ** 3,
            lambda x, y: x**2 / _length(x, y) ** 3,
        ),
        through=(np.hypot,),
        size=lambda x, y: 1 / _length(x, y),
    ),
    "arctan2": Function(
        np.arctan2,
        (lambda y, x: x / _square_sum(x, y), lambda y, x: -y / _square_sum(x, y)),
        (
            lambda y, x: -2 * x * y / _square_sum(x, y) ** 2,
            lambda y, x: (y - x) * (y + x) / _square_sum(x, y) ** 2,
            lambda y, x: 2 * x * y / _square_sum(x, y) ** 2,
        ),
        through=(np.hypot,),
        size=lambda y, x: 1 / _square_sum(x, y),
    ),
    "logaddexp": Function(
        np.logaddexp,
        (lambda x, y: _sigma(x - y), lambda x, y: _sigma(y - x)),
        (
            lambda x, y: _slope(x - y),
            lambda x, y: -_slope(x - y),
            lambda x, y: _slope(x - y),
        ),
        critical=(0.0, 1.0, -1.0, 37.43, -700.3),
        flushes=True,
    ),
    "logaddexp2": Function(
        np.logaddexp2,
        (lambda x, y: _sigma_2(x - y), lambda x, y: _sigma_2(y - x)),
        (_bend_2, lambda x, y: -_bend_2(x, y), _bend_2),
        critical=(0.0, 1.0, -1.0, 37.43, -1000.3),
    ),
}

FUNCTIONS: dict[str, Function] = UNARY | BINARY
