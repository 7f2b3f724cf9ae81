"""The one table of primitives with sample inputs, over which every property is tested.

A case is a function of plain NumPy with inputs to call it at. Together the cases reach every
primitive and every NumPy function that works on traced values; ``tests/ops/test_registry.py`` holds
that. Inputs of floating or complex dtype are differentiated; integer and Boolean ones are traced.
"""

from __future__ import annotations

import zlib
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy import special

import chainrule as cr

NAN, INF = float("nan"), float("inf")


@dataclass(frozen=True)
class Case:
    """One function with sample inputs.

    ``smooth``: differentiable at the inputs, so that finite differences may be compared with.
    ``by_types``: can be traced by the types of its inputs alone.
    ``constant``: piecewise constant, so that all derivatives are zero.
    """

    name: str
    f: Callable[..., Any]
    inputs: tuple[Any, ...]
    smooth: bool = True
    by_types: bool = True
    constant: bool = False

    @property
    def argnums(self) -> tuple[int, ...]:
        """The positions of the inputs that can be differentiated."""
        return tuple(i for i, x in enumerate(self.inputs) if np.result_type(x).kind in "fc")


CASES: list[Case] = []


def case(name: str, f: Callable[..., Any], *inputs: Any, **flags: bool) -> None:
    CASES.append(Case(name, f, inputs, **flags))


def x(*shape: int, low: float = -2.0, high: float = 2.0, dtype: Any = np.float64, seed: int = 0):
    """Numbers between ``low`` and ``high``, always the same ones, distinct and away from ties."""
    rng = np.random.default_rng(zlib.crc32(repr((shape, low, high, seed)).encode()))
    size = int(np.prod(shape))
    values = (np.arange(size) + 0.25 + 0.5 * rng.random(size)) / max(size, 1)
    rng.shuffle(values)
    return np.asarray(low + (high - low) * values).reshape(shape).astype(dtype)[()]


def y(*shape: int, **options: Any):
    return x(*shape, seed=1, **options)


def z(*shape: int, dtype: Any = np.complex128, seed: int = 0):
    return (x(*shape, seed=seed) + 1j * x(*shape, seed=seed + 2)).astype(dtype)[()]


def ints(*shape: int, below: int = 5):
    return x(*shape, low=0, high=below).astype(np.int64)


MASK = np.array([[True, False, True], [False, False, True]])

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

# ---- piecewise constant --------------------------------------------------------------------------

for _name in (
    "less", "less_equal", "greater", "greater_equal", "equal", "not_equal", "logical_and",
    "logical_or", "logical_xor", "heaviside", "floor_divide",
):  # fmt: skip
    case(_name, getattr(np, _name), x(2, 3), y(3), constant=True)
    case(f"{_name}-python", getattr(np, _name), 1.7, 0.5, constant=True)
for _name in (
    "logical_not", "isnan", "isinf", "isfinite", "signbit", "floor", "ceil", "rint", "trunc",
    "sign", "round", "around",
):  # fmt: skip
    case(_name, getattr(np, _name), x(2, 3), constant=True)
    case(f"{_name}-python", getattr(np, _name), 1.6, constant=True)
for _name in (
    "bitwise_and", "bitwise_or", "bitwise_xor", "left_shift", "right_shift", "gcd", "lcm",
):  # fmt: skip
    case(_name, getattr(np, _name), ints(2, 3), ints(3), constant=True)
case("invert", np.invert, ints(4), constant=True)
case("bitwise_count", np.bitwise_count, ints(4), constant=True)
case("integer-operators", lambda i, j: ((i & j) | (i ^ 3)) + (i << 1) - (j >> 1) + ~i // 2,
     ints(4), ints(4), constant=True)  # fmt: skip
case("comparison-operators", lambda a, b: ((a < b) | (a >= 1.0)) & ~((a == b) ^ (a != b)),
     x(4), y(4), constant=True)  # fmt: skip
case("sign-complex", np.sign, z(3))
case("round-decimals", lambda a: np.round(a, 1), x(5), constant=True)
case("stop_gradient", lambda a: a * cr.stop_gradient(a * a), x(3), smooth=False)
case("argmax", np.argmax, x(2, 3), constant=True)
case("argmax-axis", lambda a: np.argmax(a, axis=-1), x(2, 3), constant=True)
case("argmin-keepdims", lambda a: np.argmin(a, axis=0, keepdims=True), x(2, 3), constant=True)
case("argmax-none-keepdims", lambda a: np.argmax(a, keepdims=True), x(2, 3), constant=True)
case("argmin-method", lambda a: a.argmin(), x(2, 3), constant=True)
case("argsort", np.argsort, x(2, 4), constant=True)
case("argsort-axis-0", lambda a: np.argsort(a, axis=0), x(3, 2), constant=True)
case("argsort-none", lambda a: np.argsort(a, axis=None), x(3, 2), constant=True)
case("all", lambda a: np.all(a > -1.0, axis=1), x(2, 3), constant=True)
case("any", lambda a: np.any(a > 1.0), x(2, 3), constant=True)
case("any-where", lambda a: np.any(a > 1.0, axis=0, where=MASK), x(2, 3), constant=True)
case("all-keepdims", lambda a: (a > -1.0).all(axis=0, keepdims=True), x(2, 3), constant=True)
case("nonzero", lambda a: np.nonzero(a > 0), x(2, 3), constant=True, by_types=False)
case("where-one-argument", lambda a: np.where(a > 0), x(2, 3), constant=True, by_types=False)
case("shape-ndim-size", lambda a: a * np.ndim(a) + np.size(a) + np.size(a, 1) + np.shape(a)[0],
     x(2, 3))  # fmt: skip

# ---- reductions ----------------------------------------------------------------------------------

AXES: dict[str, dict[str, Any]] = {
    "": {}, "-axis-0": {"axis": 0}, "-axis-minus-1": {"axis": -1}, "-axes": {"axis": (0, -1)},
    "-keepdims": {"axis": 1, "keepdims": True}, "-all-keepdims": {"keepdims": True},
    "-no-axes": {"axis": ()},
}  # fmt: skip
for _f in (np.sum, np.prod, np.max, np.min, np.mean, np.var, np.std, np.amax, np.amin):
    for _suffix, _options in AXES.items():
        if _suffix == "-no-axes" and _f is np.std:
            continue  # the standard deviation of one number each: the root of zero
        case(f"{_f.__name__}{_suffix}", lambda a, f=_f, o=_options: f(a, **o), x(2, 3, 2))
    case(f"{_f.__name__}-method", lambda a, f=_f: getattr(a, f.__name__)(1), x(2, 3)) \
        if _f not in (np.amax, np.amin) else None  # fmt: skip
    case(f"{_f.__name__}-float32", _f, x(3, 2, dtype=np.float32))
    case(f"{_f.__name__}-float16", lambda a, f=_f: f(a, axis=0), x(3, 2, dtype=np.float16))
    case(f"{_f.__name__}-size-1", lambda a, f=_f: f(a, axis=1), x(3, 1),
         smooth=_f is not np.std) if _f is not np.std else None  # fmt: skip
for _f in (np.sum, np.prod, np.max, np.min, np.mean):
    case(f"{_f.__name__}-scalar", _f, x())
    case(f"{_f.__name__}-python", _f, 1.25)
for _f in (np.sum, np.prod, np.mean, np.var, np.std):
    case(f"{_f.__name__}-complex", lambda a, f=_f: f(a, axis=0), z(3, 2))
for _f in (np.sum, np.prod):
    case(f"{_f.__name__}-empty", _f, np.zeros((0, 3)))
    case(f"{_f.__name__}-empty-axis", lambda a, f=_f: f(a, axis=0), np.zeros((0, 3)))
    case(f"{_f.__name__}-dtype", lambda a, f=_f: f(a, dtype=np.float64), x(3, dtype=np.float32))
    case(f"{_f.__name__}-integers", lambda a, f=_f: f(a, axis=0), ints(2, 3), constant=True)
    case(f"{_f.__name__}-booleans", lambda a, f=_f: f(a, axis=0), MASK, constant=True)
    case(f"{_f.__name__}-where", lambda a, f=_f: f(a, axis=1, where=MASK), x(2, 3))
    case(f"{_f.__name__}-initial", lambda a, f=_f: f(a, axis=1, initial=2.5), x(2, 3))
for _f in (np.max, np.min):
    _start = -0.1 if _f is np.max else 0.1
    case(f"{_f.__name__}-initial", lambda a, f=_f, s=_start: f(a, axis=1, initial=s), x(2, 3))
    case(f"{_f.__name__}-where",
         lambda a, f=_f, s=_start: f(a, axis=1, initial=s, where=MASK), x(2, 3))  # fmt: skip
    case(f"{_f.__name__}-ties", _f, np.array([[1.0, 3.0, 3.0], [0.0, 3.0, 1.0]]), smooth=False)
case("prod-one-zero", lambda a: np.prod(a, axis=1), np.array([[0.0, 2.0, 3.0], [1.0, 4.0, 0.0]]))
case("prod-two-zeros", np.prod, np.array([0.0, 2.0, 0.0, 3.0]))
case("prod-three-zeros", np.prod, np.array([0.0, 2.0, 0.0, 0.0]))
case("prod-long", np.prod, x(17, low=0.5, high=1.5))
case("mean-dtype", lambda a: np.mean(a, dtype=np.float64), x(3, dtype=np.float32))
case("mean-integers", lambda a: np.mean(a, axis=0), ints(2, 3), constant=True)
case("var-ddof", lambda a: np.var(a, axis=0, ddof=1), x(3, 2))
case("std-ddof", lambda a: np.std(a, axis=1, ddof=1, keepdims=True), x(2, 3))
case("add-reduce", np.add.reduce, x(3, 2))
case("multiply-reduce", lambda a: np.multiply.reduce(a, axis=1), x(3, 2))
case("maximum-reduce", lambda a: np.maximum.reduce(a, axis=None), x(3, 2))
case("minimum-reduce", lambda a: np.minimum.reduce(a, axis=-1, keepdims=True), x(3, 2))
case("logical-reduce", lambda a: np.logical_and.reduce(a > 0) | np.logical_or.reduce(a > 1),
     x(3, 2), constant=True)  # fmt: skip
case("add-accumulate", lambda a: np.add.accumulate(a, axis=1), x(2, 3))
case("cumsum", np.cumsum, x(2, 3))
case("cumsum-axis", lambda a: np.cumsum(a, axis=-2), x(2, 3))
case("cumsum-float16", np.cumsum, x(3, dtype=np.float16))
case("cumsum-dtype", lambda a: a.cumsum(axis=0, dtype=np.float64), x(3, dtype=np.float32))
case("clip", lambda a: np.clip(a, -1.1, 1.2), x(2, 3))
case("clip-arrays", np.clip, x(2, 3), y(3) - 1, y(3) + 1)
case("clip-low", lambda a: np.clip(a, 0.1, None), x(4))
case("clip-high", lambda a: a.clip(None, 0.1), x(4))
case("clip-float32", lambda a: np.clip(a, -1.0, 1.0), x(4, dtype=np.float32))
case("clip-ties", lambda a: np.clip(a, 0.0, 1.0), np.array([-1.0, 0.0, 0.5, 1.0]), smooth=False)

# ---- choosing ------------------------------------------------------------------------------------

case("where", lambda a, b: np.where(a > 0.0, a, b), x(2, 3), y(3))
case("where-scalars", lambda a: np.where(a > 0.0, a * a, 0.0), x(2, 3))
case("where-mask", lambda a, b: np.where(MASK, a, b), x(2, 3), y(2, 1))
case("where-broadcast-mask", lambda a: np.where(MASK, a, -a), x(3))
case("where-float-condition", lambda a: np.where(np.floor(a), a, 2 * a), x(4))
case("where-float32", lambda a: np.where(a > 0, a, 0), x(3, dtype=np.float32))
case("where-mixed", lambda a, b: np.where(a > 0, a, b), x(3, dtype=np.float32), y(3))
case("where-list", lambda a: np.where([True, False, True], a, [1.0, 2.0, 3.0]), x(3))
case("where-complex", lambda a, b: np.where(MASK, a, b), z(2, 3), y(3))
case("where-log", lambda a: np.where(a > 0, np.log(np.abs(a)), 0.0), x(4))
case("real", np.real, z(2, 3))
case("imag", np.imag, z(2, 3))
case("real-of-real", np.real, x(2, 3))
case("imag-of-real", lambda a: np.imag(a) + a, x(2, 3))
case("attributes-complex", lambda a: a.real * 2 + a.imag * a.conj(), z(3))
case("angle", np.angle, z(2, 3))
case("angle-degrees", lambda a: np.angle(a, deg=True), z(3))
case("angle-real", np.angle, x(3), constant=True)
case("abs-squared", lambda a: np.abs(a) ** 2 + (a * np.conj(a)).real, z(3))
case("complex-from-real", lambda a, b: np.exp(a + 1j * b), x(3), y(3))
case("holomorphic-chain", lambda a: np.sin(a * a) / (1.5 + np.exp(a)), z(3))
case("copy", lambda a: np.copy(a) * a.copy(), x(3))
case("astype", lambda a: a.astype(np.float32), x(3), smooth=False)  # differences see its rounding
case("astype-same", lambda a: a.astype(np.float64), x(3))
case("astype-complex", lambda a: np.astype(a, np.complex128), x(3))
case("astype-int", lambda a: a.astype(np.int64), x(3), constant=True)
case("astype-bool", lambda a: a.astype(bool), x(3), constant=True)
case("full_like", lambda a: np.full_like(a, 2.5) * a, x(2, 3))
case("full_like-traced", lambda a: np.full_like(a, a[0, 0]) * a, x(2, 3))
case("full_like-shape", lambda a: np.full_like(a, 3, shape=(2, 2), dtype=np.float32), x(3),
     constant=True)  # fmt: skip
case("zeros_like", lambda a: np.zeros_like(a) + a, x(2, 3))
case("ones_like", lambda a: np.ones_like(a) * a, x(2, 3, dtype=np.float32))
case("ones_like-shape", lambda a: np.ones_like(a, shape=4) + a[0], x(3))
case("empty_like", lambda a: np.empty_like(a) * 0 + a, x(3))

# ---- shapes --------------------------------------------------------------------------------------

case("reshape", lambda a: np.reshape(a, (3, 4)), x(2, 6))
case("reshape-minus-1", lambda a: a.reshape(-1, 2), x(2, 3, 2))
case("reshape-scalar", lambda a: a.reshape(()), x(1, 1))
case("reshape-empty", lambda a: a.reshape(3, 0), np.zeros((0, 2)))
case("ravel", np.ravel, x(2, 3))
case("ravel-transposed", lambda a: a.T.ravel(), x(2, 3))
case("flatten", lambda a: a.flatten(), x(2, 3))
case("transpose", np.transpose, x(2, 3, 4))
case("transpose-axes", lambda a: np.transpose(a, (1, -1, 0)), x(2, 3, 4))
case("transpose-method", lambda a: a.transpose(2, 0, 1) + a.transpose((2, 0, 1)), x(2, 3, 4))
case("T", lambda a: a.T @ a, x(2, 3))
case("mT", lambda a: a.mT, x(2, 3, 4))
case("matrix_transpose", np.matrix_transpose, x(2, 3, 4))
case("swapaxes", lambda a: np.swapaxes(a, 0, -1), x(2, 3, 4))
case("moveaxis", lambda a: np.moveaxis(a, 0, -1), x(2, 3, 4))
case("moveaxis-several", lambda a: np.moveaxis(a, (0, 2), (-1, 0)), x(2, 3, 4))
case("rollaxis", lambda a: np.rollaxis(a, 2), x(2, 3, 4))
case("rollaxis-start", lambda a: np.rollaxis(a, 0, 2), x(2, 3, 4))
case("expand_dims", lambda a: np.expand_dims(a, (0, -1)), x(2, 3))
case("squeeze", np.squeeze, x(1, 2, 1))
case("squeeze-axis", lambda a: np.squeeze(a, axis=-1), x(1, 2, 1))
case("newaxis", lambda a: a[:, None, :] * a[None], x(2, 3))
for _f in (np.atleast_1d, np.atleast_2d, np.atleast_3d):
    case(f"{_f.__name__}-scalar", _f, x())
    case(f"{_f.__name__}-vector", _f, x(3))
    case(f"{_f.__name__}-matrix", _f, x(2, 3))
case("atleast-several", np.atleast_2d, x(3), y())
case("broadcast_to", lambda a: np.broadcast_to(a, (4, 2, 3)), x(2, 1))
case("broadcast_to-large", lambda a: np.broadcast_to(a, (90, 100)), x(100))
case("broadcast_to-scalar", lambda a: np.broadcast_to(a, (2, 3)), 1.5)
case("broadcast_arrays", np.broadcast_arrays, x(2, 1), y(3))
case("flip", np.flip, x(2, 3))
case("flip-axis", lambda a: np.flip(a, axis=-1), x(2, 3))
case("concatenate", lambda a, b: np.concatenate([a, b], axis=-1), x(2, 3), y(2, 2))
case("concatenate-none", lambda a, b: np.concatenate([a, b], axis=None), x(2, 3), y(2))
case("concatenate-kinds", lambda a: np.concatenate([a, [1.0, 2.0], np.ones(2), a]), x(3))
case("concatenate-dtypes", lambda a, b: np.concatenate([a, b]), x(3, dtype=np.float32), y(2))
case("concatenate-complex", lambda a, b: np.concatenate([a, b]), z(3), y(2))
case("concatenate-empty", lambda a, b: np.concatenate([a, b]), np.zeros(0), y(2))
case("stack", lambda a, b: np.stack([a, b], axis=1), x(2, 3), y(2, 3))
case("stack-last", lambda a, b: np.stack([a, b], axis=-1), x(3), y(3))
case("stack-scalars", lambda a: np.stack([a[0], 2.0, a[1] * a[0], np.float64(3)]), x(2))
case("stack-python", lambda a, b: np.stack([a, b, 1.0]), 1.5, 2.5)
case("hstack", lambda a, b: np.hstack([a, b]), x(2, 3), y(2, 1))
case("hstack-vectors", lambda a, b: np.hstack([a, b, 1.0]), x(3), y(2))
case("vstack", lambda a, b: np.vstack([a, b]), x(3), y(2, 3))
case("dstack", lambda a, b: np.dstack([a, b]), x(2, 3), y(2, 3))
case("column_stack", lambda a, b: np.column_stack([a, b]), x(3), y(3, 2))

# ---- indexing and writing ------------------------------------------------------------------------

INDICES: dict[str, Any] = {
    "integer": 1, "negative": -2, "slice": slice(1, 3), "step": slice(None, None, 2),
    "reversed": slice(None, None, -1), "empty-slice": slice(2, 2), "tuple": (1, 2),
    "mixed": (slice(None), 1), "ellipsis": (..., 0), "newaxis": (None, 1, ..., None),
    "all": (), "array": np.array([0, 2, 1]), "repeated": np.array([1, 1, 3, 1]),
    "negative-array": np.array([-1, 0]), "two-arrays": (np.array([0, 3]), np.array([1, 1])),
    "broadcast-arrays": (np.array([[0], [2]]), np.array([1, 3])), "list": [0, 0, 2],
    "array-slice": (slice(1, 3), np.array([0, 2, 2])), "array-integer": (2, np.array([1, 1])),
    "separated": (np.array([0, 1]), None, np.array([2, 2])), "mask": np.eye(4, dtype=bool),
    "row-mask": np.array([True, False, True, False]), "empty-list": [],
    "column-mask": (slice(None), np.array([True, False, True, False])),
    "numpy-integer": (np.int64(2), np.array(3)), "matrix-of-indices": np.array([[0, 1], [1, 1]]),
}  # fmt: skip
for _name, _index in INDICES.items():
    case(f"getitem-{_name}", lambda a, i=_index: a[i], x(4, 4))

    def _write(a: Any, v: Any, i: Any = _index) -> Any:
        b = a * 2.0
        b[i] = v
        return b * a

    _part = np.shape(np.zeros((4, 4))[_index])
    case(f"setitem-{_name}", _write, x(4, 4), y(*_part))
    case(f"setitem-scalar-{_name}", _write, x(4, 4), y())


case("take", np.take, x(2, 3), np.array([[0, 5], [2, 2]]))
case("take-axis", lambda a, i: np.take(a, i, axis=-1), x(2, 3), np.array([2, 0, 2]))
case("take-one", lambda a, i: np.take(a, i, axis=0), x(2, 3), np.array(1))
case("take-wrap", lambda a, i: np.take(a, i, mode="wrap"), x(4), np.array([-5, 7, 3]))
case("take-clip", lambda a, i: np.take(a, i, mode="clip"), x(4), np.array([-5, 7, 3]))


def _add_in_place(a: Any, b: Any) -> Any:
    c = a * 1.0
    c += b
    c *= b
    c[1:] -= a[:-1]
    c[0] /= 3.0
    return c


def _write_column(a: Any, b: Any) -> Any:
    c = np.zeros_like(a)
    c[:, 0] = b
    c[:, 1] = b * b
    return c


def _write_leading_one(a: Any, v: Any) -> Any:
    c = a * 1.0
    c[0] = v
    return c


def _write_repeated(a: Any, v: Any) -> Any:
    c = a * 1.0
    c[np.array([0, 1, 0])] = v
    return c


def _write_converted(a: Any, v: Any) -> Any:
    c = a * 1
    c[1] = v
    return c


def _write_where_negative(a: Any) -> Any:
    c = a * 1.0
    c[a < 0.0] = (a * a)[a < 0.0]
    return c


def _write_zero_where_negative(a: Any) -> Any:
    c = a * 3.0
    c[a < 0.0] = 0.5
    return c


def _write_into_integers(v: Any) -> Any:
    c = np.zeros_like(v, dtype=np.int64, shape=(3,))
    c[1] = v
    return c * 1.5


def _write_at(a: Any, v: Any, i: Any) -> Any:
    c = a * 1.0
    c[i] = v
    return c * c


case("getitem-traced-index", lambda a, i: a[i], x(5, 2), ints(3))
case("getitem-traced-indices", lambda a, i: a[i, 1:, i], x(5, 3, 5), ints(3))
case("getitem-traced-mask", lambda a: a[a > 0.0] ** 2, x(4, 4), by_types=False)
case("getitem-where", lambda a: a[np.where(a > 0.0)], x(4, 4), by_types=False)
case("getitem-argsort", lambda a: a[np.argsort(a)] * np.arange(4), x(4))
case("getitem-argmax", lambda a: a[np.argmax(a[:, 0])], x(4, 4))
case("getitem-iterate", lambda a: sum(row * i for i, row in enumerate(a)), x(3, 2))
case("getitem-float32", lambda a: a[np.array([0, 0, 1])], x(3, dtype=np.float32))
case("getitem-complex", lambda a: a[np.array([0, 0, 1])], z(3))
case("setitem-in-place", _add_in_place, x(3, 2), y(3, 2))
case("setitem-into-zeros", _write_column, x(3, 2), y(3))
case("setitem-leading-one", _write_leading_one, x(2, 3), y(1, 3))
case("setitem-last-wins", _write_repeated, x(3, 2), y(3, 2))
case("setitem-dtype", _write_converted, x(3, 2, dtype=np.float32), y(2))
case("setitem-into-integers", _write_into_integers, y(), constant=True)
case("setitem-complex", _write_converted, z(3, 2), y(2))
case("setitem-mask-array", _write_where_negative, x(4), by_types=False)
case("setitem-mask-scalar", _write_zero_where_negative, x(4))
case("setitem-traced-index", _write_at, x(5), y(2), np.array([3, 0]))

# ---- products ------------------------------------------------------------------------------------

for _left, _right in (
    ((3,), (3,)), ((3,), (3, 2)), ((2, 3), (3,)), ((2, 3), (3, 4)), ((3,), (2, 3, 4)),
    ((4, 2, 3), (3,)), ((4, 2, 3), (3, 2)), ((2, 3), (4, 3, 2)), ((4, 2, 3), (4, 3, 2)),
    ((1, 2, 3), (4, 3, 2)), ((5, 1, 2, 3), (4, 3, 2)), ((5, 4, 2, 3), (5, 1, 3, 2)),
    ((3,), (2, 4, 3, 2)), ((2, 4, 2, 3), (3,)), ((1, 1), (1, 1)), ((2, 0), (0, 3)), ((0,), (0,)),
):  # fmt: skip
    _ranks = "x".join("".join(map(str, s)) for s in (_left, _right))
    case(f"matmul-{_ranks}", np.matmul, x(*_left), y(*_right))
case("matmul-float32", np.matmul, x(2, 3, dtype=np.float32), y(3, 2, dtype=np.float32))
for _left, _right in (((3,), (3,)), ((3,), (3, 2)), ((2, 3), (3,)), ((3,), (2, 3, 2))):
    _ranks = "x".join("".join(map(str, s)) for s in (_left, _right))
    case(f"matmul-mixed-{_ranks}", np.matmul, x(*_left, dtype=np.float32), y(*_right))
    case(f"matmul-mixed-right-{_ranks}", np.matmul, x(*_left), y(*_right, dtype=np.float32))
    case(f"matmul-complex-{_ranks}", np.matmul, z(*_left), z(*_right, seed=1))
    case(f"matmul-complex-real-{_ranks}", np.matmul, z(*_left), y(*_right))
case("matmul-operator-constant", lambda a: np.arange(6.0).reshape(2, 3) @ a, x(3, 2))
case("matmul-itself", lambda a: a @ a @ a, x(3, 3))
case("matmul-integers", lambda a: a @ np.arange(6).reshape(3, 2), x(2, 3))

EINSUMS: dict[str, tuple[tuple[int, ...], ...]] = {
    "ij,jk->ik": ((2, 3), (3, 4)), "ij,jk": ((2, 3), (3, 4)), "ij,kj->": ((2, 3), (4, 3)),
    "i,j->ij": ((2,), (3,)), "ii->i": ((3, 3),), "ii": ((3, 3),), "ij->ji": ((2, 3),),
    "ij->": ((2, 3),), "ij->j": ((2, 3),), "ji": ((2, 3),), "iij->j": ((2, 2, 3),),
    "iji->j": ((2, 3, 2),), "iii->i": ((2, 2, 2),), "ii,ij->j": ((2, 2), (2, 3)),
    "bij,bjk->bik": ((4, 2, 3), (4, 3, 2)), "...ij,...jk->...ik": ((4, 2, 3), (3, 2)),
    "...ij,...jk": ((4, 2, 3), (1, 3, 2)), "i...,i...->...": ((2, 3), (2, 1)),
    "...,...": ((2, 3), (3,)), "...i->...": ((2, 3),), "ij,jk,kl->il": ((2, 3), (3, 2), (2, 4)),
    "ij,ij->ij": ((2, 3), (2, 3)), "ij,ij->": ((2, 3), (1, 3)), "a,ab,b->": ((2,), (2, 3), (3,)),
    "i->": ((3,),), ",i->i": ((), (3,)), "ij,k->k": ((2, 3), (2,)), "iB,Aj": ((2, 3), (2, 2)),
    " i j , j k -> i k ": ((2, 3), (3, 2)), "i,i,i->i": ((3,), (3,), (3,)),
}  # fmt: skip
for _subscripts, _shapes in EINSUMS.items():
    case(f"einsum({_subscripts})", lambda *xs, s=_subscripts: np.einsum(s, *xs),
         *(x(*s, seed=i) for i, s in enumerate(_shapes)))  # fmt: skip
case("einsum-same-twice", lambda a: np.einsum("ij,ij->i", a, a), x(2, 3))
case("einsum-complex", lambda a, b: np.einsum("ij,jk->ik", a, b), z(2, 3), y(3, 2))
case("einsum-mixed", lambda a, b: np.einsum("ij,j->i", a, b), x(2, 3, dtype=np.float32), y(3))
case("einsum-optimize", lambda a, b: np.einsum("ij,j->i", a, b, optimize=True), x(2, 3), y(3))
case("tensordot", np.tensordot, x(2, 3, 4), y(3, 4, 2))
case("tensordot-1", lambda a, b: np.tensordot(a, b, axes=1), x(2, 3), y(3, 4))
case("tensordot-0", lambda a, b: np.tensordot(a, b, axes=0), x(2), y(3))
case("tensordot-pairs", lambda a, b: np.tensordot(a, b, axes=([0, -1], [2, 0])),
     x(2, 3, 4), y(4, 5, 2))  # fmt: skip
case("tensordot-one-pair", lambda a, b: np.tensordot(a, b, axes=(0, 1)), x(2, 3), y(4, 2))
for _left, _right in (
    ((), (3,)), ((2, 2), ()), ((3,), (3,)), ((2, 3), (3,)), ((3,), (3, 2)), ((2, 3), (3, 2)),
    ((2, 3), (4, 3, 2)), ((3,), (4, 3, 2)), ((4, 2, 3), (3,)), ((4, 2, 3), (5, 3, 2)),
):  # fmt: skip
    _ranks = "x".join("".join(map(str, s)) for s in (_left, _right))
    case(f"dot-{_ranks}", np.dot, x(*_left), y(*_right))
case("dot-method", lambda a, b: a.dot(b), x(2, 3), y(3))
case("dot-python", np.dot, x(2, 3), 1.5)
for _left, _right in (((), (3,)), ((3,), (3,)), ((2, 3), (3,)), ((2, 3), (4, 3))):
    _ranks = "x".join("".join(map(str, s)) for s in (_left, _right))
    case(f"inner-{_ranks}", np.inner, x(*_left), y(*_right))
case("subtract_product", lambda w, s, a, b: cr.ops.update.subtract_product(w, s, a, b),
     x(2, 4), 0.3, x(2, 3), y(3, 4))  # fmt: skip
case("vdot", np.vdot, x(2, 3), y(3, 2))
case("vdot-complex", np.vdot, z(3), z(3, seed=1))
case("vdot-complex-real", np.vdot, z(3), y(3))
case("outer", np.outer, x(2, 2), y(3))
case("outer-complex", np.outer, z(2), y(3))

# ---- linear algebra ------------------------------------------------------------------------------


def regular(*shape: int, dtype: Any = np.float64, seed: int = 0):
    """Matrices far from singular: random ones with a large diagonal."""
    entries = (z if np.dtype(dtype).kind == "c" else x)(*shape, seed=seed)
    return (entries + 4 * np.eye(shape[-1])).astype(dtype)


def definite(*shape: int, dtype: Any = np.float64):
    """Symmetric (Hermitian) positive definite matrices."""
    a = regular(*shape, dtype=dtype)
    return (a @ a.conj().mT).astype(dtype)


def _log_density(a: Any, b: Any) -> Any:
    """The density of a normal distribution with covariance ``a @ a.T + 1``, up to a constant."""
    factor = cr.scipy.linalg.cholesky(a @ a.T + np.eye(3), lower=True)
    white = cr.scipy.linalg.solve_triangular(factor, b, lower=True)
    return -0.5 * np.sum(white**2) - np.sum(np.log(factor[np.arange(3), np.arange(3)]))


for _left, _right in (
    ((3, 3), (3,)), ((3, 3), (3, 2)), ((2, 3, 3), (2, 3, 2)), ((3, 3), (2, 3, 2)),
    ((2, 3, 3), (3, 1)), ((1, 1), (1, 2)), ((2, 1, 3, 3), (4, 3, 2)), ((2, 3, 3), (3,)),
):  # fmt: skip
    _ranks = "x".join("".join(map(str, s)) for s in (_left, _right))
    case(f"solve-{_ranks}", np.linalg.solve, regular(*_left), y(*_right))
    for _lower in (False, True):
        case(f"solve_triangular-{_ranks}-{'lower' if _lower else 'upper'}",
             lambda a, b, o=_lower: cr.scipy.linalg.solve_triangular(a, b, lower=o),
             regular(*_left), y(*_right))  # fmt: skip
case("solve-float32", np.linalg.solve, regular(3, 3, dtype=np.float32), y(3, dtype=np.float32))
case("solve-mixed", np.linalg.solve, regular(3, 3, dtype=np.float32), y(3, 2))
case("solve-integers", np.linalg.solve, np.array([[2, 1], [1, 3]]), y(2))
case("solve-complex", np.linalg.solve, regular(3, 3, dtype=np.complex128), z(3, 2))
case("solve-transposed", lambda a, b: np.linalg.solve(a.T, b.T), regular(3, 3), y(2, 3))
for _trans in (1, "T", 2, "C"):
    case(f"solve_triangular-trans-{_trans!r}",
         lambda a, b, o=_trans: cr.scipy.linalg.solve_triangular(a, b, o),
         regular(2, 3, 3), y(2, 3, 2))  # fmt: skip
case("solve_triangular-unit",
     lambda a, b: cr.scipy.linalg.solve_triangular(a, b, lower=True, unit_diagonal=True),
     regular(3, 3), y(3, 2))  # fmt: skip
case("solve_triangular-complex",
     lambda a, b: cr.scipy.linalg.solve_triangular(a, b, trans="C"),
     regular(3, 3, dtype=np.complex128), z(3))  # fmt: skip
case("solve_triangular-float32", cr.scipy.linalg.solve_triangular,
     regular(3, 3, dtype=np.float32), y(3, dtype=np.float32))  # fmt: skip
case("cholesky", np.linalg.cholesky, definite(3, 3))
case("cholesky-stack", np.linalg.cholesky, definite(2, 2, 3, 3))
case("cholesky-upper", lambda a: np.linalg.cholesky(a, upper=True), definite(3, 3))
case("cholesky-float32", np.linalg.cholesky, definite(3, 3, dtype=np.float32))
case("cholesky-complex", np.linalg.cholesky, definite(3, 3, dtype=np.complex128))
case("cholesky-1x1", np.linalg.cholesky, definite(1, 1))
case("cho_solve", lambda a, b: cr.scipy.linalg.cho_solve(cr.scipy.linalg.cho_factor(a), b),
     definite(3, 3), y(3, 2))  # fmt: skip
case("cho_solve-lower",
     lambda a, b: cr.scipy.linalg.cho_solve(cr.scipy.linalg.cho_factor(a, lower=True), b),
     definite(2, 3, 3), y(2, 3, 1))  # fmt: skip
case("normal-density", _log_density, x(3, 3), y(3))
case("inv", np.linalg.inv, regular(3, 3))
case("inv-stack", np.linalg.inv, regular(2, 3, 3))
case("inv-complex", np.linalg.inv, regular(2, 2, dtype=np.complex128))
case("det", np.linalg.det, regular(3, 3))
case("det-stack", np.linalg.det, regular(2, 2, 3, 3))
case("det-complex", np.linalg.det, regular(2, 2, dtype=np.complex128))
case("det-permuted", lambda a: np.linalg.det(a[::-1]), regular(3, 3))
case("slogdet", lambda a: tuple(np.linalg.slogdet(a)), regular(3, 3))
case("slogdet-stack", lambda a: np.linalg.slogdet(a[..., ::-1, :]).logabsdet, regular(2, 3, 3))
case("slogdet-float32", lambda a: np.linalg.slogdet(a)[1], regular(3, 3, dtype=np.float32))

# ---- memory layouts, larger compositions, containers ---------------------------------------------

case("layout-transposed", lambda a: np.tanh(a) @ a.T, x(3, 2).T)
case("layout-steps", lambda a: np.sum(a * a, axis=0), x(6, 4)[::2, ::-1])
case("layout-fortran", lambda a: a.reshape(-1) * 2, np.asfortranarray(x(3, 2)))
case("layout-broadcast", lambda a: a * np.arange(3.0), np.broadcast_to(x(3), (2, 3)))
case("empty", lambda a, b: np.exp(a) * b, np.zeros((0, 3)), y(3))
case("empty-sum-squares", lambda a: np.sum(np.square(a[:, :2]), axis=1), np.zeros((0, 3)))
case("tuple-result", lambda a, b: (a * b, (np.sum(a), b)), x(3), y(3))
case("dict-result", lambda a, b: {"z": a * b, "a": [np.sin(a), 1.0]}, x(3), y(3))
case("constant-result", lambda a: np.ones(3), x(3), constant=True)
case("input-result", lambda a, b: (a, a, b[0]), x(3), y(3))
case("softmax", cr.ops.special.softmax, x(2, 3))
case("log_softmax", lambda a: cr.ops.special.log_softmax(a, axis=0), x(2, 3))
case("softplus", cr.ops.special.softplus, x(2, 3))
case("relu", cr.ops.special.relu, x(2, 3))
case("huber", cr.ops.special.huber, x(2, 3))
case("xlogy", cr.ops.special.xlogy, x(3, low=0.2), y(3, low=0.3))
case("logsumexp", lambda a: np.log(np.sum(np.exp(a - np.max(a)))) + np.max(a), x(5))
case("network", lambda W, b, X: 1 / (1 + np.exp(-(np.dot(X, W.T) + b))), x(2, 3), y(2), x(4, 3))
case("norm", lambda a: np.sqrt(np.sum(a**2)), x(5))
case("rosenbrock", lambda a: np.sum(100.0 * (a[1:] - a[:-1] ** 2) ** 2 + (1 - a[:-1]) ** 2), x(5))

# ---- control flow --------------------------------------------------------------------------------

case("scan", lambda c, xs: cr.scan(lambda c, e: (np.sin(c * e), c * c), c, xs), x(3), x(4, 3))
case(
    "scan without xs",
    lambda c: cr.scan(lambda c, _: ((c[0] * np.cos(c[1]), c[0] + c[1]), c[0]), (c, c), None, 3),
    x(2),
)
case(
    "while_loop",
    lambda c: cr.while_loop(lambda c: np.sum(c * c) < 50, lambda c: c * 1.5 + np.sin(c), c),
    x(3, low=0.5),
)
case("cond", lambda c, y: cr.cond(np.sum(y) > 0, np.sin, lambda c: c * c, c) * y, x(3), x(3))

# ---- derivatives that a person states ------------------------------------------------------------


@cr.custom_derivative
def _wave(a: Any, b: Any) -> Any:
    return {"sum": np.sin(a) * b, "last": b}


@_wave.def_jvp
def _wave_rule(primals: Any, tangents: Any) -> Any:
    (a, b), (s, t) = primals, tangents
    return _wave(a, b), {"sum": np.cos(a) * b * s + np.sin(a) * t, "last": t}


_product = cr.custom_derivative(lambda a, b: (a * b, b))
_product.def_vjp(
    lambda a, b: (_product(a, b), (a, b)),
    lambda kept, ct: (ct[0] * kept[1], np.sum(ct[0] * kept[0]) + ct[1]),
)

case("custom_derivative-jvp", _wave, x(3), y(3))
case("custom_derivative-vjp", _product, x(2, 3), y())

# ---- what is computed again ----------------------------------------------------------------------

case("checkpoint", cr.checkpoint(lambda a, b: (np.tanh(a) @ b, b)), x(2, 3), y(3))
case("checkpoint-bounded", cr.checkpoint(lambda a: np.sin(np.sin(a)) * a, memory=10_000), x(4))

_names = [c.name for c in CASES]
assert len(set(_names)) == len(_names), sorted({n for n in _names if _names.count(n) > 1})
