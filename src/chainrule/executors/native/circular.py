"""Sine, cosine, tangent and arc tangent as polynomials without branches; see ``kernels.py``.

A quarter turn is taken off as often as it fits, ``r = x - n pi/2`` with pi/2 in parts of 33 bits,
so that its products with n are exact for all ``abs(x) <= FARTHEST``; float32 does that in float64.
The polynomials and parts are those of fdlibm (Sun Microsystems, 1993). Beyond FARTHEST the results
are wrong: a loop asks first whether an angle is beyond, and takes the functions that hand such
angles to libm if one is (``far`` in ``nest.py``). The result is that of its own angle alone.
"""

from __future__ import annotations

from chainrule.executors.native.logarithms import horner

FARTHEST = 1e6
FUNCTIONS_OF_ANGLES = frozenset({"sin", "cos", "tan"})

_TURN_64 = """\
@njit(forceinline=True, **OPTIONS)
def turned_float64(x):
    \"\"\"The rest of x after quarter turns, and their number modulo 4 in the lowest bits.\"\"\"
    turns = x * float64(0.6366197723675814) + float64(6755399441055744.0)
    n = turns - float64(6755399441055744.0)
    first = x - n * float64(1.57079632673412561417)
    step = n * float64(6.07710050630396597660e-11)
    second = first - step
    lost = (first - second) - step
    r = second - (n * float64(2.02226624871116645580e-21) - lost)
    return r - n * float64(8.47842766036889956997e-32), as_int64(turns)
"""

_TURN_32 = """\
@njit(forceinline=True, **OPTIONS)
def turned_float32(x):
    \"\"\"The rest of x after quarter turns, and their number modulo 4 in the lowest bits.\"\"\"
    wide = float64(x)
    turns = wide * float64(0.6366197723675814) + float64(6755399441055744.0)
    n = turns - float64(6755399441055744.0)
    r = wide - n * float64(1.57079631090164184570) - n * float64(1.58932547735281966916e-08)
    return float32(r), as_int64(turns)
"""

_CIRCULAR = """\
@njit(forceinline=True, **OPTIONS)
def sine_of_{float}(r):
    z = r * r
    p = {float}({sine})
{sine_steps}
    return r + r * z * p


@njit(forceinline=True, **OPTIONS)
def cosine_of_{float}(r):
    z = r * r
    p = {float}({cosine})
{cosine_steps}
    h = {float}(0.5) * z
    w = {float}(1) - h
    return w + ((({float}(1) - w) - h) + z * z * p)


@njit(forceinline=True, **OPTIONS)
def sin_{float}(x):
    r, k = turned_{float}(x)
    value = choose((k & 1) == 0, sine_of_{float}(r), cosine_of_{float}(r))
    value = choose((k & 2) == 0, value, -value)
    return choose(x == 0, x, value)


@njit(forceinline=True, **OPTIONS)
def cos_{float}(x):
    r, k = turned_{float}(x)
    value = choose((k & 1) == 0, cosine_of_{float}(r), sine_of_{float}(r))
    return choose(((k + 1) & 2) == 0, value, -value)


@njit(forceinline=True, **OPTIONS)
def tan_{float}(x):
    r, k = turned_{float}(x)
    s, c = sine_of_{float}(r), cosine_of_{float}(r)
    odd = (k & 1) != 0
    return choose(x == 0, x, choose(odd, -c, s) / choose(odd, s, c))


@njit(**OPTIONS)
def far_sin_{float}(x):
    return np.sin(x) if abs(x) > {farthest} else sin_{float}(x)


@njit(**OPTIONS)
def far_cos_{float}(x):
    return np.cos(x) if abs(x) > {farthest} else cos_{float}(x)


@njit(**OPTIONS)
def far_tan_{float}(x):
    return np.tan(x) if abs(x) > {farthest} else tan_{float}(x)


@njit(forceinline=True, **OPTIONS)
def arctan_{float}(x):
    a = abs(x)
    quarter, half, wide = a >= {float}(0.4375), a >= {float}(0.6875), a >= {float}(1.1875)
    steep = a >= {float}(2.4375)
    up, down = a, {float}(1)
    up = choose(quarter, a + a - {float}(1), up)
    down = choose(quarter, a + {float}(2), down)
    up, down = choose(half, a - {float}(1), up), choose(half, a + {float}(1), down)
    up = choose(wide, a - {float}(1.5), up)
    down = choose(wide, {float}(1) + {float}(1.5) * a, down)
    up, down = choose(steep, {float}(-1), up), choose(steep, a, down)
    high = choose(quarter, {float}({high[0]}), {float}(0))
    high = choose(half, {float}({high[1]}), high)
    high = choose(wide, {float}({high[2]}), high)
    high = choose(steep, {float}({high[3]}), high)
    low = choose(quarter, {float}({low[0]}), {float}(0))
    low = choose(half, {float}({low[1]}), low)
    low = choose(wide, {float}({low[2]}), low)
    low = choose(steep, {float}({low[3]}), low)
    r = up / down
    z = r * r
    p = {float}({arc})
{arc_steps}
    value = high - ((r * z * p - low) - r)
    return choose(x > 0, value, choose(x < 0, -value, x))
"""


def _circular(
    kind: str, sine: list[float], cosine: list[float], arc: list[float], **constants: object
) -> str:
    first, steps = horner(sine, kind, "z")
    even, even_steps = horner(cosine, kind, "z")
    odd, odd_steps = horner(arc, kind, "z")
    return _CIRCULAR.format(
        float=kind, farthest=FARTHEST, sine=first, sine_steps=steps, cosine=even,
        cosine_steps=even_steps, arc=odd, arc_steps=odd_steps, **constants,
    )  # fmt: skip


CIRCULAR = [
    _TURN_32,
    _TURN_64,
    _circular(
        "float32",
        [2.7183114939898219064e-6, -1.98393348360966317347e-4, 8.3333293858894631756e-3,
         -1.66666666416265235595e-1],
        [2.43904487962774090654e-5, -1.38867637746099294692e-3, 4.16666233237390631894e-2],
        [6.1687607318e-02, -1.0648017377e-01, 1.4253635705e-01, -1.9999158382e-01,
         3.3333328366e-01],
        high=[4.6364760399e-01, 7.8539812565e-01, 9.8279368877e-01, 1.5707962513e+00],
        low=[5.0121582440e-09, 3.7748947079e-08, 3.4473217170e-08, 7.5497894159e-08],
    ),
    _circular(
        "float64",
        [1.58969099521155010221e-10, -2.50507602534068634195e-08, 2.75573137070700676789e-06,
         -1.98412698298579493134e-04, 8.33333333332248946124e-03, -1.66666666666666324348e-01],
        [-1.13596475577881948265e-11, 2.08757232129817482790e-09, -2.75573143513906633035e-07,
         2.48015872894767294178e-05, -1.38888888888741095749e-03, 4.16666666666666019037e-02],
        [1.62858201153657823623e-02, -3.65315727442169155270e-02, 4.97687799461593236017e-02,
         -5.83357013379057348645e-02, 6.66107313738753120669e-02, -7.69187620504482999495e-02,
         9.09088713343650656196e-02, -1.11111104054623557880e-01, 1.42857142725034663711e-01,
         -1.99999999998764832476e-01, 3.33333333333329318027e-01],
        high=[4.63647609000806093515e-01, 7.85398163397448278999e-01, 9.82793723247329054082e-01,
              1.57079632679489655800e+00],
        low=[2.26987774529616870924e-17, 3.06161699786838301793e-17, 1.39033110312309984516e-17,
             6.12323399573676603587e-17],
    ),
]  # fmt: skip
