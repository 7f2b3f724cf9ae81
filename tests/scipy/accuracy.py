"""How far derivatives of special functions are from the true ones, in units in the last place.

``python -m tests.scipy.accuracy [name ...]`` prints, for each function and argument, the worst
distance of SciPy's value and of the derivative here from mpmath's at 50 digits.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import mpmath
import numpy as np
from mpmath import mp

import chainrule as cr

DIGITS = 50


def linear(low: float, high: float) -> Callable[[Any, int], Any]:
    return lambda rng, n: rng.uniform(low, high, n)


def powers(low: float, high: float) -> Callable[[Any, int], Any]:
    """Positive numbers of all sizes between."""
    return lambda rng, n: 10.0 ** rng.uniform(np.log10(low), np.log10(high), n)


def fixed(value: float) -> Callable[[Any, int], Any]:
    return lambda rng, n: np.full(n, value)


@dataclass(frozen=True)
class Row:
    """A function, its true form, where to look, which arguments, and how far it may be off.

    ``allowed``: ulp in float64. More than 4 where SciPy's functions that a derivative is made of
    are off by as much (beta, erfcx, Bessel functions near their zeros), where a derivative is near
    a zero of its own (gamma between its poles, i1e, ive), or where there is no closed form.
    """

    name: str
    true: Callable[..., Any]
    samples: Sequence[Callable[[Any, int], Any]]
    argnums: Sequence[int] = (0,)
    allowed: float = 4
    single: float = 4  # in float32
    digits: int = 2 * DIGITS  # with which differences are taken


def _normal(z: Any) -> Any:
    return mp.erfc(-z / mp.sqrt(2)) / 2


def _erfcinv(x: Any) -> Any:
    if x > 0.5:
        return mp.erfinv(1 - x)
    z = mp.sqrt(-mp.log(x))
    for _ in range(60):  # Newton on log erfc
        e = mp.erfc(z)
        step = (mp.log(e) - mp.log(x)) * e / (2 / mp.sqrt(mp.pi) * mp.exp(-z * z))
        z += step
        if abs(step) < mp.mpf(10) ** (-mp.dps + 2):
            break
    return z


ROWS = [
    Row("erf", mp.erf, [linear(-6, 6)]),
    Row("erf", mp.erf, [linear(6, 26)], digits=800),
    Row("erfc", mp.erfc, [linear(-5, 26)]),
    Row("erfcx", lambda x: mp.exp(x * x) * mp.erfc(x), [linear(-5, 5)], allowed=10),
    Row("erfcx", lambda x: mp.exp(x * x) * mp.erfc(x), [powers(0.1, 1e3)]),
    Row("erfinv", mp.erfinv, [linear(-1, 1)]),
    Row("erfinv", lambda x: _erfcinv(1 - x), [lambda r, n: 1 - 10.0 ** r.uniform(-7, 0, n)]),
    Row("erfcinv", _erfcinv, [powers(1e-30, 1.99)], allowed=6),
    Row("ndtr", _normal, [linear(-30, 8)]),
    Row("log_ndtr", lambda z: mp.log(_normal(z)), [linear(-8, 8)]),
    Row("log_ndtr", lambda z: mp.log(_normal(z)), [lambda r, n: -powers(1, 1e4)(r, n)]),
    Row("ndtri", lambda p: -mp.sqrt(2) * _erfcinv(2 * p), [powers(1e-30, 0.99)]),
    Row("gamma", mp.gamma, [linear(0.01, 30)]),
    Row("gamma", mp.gamma, [linear(-5, 0)], allowed=600),
    Row("gammaln", lambda x: mp.log(abs(mp.gamma(x))), [powers(1e-3, 1e6)]),
    Row("loggamma", mp.loggamma, [powers(1e-3, 1e6)]),
    Row("digamma", mp.digamma, [powers(1e-3, 1e6)]),
    Row("digamma", mp.digamma, [linear(-5, 0)]),
    Row("beta", mp.beta, [powers(1e-3, 50), powers(1e-3, 50)], (0, 1), allowed=250),
    Row(
        "betaln", lambda a, b: mp.log(mp.beta(a, b)), [powers(1e-3, 1e6), powers(1e-3, 1e6)], (0, 1)
    ),
    Row("zeta", mp.zeta, [fixed(3.0), powers(1e-2, 1e3)], (1,)),
    Row(
        "gammainc",
        lambda a, x: mp.gammainc(a, 0, x, regularized=True),
        [powers(1e-2, 60), powers(1e-3, 80)],
        (0, 1),
        digits=500,
        allowed=8,
    ),
    Row(
        "gammaincc",
        lambda a, x: mp.gammainc(a, x, regularized=True),
        [powers(1e-2, 60), powers(1e-3, 80)],
        (0, 1),
        digits=500,
        allowed=8,
    ),
    Row(
        "stdtr",
        lambda df, t: mp.betainc(df / 2, 0.5, 0, df / (df + t * t), regularized=True) / 2,
        [powers(0.3, 50), linear(-5, -0.1)],
        (0, 1),
        allowed=20000,
        single=8,
    ),
    Row(
        "betainc",
        lambda a, b, x: mp.betainc(a, b, 0, x, regularized=True),
        [powers(0.05, 50), powers(0.05, 50), linear(0, 1)],
        (0, 1, 2),
        allowed=25,
    ),
    Row("expit", lambda x: 1 / (1 + mp.exp(-x)), [linear(-40, 40)]),
    Row("log_expit", lambda x: -mp.log1p(mp.exp(-x)), [linear(-40, 40)]),
    Row("logit", lambda x: mp.log(x / (1 - x)), [linear(0, 1)]),
    Row("logit", lambda x: mp.log(x / (1 - x)), [powers(1e-37, 0.1)]),
    Row("xlogy", lambda x, y: x * mp.log(y), [linear(-5, 5), powers(1e-5, 1e5)], (0, 1)),
    Row("xlog1py", lambda x, y: x * mp.log1p(y), [linear(-5, 5), powers(1e-5, 1e5)], (0, 1)),
    Row("entr", lambda x: -x * mp.log(x), [powers(1e-10, 1e5)]),
    Row("rel_entr", lambda x, y: x * mp.log(x / y), [powers(1e-5, 1e5)] * 2, (0, 1)),
    Row("kl_div", lambda x, y: x * mp.log(x / y) - x + y, [powers(1e-3, 1e3)] * 2, (0, 1)),
    Row("i0", lambda x: mp.besseli(0, x), [linear(-20, 20)], allowed=8),
    Row("i1", lambda x: mp.besseli(1, x), [linear(-20, 20)], allowed=8),
    Row("i0e", lambda x: mp.exp(-abs(x)) * mp.besseli(0, x), [powers(1e-2, 1e4)], allowed=6),
    Row("i1e", lambda x: mp.exp(-abs(x)) * mp.besseli(1, x), [powers(1e-2, 1e4)], allowed=100),
    Row("iv", mp.besseli, [fixed(2.5), linear(0.1, 30)], (1,), allowed=6),
    Row(
        "ive",
        lambda v, x: mp.exp(-abs(x)) * mp.besseli(v, x),
        [fixed(2.5), linear(0.1, 30)],
        (1,),
        allowed=1000,
    ),
    Row("j0", lambda x: mp.besselj(0, x), [linear(-20, 20)], allowed=500),
    Row("j1", lambda x: mp.besselj(1, x), [linear(-20, 20)], allowed=500),
    Row("jv", mp.besselj, [fixed(3), linear(0.1, 20)], (1,), allowed=500),
    Row("y0", lambda x: mp.bessely(0, x), [linear(0.1, 20)], allowed=500),
    Row("y1", lambda x: mp.bessely(1, x), [linear(0.1, 20)], allowed=500),
    Row("yn", mp.bessely, [fixed(3), linear(0.5, 20)], (1,), allowed=500),
    Row("exp10", lambda x: mp.power(10, x), [linear(-30, 30)]),
]


def ulps(found: Any, exact: Any, dtype: Any) -> float:
    """The distance in units in the last place of the true value."""
    if exact == 0:
        return 0.0 if found == 0 else float("inf")
    if not np.isfinite(found):
        return float("inf")
    gap = np.spacing(abs(dtype(float(exact))))
    return float(abs(mp.mpf(float(found)) - exact) / mp.mpf(float(gap)))


def measured(row: Row, argnum: int, dtype: Any, n: int) -> tuple[float, float, tuple[Any, ...]]:
    """The worst ulp of SciPy's value and of the derivative, and where the latter is."""
    rng = np.random.default_rng(0)
    inputs = [np.asarray(s(rng, n)).astype(dtype) for s in row.samples]
    if row.name in ("yn", "jv", "iv", "ive"):
        inputs[0] = inputs[0] if row.name[-1] == "e" or row.name == "iv" else inputs[0].astype(int)
    f = getattr(cr.scipy.special, row.name)
    with np.errstate(all="ignore"):
        values = f(*inputs)
        slopes = cr.jvp(
            lambda x: f(*inputs[:argnum], x, *inputs[argnum + 1 :]),
            (inputs[argnum],), (np.ones(n, dtype),),
        )[1]  # fmt: skip
    worst, of_value, where = 0.0, 0.0, ()
    with mpmath.workdps(DIGITS):
        for value, slope, *at in zip(values, slopes, *inputs, strict=True):
            x = [mp.mpf(float(v)) if np.result_type(v).kind == "f" else int(v) for v in at]
            of_value = max(of_value, ulps(value, row.true(*x), dtype))
            part = lambda t, x=x: row.true(*x[:argnum], t, *x[argnum + 1 :])
            step = abs(x[argnum]) * mp.mpf(10) ** -18
            with mpmath.workdps(row.digits):
                exact = (part(x[argnum] + step) - part(x[argnum] - step)) / (2 * step)
            off = ulps(slope, exact, dtype)
            if off >= worst:
                worst, where = off, tuple(at)
    return of_value, worst, where


def rows(names: Sequence[str]) -> Iterator[tuple[Row, int]]:
    for row in ROWS:
        if not names or row.name in names:
            for argnum in row.argnums:
                yield row, argnum


if __name__ == "__main__":
    print(f"{'function':12} arg  {'float64':>9} {'(value)':>9} {'float32':>9} {'(value)':>9}  at")
    for row, argnum in rows(sys.argv[1:]):
        double = measured(row, argnum, np.float64, 60)
        single = measured(row, argnum, np.float32, 60)
        place = ", ".join(f"{float(x):.6g}" for x in double[2])
        print(
            f"{row.name:12} {argnum:3}  {double[1]:9.3g} {double[0]:9.3g}"
            f" {single[1]:9.3g} {single[0]:9.3g}  {place}"
        )
