"""Elementwise arithmetic and functions: NumPy's ufuncs with their partial derivatives.

One line a ufunc, so that the rules can be read as a table: ``unary(name, ufunc, partial)`` with
``partial(out, x)``, ``binary(name, ufunc, partial_x, partial_y)`` with ``partial(out, x, y)``.
Partials may use the value ``out`` that the primitive computed. Formulas: Abramowitz and Stegun,
Handbook of Mathematical Functions, chapters 3 and 4; complex functions are holomorphic, so the same
formulas hold.

Conventions where the derivative does not exist: abs and sign have 0 at 0, ties of maximum and
minimum share equally, hypot has 0 at the origin; docs/special-points.md has them all. How accurate
the formulas are, over the whole range, is measured: docs/accuracy.md.
"""

from __future__ import annotations

import operator
from collections.abc import Callable
from typing import Any, cast

import numpy as np

from chainrule.core.graph import ArrayType
from chainrule.core.primitive import (
    NUMPY,
    PIECEWISE_CONSTANT,
    PRIMITIVES,
    Primitive,
    edge,
    primitive,
)
from chainrule.core.trace import TracedValue, type_of
from chainrule.ops.batch import elementwise
from chainrule.ops.define import (
    Array,
    as_dtype,
    binary,
    binary_from_edges,
    broadcast_shape,
    composition,
    discrete,
    linear,
    match,
    product_or_zero,
    spread,
    times_or_zero,
    ufunc_dtype,
    ufunc_type,
)

PYTHON_NUMBERS = frozenset({int, float, complex})

# ---- comparisons, logic, bits, rounding: no derivative follows them
# --------------------------------

for _name in (
    "less", "less_equal", "greater", "greater_equal", "equal", "not_equal", "logical_and",
    "logical_or", "logical_xor", "logical_not", "isnan", "isinf", "isfinite", "signbit",
    "bitwise_and", "bitwise_or", "bitwise_xor", "invert", "left_shift", "right_shift", "gcd", "lcm",
    "floor", "ceil", "rint", "trunc", "heaviside", "bitwise_count",
):  # fmt: skip
    discrete(_name, getattr(np, _name))
sign = discrete("sign", np.sign)  # of a complex number it is z / |z|, a composition, see below
trunc = PRIMITIVES["trunc"]
floor = PRIMITIVES["floor"]
rint = PRIMITIVES["rint"]
isfinite = PRIMITIVES["isfinite"]
isinf = PRIMITIVES["isinf"]


def of_python(ufunc: np.ufunc, x: Any, y: Any) -> Any:
    """The ufunc of Python numbers as a Python number: 1 / 0 and (-8.0) ** 0.5 as in NumPy."""
    return ufunc(x, y).item()


def _floor_divide(x: Any, y: Any) -> Any:
    if type(y) in PYTHON_NUMBERS and type(x) in PYTHON_NUMBERS:
        return of_python(np.floor_divide, x, y)
    return np.floor_divide(x, y)


def _mod(x: Any, y: Any) -> Any:
    if type(y) in PYTHON_NUMBERS and type(x) in PYTHON_NUMBERS:
        return of_python(np.remainder, x, y)
    return x % y


floor_divide = discrete("floor_divide", np.floor_divide, value=_floor_divide, keeps_weak=True)


def _to_discrete(x: Any, dtype: np.dtype[Any]) -> Any:
    return np.asarray(x).astype(dtype)[()]


def _dtype_rule(x: ArrayType, dtype: np.dtype[Any]) -> ArrayType:
    return ArrayType(x.shape, dtype)


convert_to_discrete = primitive(
    "convert_to_discrete",
    _to_discrete,
    _dtype_rule,
    PIECEWISE_CONSTANT,
    batch=elementwise("convert_to_discrete"),
)


def _convert(x: Any, dtype: np.dtype[Any]) -> Any:
    return x.astype(dtype) if type(x) is np.ndarray else dtype.type(x)


convert = linear(
    "convert",
    _convert,
    _dtype_rule,
    lambda ct, x, dtype: match(ct, x),
    batch=elementwise("convert"),
)


def as_dtype_of(x: Array, like: Array) -> Array:
    """``x`` with the dtype of ``like``."""
    return as_dtype(x, type_of(like).dtype)


def _copy(x: Any, order: Any = "C") -> Any:
    return cast("Any", x.copy(order)) if isinstance(x, np.ndarray) else x


def _stopped(x: Any) -> Any:
    return _copy(x)  # users may write to the constant that they get


stop_gradient = primitive(
    "stop_gradient",
    _stopped,
    lambda x: x,
    PIECEWISE_CONSTANT,
    batch=elementwise("stop_gradient"),
)
# the order of a copy decides whether its reshapes are views; it has no part in the derivative
copied = linear(
    "copy",
    _copy,
    lambda x, order="C": x,
    lambda ct, x, order="C": ct,
    batch=elementwise("copy"),
)


def constant_like(x: Array, value: Any) -> Array:
    """A constant that belongs to the same recording as ``x``, so that traced values can fill it."""
    return (
        x.recorder.record(copied, [-1], [value], {}, value) if isinstance(x, TracedValue) else value
    )


# ---- choosing between values ---------------------------------------------------------------------


def _select_type(cond: ArrayType, x: ArrayType, y: ArrayType) -> ArrayType:
    types = (ArrayType((), t.dtype, t.weak) for t in (x, y))
    return ArrayType(broadcast_shape("where", cond, x, y), ufunc_dtype(np.maximum, *types))


def _select(cond: Any, x: Any, y: Any) -> Any:
    return cast("Any", np.where(cond, x, y))[()]


# a condition is a truth value, which no derivative reaches
_NO_MAP = edge(lambda t, out, cond, x, y: None, lambda ct, out, cond, x, y: None)

select = primitive(
    "select",
    _select,
    _select_type,
    (
        _NO_MAP,
        edge(
            push=lambda t, out, cond, x, y: spread(select(cond, t, 0), out),
            pull=lambda ct, out, cond, x, y: match(select(cond, ct, 0), x),
        ),
        edge(
            push=lambda t, out, cond, x, y: spread(select(cond, 0, t), out),
            pull=lambda ct, out, cond, x, y: match(select(cond, 0, ct), y),
        ),
    ),
    batch=elementwise("select"),
)

# ---- arithmetic ----------------------------------------------------------------------------------


def _div(x: Any, y: Any) -> Any:
    if type(y) in PYTHON_NUMBERS and type(x) in PYTHON_NUMBERS:
        return of_python(np.true_divide, x, y)
    return x / y


add = binary_from_edges(
    "add",
    np.add,
    edge(lambda t, out, x, y: spread(t, out), lambda ct, out, x, y: match(ct, x)),
    edge(lambda t, out, x, y: spread(t, out), lambda ct, out, x, y: match(ct, y)),
    value=operator.add,
    keeps_weak=True,
)
sub = binary_from_edges(
    "sub",
    np.subtract,
    edge(lambda t, out, x, y: spread(t, out), lambda ct, out, x, y: match(ct, x)),
    edge(lambda t, out, x, y: spread(-t, out), lambda ct, out, x, y: match(-ct, y)),
    value=operator.sub,
    keeps_weak=True,
)
mul = binary_from_edges(
    "mul",
    np.multiply,
    edge(
        lambda t, out, x, y: spread(times_or_zero(t, y), out),
        lambda ct, out, x, y: match(times_or_zero(ct, y), x),
    ),
    edge(
        lambda t, out, x, y: spread(times_or_zero(t, x), out),
        lambda ct, out, x, y: match(times_or_zero(ct, x), y),
    ),
    value=operator.mul,
    keeps_weak=True,
)
div: Primitive = binary(
    "div",
    np.true_divide,
    # not 1 / y: of Python numbers it would raise where NumPy gives inf
    lambda out, x, y: div(1, y),
    lambda out, x, y: -div(out, y),
    value=_div,
    unbounded=True,
    keeps_weak=True,
)
neg = linear(
    "neg",
    operator.neg,
    ufunc_type(np.negative, keeps_weak=True),
    lambda ct, x: -ct,
    batch=elementwise("neg"),
)
NUMPY[np.negative] = neg
composition(np.positive, lambda x: copied(x, order="K"))


def _mul_or_zero(t: Any, partial: Any) -> Any:
    with np.errstate(invalid="ignore"):
        return product_or_zero(t, partial)


mul_or_zero = primitive(
    "mul_or_zero",
    _mul_or_zero,
    ufunc_type(np.multiply, keeps_weak=True),
    (
        edge(
            lambda s, out, t, partial: spread(times_or_zero(s, partial), out),
            lambda ct, out, t, partial: match(times_or_zero(ct, partial), t),
        ),
        edge(
            lambda s, out, t, partial: spread(times_or_zero(t, s), out),
            lambda ct, out, t, partial: match(times_or_zero(t, ct), partial),
        ),
    ),
    batch=elementwise("mul_or_zero"),
)


mod = binary(
    "mod",
    np.remainder,
    lambda out, x, y: 1,
    lambda out, x, y: -floor_divide(x, y),
    value=_mod,
    keeps_weak=True,
)
fmod = binary(
    "fmod",
    np.fmod,
    lambda out, x, y: 1,
    # not trunc(x / y), which is one too large where the quotient is rounded up to an integer
    lambda out, x, y: -rint(div(x - out, y)),
)

# ---- size and sign -------------------------------------------------------------------------------


def is_complex(x: Array) -> bool:
    """Whether ``x`` is of a complex dtype."""
    return type_of(x).dtype.kind == "c"


conj = primitive(
    "conj",
    np.conjugate,
    ufunc_type(np.conjugate),
    (edge(lambda t, out, x: conj(t), lambda ct, out, x: conj(ct)),),
    batch=elementwise("conj"),
)


def _real_type(x: ArrayType) -> ArrayType:
    dtype = np.dtype(f"f{x.dtype.itemsize // 2}") if x.dtype.kind == "c" else x.dtype
    return ArrayType(x.shape, dtype, x.weak)


def _scalar(part: Any) -> Any:
    """An array without axes as a number; parts of Python's numbers are numbers already."""
    return cast("Any", part)[()] if isinstance(part, np.ndarray) else part


real = primitive(
    "real",
    lambda x: _scalar(np.real(x)),
    _real_type,
    (edge(lambda t, out, x: real(t), lambda ct, out, x: match(ct, x)),),
    batch=elementwise("real"),
)
imag = primitive(
    "imag",
    lambda x: _scalar(np.imag(x)),
    _real_type,
    (
        edge(
            lambda t, out, x: imag(t),
            # a real x has no imaginary part to move
            lambda ct, out, x: match(ct * -1j, x) if is_complex(x) else 0 * ct,
        ),
    ),
    batch=elementwise("imag"),
)
composition(np.conjugate, lambda x: conj(x) if is_complex(x) else copied(x, order="K"))


def _unit(part: Array, length: Array) -> Array:
    return part / select(length == 0, 1, length)


def _pull_abs(ct: Array, out: Array, x: Array) -> Array:
    return times_or_zero(ct, conj(_unit(as_dtype_of(x, x), out)) if is_complex(x) else sign(x))


def _push_abs(t: Array, out: Array, x: Array) -> Array:
    return real(_pull_abs(t, out, x)) if is_complex(x) else _pull_abs(t, out, x)


absolute = primitive(
    "abs",
    operator.abs,
    ufunc_type(np.absolute, keeps_weak=True),
    (edge(_push_abs, _pull_abs),),
    batch=elementwise("abs"),
)
NUMPY[np.absolute] = absolute
composition(np.fabs, lambda x: absolute(x * 1.0))
composition(np.sign, lambda x: _unit(x, absolute(x)) if is_complex(x) else sign(x))
copysign = binary(
    "copysign",
    np.copysign,
    lambda out, x, y: copysign(1, x) * copysign(1, y),
    lambda out, x, y: 0,
)


def _share(name: str, ufunc: np.ufunc, first: Callable[[Array, Array], Array]) -> Primitive:
    """The chosen input gets the cotangent; equal inputs half of it each."""

    def weight(out: Array, x: Array, y: Array) -> Array:
        return select(first(x, y), 1, 0.5 * as_dtype_of(x == y, out))

    return binary(name, ufunc, weight, lambda out, x, y: weight(out, y, x))


maximum = _share("maximum", np.maximum, lambda x, y: x > y)
minimum = _share("minimum", np.minimum, lambda x, y: x < y)
fmax = _share("fmax", np.fmax, lambda x, y: (x > y) | (y != y))
fmin = _share("fmin", np.fmin, lambda x, y: (x < y) | (y != y))


hypot = binary("hypot", np.hypot, lambda out, x, y: _unit(x, out), lambda out, x, y: _unit(y, out))
