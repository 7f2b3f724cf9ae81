"""Elementwise functions: NumPy's ufuncs and SciPy's."""

from __future__ import annotations

import numpy as np
from scipy import special

from .table import NAN, case, x, y, z

# ---- elementwise functions of one input ----------------------------------------------------------

RANGES: dict[np.ufunc, tuple[float, float]] = {
    np.negative: (-2, 2), np.positive: (-2, 2), np.square: (-2, 2), np.sqrt: (0.2, 4),
    np.cbrt: (0.2, 4), np.reciprocal: (0.3, 3), np.absolute: (0.3, 3), np.fabs: (-3, -0.2),
    np.exp: (-2, 2), np.exp2: (-2, 2), np.expm1: (-2, 2), np.log: (0.2, 4), np.log2: (0.2, 4),
    np.log10: (0.2, 4), np.log1p: (-0.7, 3), np.sin: (-3, 3), np.cos: (-3, 3), np.tan: (-1, 1),
    np.arcsin: (-0.8, 0.8), np.arccos: (-0.8, 0.8), np.arctan: (-3, 3), np.sinh: (-2, 2),
    np.cosh: (-2, 2), np.tanh: (-2, 2), np.arcsinh: (-2, 2), np.arccosh: (1.3, 4),
    np.arctanh: (-0.8, 0.8), np.degrees: (-2, 2), np.radians: (-2, 2), np.rad2deg: (-2, 2),
    np.deg2rad: (-2, 2), np.conjugate: (-2, 2), special.expit: (-3, 3), special.erf: (-2, 2),
    special.ndtr: (-2, 2), special.log_expit: (-3, 3),
}  # fmt: skip
REAL_ONLY = {
    np.cbrt, np.fabs, np.degrees, np.radians, np.rad2deg, np.deg2rad, special.expit, special.erf,
    special.ndtr, special.log_expit,
}  # fmt: skip

for _f, (_low, _high) in RANGES.items():
    case(f"{_f.__name__}", _f, x(2, 3, low=_low, high=_high))
    case(f"{_f.__name__}-python", _f, float(x(low=_low, high=_high)))
    case(f"{_f.__name__}-0d", _f, np.asarray(x(low=_low, high=_high)))
    case(f"{_f.__name__}-float32", _f, x(5, low=_low, high=_high, dtype=np.float32))
    case(f"{_f.__name__}-float16", _f, x(4, low=_low, high=_high, dtype=np.float16))
    case(f"{_f.__name__}-twice", lambda a, f=_f: f(a * 0.9) * f(a) + a,
         x(3, low=_low, high=_high))  # fmt: skip
    if _f not in REAL_ONLY:
        case(f"{_f.__name__}-complex", _f, z(2, 3))
        case(f"{_f.__name__}-complex64", _f, z(3, dtype=np.complex64))
        case(f"{_f.__name__}-python-complex", _f, complex(z()))

# ---- elementwise functions of two inputs ---------------------------------------------------------

BINARY: dict[np.ufunc, tuple[float, float]] = {
    np.add: (-2, 2), np.subtract: (-2, 2), np.multiply: (-2, 2), np.divide: (0.3, 2),
    np.power: (0.3, 2), np.float_power: (0.3, 2), np.remainder: (5.3, 5.9), np.fmod: (5.3, 5.9),
    np.copysign: (-2, 2), np.maximum: (-2, 2), np.minimum: (-2, 2), np.fmax: (-2, 2),
    np.fmin: (-2, 2), np.hypot: (-2, 2), np.arctan2: (-2, 2), np.logaddexp: (-2, 2),
    np.logaddexp2: (-2, 2),
}  # fmt: skip
COMPLEX_BINARY = (np.add, np.subtract, np.multiply, np.divide, np.power, np.float_power)

for _f, (_low, _high) in BINARY.items():
    _name, _r = _f.__name__, {"low": _low, "high": _high}
    _s = {"low": 2.1, "high": 2.6} if _f in (np.remainder, np.fmod) else _r  # away from jumps
    case(f"{_name}", _f, x(2, 3, **_r), y(2, 3, **_s))
    case(f"{_name}-broadcast", _f, x(2, 1, 3, **_r), y(4, 1, **_s))
    case(f"{_name}-size-1", _f, x(1, **_r), y(3, 1, **_s))
    case(f"{_name}-scalars", _f, x(**_r), y(**_s))
    case(f"{_name}-python", _f, float(x(**_r)), y(3, **_s))
    case(f"{_name}-python-right", _f, x(3, dtype=np.float32, **_r), float(y(**_s)))
    case(f"{_name}-mixed-dtypes", _f, x(2, 3, dtype=np.float32, **_r), y(3, **_s))
    case(f"{_name}-float16", _f, x(3, dtype=np.float16, **_r), y(3, dtype=np.float16, **_s))
    case(f"{_name}-integers-right", _f, x(3, **_r), np.array([1, 2, 3]))
    case(f"{_name}-same", lambda a, f=_f: f(a, 0.4 * a + 0.1) * f(1.5 + a, a), x(3, **_r))
    case(f"{_name}-constant-left", lambda b, f=_f: f(np.float32(5.5), b), y(3, **_s))
    case(f"{_name}-constant-right", lambda a, f=_f: f(a, y(3, **_s)), x(2, 3, **_r))  # noqa: B023
    if _f in COMPLEX_BINARY:
        case(f"{_name}-complex", _f, z(2, 3), z(3, seed=1))
        case(f"{_name}-complex-real", _f, z(2, 3), y(3, **_s))
        case(f"{_name}-real-complex", _f, x(2, 3, **_r), z(1, 3, seed=1))

for _f in (np.maximum, np.minimum, np.fmax, np.fmin):
    _ties = np.array([1.0, 2.0, 3.0]), np.array([1.0, 5.0, 3.0])
    case(f"{_f.__name__}-ties", _f, *_ties, smooth=False)
case("fmax-nan", np.fmax, np.array([NAN, 1.0, 2.0]), np.array([1.0, NAN, 3.0]), smooth=False)
case("power-int-2", lambda a: a**2, x(4))
case("power-int-minus-3", lambda a: a**-3, x(4, low=0.4))
case("power-int-0", lambda a: a**0 + a, x(4))
case("power-int-python", lambda a: a**3, 1.7)
case("power-negative-base", lambda a: a**3, x(4, low=-3, high=-1))
case("power-numpy-exponent", lambda a: a ** np.array([0, 1, 2, 3]), x(4, low=-3, high=-1))
case("power-half", lambda a: a**0.5, x(4, low=0.4))
case("power-reflected", lambda a: 2.0**a, x(4))
case("power-at-zero", lambda a: a**2 + a**1 + a**0, np.array([0.0, 1.0]))
case("hypot-origin", np.hypot, np.zeros(2), np.zeros(2), smooth=False)
case("absolute-0", np.abs, np.array([0.0, -1.0, 2.0]), smooth=False)
case("modf", np.modf, np.array([1.3, -2.6, 0.4]))
case("divmod", np.divmod, np.array([5.3, -2.6]), np.array([1.1, 0.7]))
case("ldexp", lambda a: np.ldexp(a, np.array([1, -2, 3])), x(3))
case("operators", lambda a, b: (-a + b * a - b / a) % 3.0 + abs(a) + (+b), x(3, low=0.5), y(3))
case("operators-reflected", lambda a: 1 - a + 2 * a / 3 + 4 / (1 + a * a) + 5 % (2 + a * a), x(3))
case("operators-list", lambda a: [1.0, 2.0, 3.0] + a * [3, 4, 5], x(3))
case("operators-ndarray-left", lambda a: np.ones((2, 3)) * a - np.float64(2) / (3 + a), x(3))
case("same-value-many-times", lambda a: a * a + a * a * a - a, x(3))
case("ufunc-dtype", lambda a: np.multiply(a, 2.0, dtype=np.float64), x(3, dtype=np.float32))
case("ufunc-dtype-wider", lambda a: np.exp(a, dtype=np.float64), x(3, dtype=np.float32))
case("ufunc-outer", np.multiply.outer, x(2, 3), y(4))
case("ufunc-outer-subtract", lambda a: np.subtract.outer(a, a), x(3))
