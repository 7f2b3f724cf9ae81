"""Logarithms and powers as polynomials without branches, as source text; see ``kernels.py``.

A logarithm takes the exponent off: ``x = 2^n m`` with m in [sqrt(1/2), sqrt(2)), and ``log(1 + f)``
of ``f = m - 1`` is ``f - f^2/2 + s (f^2/2 + R(s^2))`` with ``s = f / (2 + f)`` and the polynomials
R of fdlibm (Sun Microsystems, 1993). ``log1p`` adds what rounding took from ``1 + x``.

A power is ``exp(y log|x|)``. For float32 that is float64's. For float64 the logarithm is needed
to more digits than its own: y times it can be 700 and the error of an exponent is the relative
error of the result. It is a sum of two float64, from ``2 atanh(s)`` whose first two terms are
computed with the errors of their products (Dekker, "A floating-point technique for extending the
available precision", 1971).
"""

from __future__ import annotations

_LOG = """\
@njit(forceinline=True, **OPTIONS)
def log_of_{float}(n, f, low):
    \"\"\"``n log(2) + log(1 + f) + low`` for small f and smaller low.\"\"\"
    s = f / ({float}(2) + f)
    z = s * s
    p = {float}({first})
{steps}
    h = {float}(0.5) * f * f
    rest = s * (h + z * p) + (n * {float}({ln2_low}) + low)
    return n * {float}({ln2_high}) - ((h - rest) - f)


@njit(forceinline=True, **OPTIONS)
def log_{float}(x):
    tiny = x < {float}({smallest})
    m = choose(x > 0, choose(tiny, x * {float}({up}), x), {float}(1))
    k = {int}(as_{int}(m) - {int}({root_half})) >> {int}({shift})
    f = bits_{float}({int}(as_{int}(m) - {int}(k << {int}({shift})))) - {float}(1)
    n = {float}(k) - choose(tiny, {float}({lift}), {float}(0))
    value = choose(x == {float}(np.inf), x, log_of_{float}(n, f, {float}(0)))
    none = choose(x == 0, {float}(-np.inf), {float}(np.nan))
    return choose(x > 0, value, none)


@njit(forceinline=True, **OPTIONS)
def log1p_{float}(x):
    inside = (x > -1) & (x < {float}(np.inf)) & (x != 0)
    safe = choose(inside, x, {float}(1))
    m = {float}(1) + safe
    k = {int}(as_{int}(m) - {int}({root_half})) >> {int}({shift})
    f = bits_{float}({int}(as_{int}(m) - {int}(k << {int}({shift})))) - {float}(1)
    lost = choose(k > 1, {float}(1) - (m - safe), safe - (m - {float}(1))) / m
    near = k == 0
    value = log_of_{float}(
        {float}(k), choose(near, safe, f), choose(near, {float}(0), lost)
    )
    none = choose(x == -1, {float}(-np.inf), choose(x >= 0, x, {float}(np.nan)))
    return choose(inside, value, choose(x == 0, x, none))


@njit(forceinline=True, **OPTIONS)
def logaddexp_{float}(x, y):
    top = choose(x >= y, x, y)
    return choose(
        x == y, x + {float}({ln2}), top + log1p_{float}(exp_{float}(-abs(x - y)))
    )
"""

_POW = """\
@njit(forceinline=True, **OPTIONS)
def signed_power_{float}(x, y, value):
    \"\"\"``x ** y`` where ``value`` is ``abs(x) ** y``.\"\"\"
    whole = np.floor(y) == y
    half = {float}(0.5) * y
    odd = whole & (np.floor(half) != half)
    value = choose((as_{int}(x) < 0) & odd, -value, value)
    value = choose((x < 0) & (x != {float}(-np.inf)) & ~whole, {float}(np.nan), value)
    one = (x == 1) | (y == 0) | ((x == -1) & (abs(y) == {float}(np.inf)))
    return choose(one, {float}(1), value)
"""

_POW_OF_FLOAT32 = """\
@njit(forceinline=True, **OPTIONS)
def pow_float32(x, y):
    value = exp_float64(float64(y) * log_float64(float64(abs(x))))
    return signed_power_float32(x, y, float32(value))
"""

_POW_OF_FLOAT64 = """\
@njit(forceinline=True, **OPTIONS)
def pow_float64(x, y):
    size = abs(x)
    tiny = size < float64(2.2250738585072014e-308)
    regular = (size > 0) & (size < float64(np.inf))
    m = choose(regular, choose(tiny, size * float64(18014398509481984.0), size), float64(1))
    k = (as_int64(m) - int64(4604544271217802189)) >> int64(52)
    m = bits_float64(as_int64(m) - (k << int64(52)))
    n = float64(k) - choose(tiny, float64(54), float64(0))
    # s = (m - 1) / (m + 1), its square and its cube over 3, each as a sum of two
    up, down = m - float64(1), m + float64(1)
    s = up / down
    lost = m - (down - float64(1))
    s_low = fused(-s, lost, fused(-s, down, up)) / down
    z = s * s
    z_low = fused(s, s, -z) + float64(2) * s * s_low
    cube = s * z
    cube_low = fused(s, z, -cube) + (s * z_low + s_low * z)
    third = cube * float64(0.3333333333333333)
    third_low = fused(cube, float64(0.3333333333333333), -third)
    third_low = third_low + (cube_low + cube * float64(5.551115123125783e-17)) * float64(
        0.3333333333333333
    )
    p = float64({first})
{steps}
    high = s + third
    low = (s - high) + third + (third_low + s_low + cube * z * p)
    # n log(2) + 2 (high + low)
    a = n * float64(0.6931471803691238)
    b = float64(2) * high
    log = a + b
    part = log - a
    log_low = (a - (log - part)) + (b - part)
    log_low = log_low + (n * float64(1.9082149292705877e-10) + float64(2) * low)
    top = log + log_low
    log_low = (log - top) + log_low
    t = y * top
    t_low = fused(y, top, -t) + y * log_low
    bounded = min(max(t, float64(-746)), float64(710))
    e = bounded * float64(1.4426950408889634) + float64(6755399441055744.0)
    e = e - float64(6755399441055744.0)
    r = bounded - e * float64(6.93145751953125e-1) - e * float64(1.4286068203094173e-6)
    value = exp_of_float64(r + choose(abs(t) < float64(746), t_low, float64(0)), e)
    large = (size > 1) == (y > 0)
    extreme = choose(large, float64(np.inf), float64(0))
    value = choose(regular & (abs(y) < float64(np.inf)), value, extreme)
    value = choose((x == x) & (y == y), value, float64(np.nan))
    return signed_power_float64(x, y, value)
"""

FUSED = '''\
@intrinsic
def fused(context, x, y, z):
    """``x y + z``, rounded once."""

    def codegen(ctx, builder, signature, args):
        return builder.fma(*args)

    return x(x, x, x), codegen
'''


def horner(coefficients: list[float], kind: str, variable: str, name: str = "p") -> tuple[str, str]:
    """The first coefficient and the steps of a polynomial, highest power first."""
    steps = [f"    {name} = {name} * {variable} + {kind}({c!r})" for c in coefficients[1:]]
    return repr(coefficients[0]), "\n".join(steps)


def _log(kind: str, coefficients: list[float], **constants: object) -> str:
    first, steps = horner(coefficients, kind, "z")
    return _LOG.format(
        float=kind, ln2=0.6931471805599453, first=first, steps=steps, **constants
    )  # fmt: skip


def _pow_of_float64() -> str:
    first, steps = horner([1 / k for k in range(27, 4, -2)], "float64", "z")
    return _POW_OF_FLOAT64.format(first=first, steps=steps)


LOGARITHMS = [
    FUSED,
    _log("float32", [0.24279078841, 0.28498786688, 0.40000972152, 0.66666662693],
         int="int32", ln2_high=6.9313812256e-01, ln2_low=9.0580006145e-06, shift=23, lift=25,
         smallest=1.1754943508222875e-38, up=33554432.0, root_half=0x3F3504F3),
    _log("float64",
         [1.479819860511658591e-01, 1.531383769920937332e-01, 1.818357216161805012e-01,
          2.222219843214978396e-01, 2.857142874366239149e-01, 3.999999999940941908e-01,
          6.666666666666735130e-01],
         int="int64", ln2_high=6.93147180369123816490e-01, ln2_low=1.90821492927058770002e-10,
         shift=52, lift=54, smallest=2.2250738585072014e-308, up=18014398509481984.0,
         root_half=0x3FE6A09E667F3BCD),
    _POW.format(float="float32", int="int32"),
    _POW.format(float="float64", int="int64"),
    _POW_OF_FLOAT32,
    _pow_of_float64(),
]  # fmt: skip
