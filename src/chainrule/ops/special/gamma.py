"""The gamma function, its logarithm and derivatives, and the beta function.

Formulas: DLMF chapter 5, https://dlmf.nist.gov/5, and 25.11 for Hurwitz' zeta function, which
the derivatives of digamma are: ``psi^(n)(x) = (-1)^(n+1) n! zeta(n + 1, x)`` (25.11.12).
"""

from __future__ import annotations

from typing import Any, cast

import numpy as np
from scipy import special

from chainrule.core.primitive import NoRule
from chainrule.ops.define import Array
from chainrule.ops.special.construct import from_scipy, of_numbers

# B_2k for k = 1 ... 10, DLMF 24.2(iv)
BERNOULLI = (
    1 / 6, -1 / 30, 1 / 42, -1 / 30, 5 / 66, -691 / 2730, 7 / 6, -3617 / 510, 43867 / 798,
    -174611 / 330,
)  # fmt: skip
FAR = 12.0  # from here on, the asymptotic series have full accuracy


# ---- zeta and digamma ----------------------------------------------------------------------------


def _zeta(s: Any, q: Any) -> Any:
    """SciPy's for real numbers; for complex q, which SciPy lacks, by Euler and Maclaurin.

    DLMF 25.11.28, after as many terms as bring q beyond ``FAR + s``.
    """
    if np.result_type(q).kind != "c":
        return cast("Any", special).zeta(s, q)
    z: Any = np.asarray(q, np.complex128)
    s, z = np.broadcast_arrays(np.asarray(s, np.float64), z)
    z, total = z.copy(), np.zeros(z.shape, np.complex128)
    while np.any(left := z.real < FAR + s):
        total[left] += z[left] ** -s[left]
        z[left] += 1
    total += z ** (1 - s) / (s - 1) + 0.5 * z**-s
    factor = s * z ** (-s - 1) / 2
    for k, b in enumerate(BERNOULLI, start=1):
        total += b * factor
        factor = factor * (s + 2 * k - 1) * (s + 2 * k) / ((2 * k + 1) * (2 * k + 2) * z * z)
    return total.astype(np.result_type(q))[()]


def _zeta_partial(out: Array, s: Array, q: Array) -> Array:
    return -s * zeta(s + 1, q)


zeta = from_scipy(
    "zeta",
    special.jv,  # has the loops that are wanted: a real and a real or complex number
    NoRule("none is known in a usable form; the order must be a constant"),
    _zeta_partial,
    value=_zeta,
)
digamma = from_scipy("digamma", special.psi, lambda out, x: zeta(2, x))

# ---- gamma ---------------------------------------------------------------------------------------

gamma = from_scipy("gamma", special.gamma, lambda out, x: out * digamma(x))
gammaln = from_scipy("gammaln", special.gammaln, lambda out, x: digamma(x))
loggamma = from_scipy("loggamma", special.loggamma, lambda out, x: digamma(x))


def _log_minus_digamma(x: Any) -> Any:
    """``log(x) - psi(x)`` for positive x, DLMF 5.11.2: 1/2x + sum of B_2k / (2k x^2k)."""
    far = np.where(x > FAR, x, FAR)
    total, power = 0.5 / far, 1 / (far * far)
    square = power
    for k, b in enumerate(BERNOULLI, start=1):
        total, power = total + b / (2 * k) * power, power * square
    with np.errstate(all="ignore"):
        return np.where(x > FAR, total, np.log(x) - special.psi(x))


log_minus_digamma = of_numbers(
    "log_minus_digamma", _log_minus_digamma, lambda out, x: 1 / x - zeta(2, x), formula=True
)

# ---- beta ----------------------------------------------------------------------------------------


def _digamma_rise(a: Any, b: Any) -> Any:
    """``psi(a + b) - psi(a)``, for positive a and a + b without cancellation.

    Both are moved beyond :data:`FAR` by the recurrence, DLMF 5.5.2; there the difference of the
    asymptotic series (5.11.2) is taken term by term, with ``r = log((a + b) / a)``.
    """
    with np.errstate(all="ignore"):
        plain = special.psi(a + b) - special.psi(a)
        good = (a > 0) & (a + b > 0) & np.isfinite(a + b)
        low, step = np.where(good, a, 1.0), np.where(good, b, 0.0)
        total = np.zeros(low.shape)
        for _ in range(int(FAR)):
            near = np.minimum(low, low + step) < FAR
            total = total + np.where(near, step / (low * (low + step)), 0.0)
            low = np.where(near, low + 1, low)
        high = low + step
        r = np.where(np.abs(step) < 0.5 * low, np.log1p(step / low), np.log(high) - np.log(low))
        series = 0.5 * step / (low * high)
        for k, bernoulli in enumerate(BERNOULLI, start=1):
            series = series - bernoulli / (2 * k) * np.expm1(-2 * k * r) * low ** (-2.0 * k)
        return np.where(good, total + r + series, plain)


digamma_rise = of_numbers(
    "digamma_rise",
    _digamma_rise,
    lambda out, a, b: zeta(2, a + b) - zeta(2, a),
    lambda out, a, b: zeta(2, a + b),
    formula=True,
)
beta = from_scipy(
    "beta",
    special.beta,
    lambda out, a, b: -out * digamma_rise(a, b),
    lambda out, a, b: -out * digamma_rise(b, a),
)
betaln = from_scipy(
    "betaln",
    special.betaln,
    lambda out, a, b: -digamma_rise(a, b),
    lambda out, a, b: -digamma_rise(b, a),
)
