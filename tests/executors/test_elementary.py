"""Elementary functions of native code: within 4 ulp of the true value, over the whole range."""

from __future__ import annotations

import functools

import mpmath
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import chainrule as cr

DTYPES = ["float32", "float64"]
UNARY = {
    "exp": np.exp,
    "exp2": np.exp2,
    "expm1": np.expm1,
    "tanh": np.tanh,
    "sinh": np.sinh,
    "cosh": np.cosh,
    "log": np.log,
    "log1p": np.log1p,
    "sin": np.sin,
    "cos": np.cos,
    "tan": np.tan,
    "arctan": np.arctan,
}
SPECIAL = [0.0, -0.0, np.inf, -np.inf, np.nan, 1.0, -1.0, 2.0, -2.0, 0.5, -0.5, 1.5, 3.0, -3.0]
needs_longdouble = pytest.mark.skipif(
    np.finfo(np.longdouble).nmant < 63, reason="the reference needs an extended precision"
)


@functools.cache
def compiled(name):
    """Compiled once for each shape and dtype."""
    return cr.compile({"power": np.power, **UNARY}[name])


def distance(found, exact, dtype):
    """How many ulp ``found`` is from values of extended precision; infinite if of another kind."""
    wanted = exact.astype(dtype)
    same = (found == wanted) | (np.isnan(found) & np.isnan(wanted))
    finite = np.isfinite(found) & np.isfinite(wanted)
    gap = np.spacing(np.where(finite, np.abs(wanted), dtype(1))).astype(np.longdouble)
    far = np.abs(np.where(finite, found, 0).astype(np.longdouble) - np.where(finite, exact, 0))
    apart = np.where(same, 0, np.where(finite, far / gap, np.inf))
    return np.where(np.signbit(found) != np.signbit(wanted), np.inf, apart)[~np.isnan(wanted)]


def samples(dtype):
    """Numbers of all exponents, near 1, near 0, near multiples of pi/2, denormal, special."""
    rng, n = np.random.default_rng(0), 40_000
    integer = np.dtype(dtype.replace("float", "int"))
    low, high = np.iinfo(integer).min, np.iinfo(integer).max
    everything = rng.integers(low, high, n, dtype=integer).view(dtype)
    scales = 10.0 ** rng.uniform(-8, 3, n)
    turns = np.round(rng.uniform(-6e5, 6e5, n)) * np.pi / 2
    denormal = rng.integers(0, 10**6, n) * float(np.finfo(dtype).smallest_subnormal)
    middle = rng.uniform(-1, 1, n) * (750 if dtype == "float64" else 105)
    parts = [rng.normal(size=n) * scales, 1 + rng.normal(size=n) * np.minimum(scales, 0.3), turns,
             denormal, middle, np.array(SPECIAL)]  # fmt: skip
    with np.errstate(over="ignore"):
        return np.concatenate([everything, *(x.astype(dtype) for x in parts)])


@needs_longdouble
@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("name", UNARY)
def test_functions_over_the_whole_range(name, dtype):
    x = samples(dtype)
    if name in ("sin", "cos", "tan"):
        x = x[~(np.abs(x) > 1e6)]  # the reference loses digits there; see the test of far angles
    with np.errstate(all="ignore"):
        exact = UNARY[name](x.astype(np.longdouble))
        found = compiled(name)(x)
        apart = distance(found, exact, np.dtype(dtype).type)
    assert np.array_equal(np.isnan(found), np.isnan(exact))
    assert np.max(apart) <= 4, x[~np.isnan(exact)][np.argmax(apart)]


@needs_longdouble
@pytest.mark.parametrize("dtype", DTYPES)
def test_powers(dtype):
    x = samples(dtype)
    rng = np.random.default_rng(1)
    y = rng.permutation(x)
    with np.errstate(all="ignore"):  # half of the results in range
        y[::2] = (rng.uniform(-1, 1, len(x)) * 700 / np.log(np.abs(x.astype("f8"))))[::2]
    y[1::4] = rng.integers(-6, 7, len(y[1::4]))
    special = np.array(SPECIAL, dtype)
    x = np.concatenate([x, special.repeat(len(special))])
    y = np.concatenate([y, np.tile(special, len(special))])
    with np.errstate(all="ignore"):
        exact = np.power(x.astype(np.longdouble), y.astype(np.longdouble))
        found = compiled("power")(x, y)
        apart = distance(found, exact, np.dtype(dtype).type)
    assert np.array_equal(np.isnan(found), np.isnan(exact))
    assert np.max(apart) <= 4


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("exponent", [0.5, 1, 1.5, 2, 3, 4, -1, -2, 0, 2.5, -3])
def test_powers_to_a_number(exponent, dtype):
    x = samples(dtype)
    with np.errstate(all="ignore"):
        exact = np.power(x.astype(np.longdouble), np.longdouble(exponent))
        found = cr.compile(lambda x: np.power(x, exponent))(x)
        if exponent == 0.5:  # NumPy takes the root of an array, also of -inf and -0.0
            exact = np.sqrt(x.astype(np.longdouble))
        assert np.array_equal(np.isnan(found), np.isnan(exact))
        assert np.max(distance(found, exact, np.dtype(dtype).type)) <= 4


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("name", ["sin", "cos", "tan"])
def test_far_angles(name, dtype):
    """One far angle is enough to send a loop to libm; the others must not suffer."""
    largest = float(np.finfo(dtype).max)
    x = np.array([1e6, 1.0000001e6, 1e9, -1e15, 1e22, largest, 0.5, np.inf, np.nan]).astype(dtype)
    with mpmath.workdps(400):
        f = getattr(mpmath, name)
        wanted = [float(f(mpmath.mpf(float(v)))) if np.isfinite(v) else np.nan for v in x]
    with np.errstate(all="ignore"):
        found = compiled(name)(x)
    np.testing.assert_array_max_ulp(found, np.array(wanted).astype(dtype), 4)


@settings(max_examples=100, deadline=None)
@given(st.data(), st.sampled_from(sorted(UNARY)), st.sampled_from([32, 64]))
def test_functions_of_any_number(data, name, width):
    dtype = np.dtype(f"float{width}").type
    numbers = st.floats(width=width, allow_nan=False, allow_infinity=False)
    x = np.array(data.draw(st.lists(numbers, min_size=8, max_size=8)), dtype)
    with np.errstate(all="ignore"):
        found = compiled(name)(x)
    for a, v in zip(found, x, strict=True):
        with mpmath.workdps(60 if name not in ("sin", "cos", "tan") else 400):
            exact = true_value(name, float(v))
        if exact is None:
            assert np.isnan(a)
        elif abs(exact) > float(np.finfo(dtype).max):
            assert np.isinf(a) or abs(a) >= np.nextafter(np.finfo(dtype).max, dtype(0))
        else:
            gap = max(
                float(np.spacing(abs(dtype(float(exact))))), 2.0 ** -(1074 if width == 64 else 149)
            )
            assert abs(mpmath.mpf(float(a)) - exact) <= 4 * mpmath.mpf(gap), (v, a, exact)


def true_value(name, v):
    """The value to many digits; None where there is none."""
    if (name == "log" and v <= 0) or (name == "log1p" and v <= -1):
        return None if v < (0 if name == "log" else -1) else -mpmath.inf
    if name in ("exp", "exp2", "expm1", "sinh", "cosh") and abs(v) > 2000:
        sign = -1 if name == "sinh" and v < 0 else 1
        return (
            sign * mpmath.inf
            if v > 0 or name in ("sinh", "cosh")
            else (mpmath.mpf(-1 if name == "expm1" else 0))
        )
    x = mpmath.mpf(v)
    functions = {"arctan": mpmath.atan, "log1p": mpmath.log1p, "exp2": lambda x: mpmath.mpf(2) ** x}
    return functions.get(name, getattr(mpmath, name, None))(x)


@pytest.mark.parametrize("dtype", DTYPES)
def test_whole_quotients_are_numpys(dtype):
    """1 // 0.1 is 9: the quotient 9.99... is rounded up to 10, the remainder is not."""
    some = samples(dtype)[:400]
    x = np.concatenate([np.arange(1, 40) * 0.5, SPECIAL, some]).astype(dtype)
    y = np.concatenate([[0.1] * 39, SPECIAL[::-1], some[::-1]]).astype(dtype)
    with np.errstate(all="ignore"):
        found = cr.compile(np.floor_divide)(x, y)
        np.testing.assert_array_equal(found, np.floor_divide(x, y))
