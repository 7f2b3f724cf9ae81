"""The incomplete gamma and beta functions and Student's distribution function.

Their derivatives in the argument are densities (DLMF 8.8.13, 8.17.22). Those in the parameters have
no closed form; they are integrals (``moments.py``, ``beta_moments.py``). Formulas: DLMF chapter
8, https://dlmf.nist.gov/8.
"""

from __future__ import annotations

import math

import numpy as np
from scipy import special

from chainrule.ops.define import Array, as_dtype
from chainrule.ops.elementwise import absolute, isfinite, select, sign
from chainrule.ops.exponentials import exp, log, log1p
from chainrule.ops.powers import square
from chainrule.ops.special.beta_moments import in_parameters
from chainrule.ops.special.construct import from_scipy
from chainrule.ops.special.densities import beta_density, gamma_density
from chainrule.ops.special.error_functions import ROOT_TWO_PI
from chainrule.ops.special.gamma import betaln, digamma, log_minus_digamma
from chainrule.ops.special.moments import above, below

_DOUBLE = np.dtype(np.float64)
_FAR = 1e150  # beyond, P is 0 or 1 for all that float64 can tell

# ---- gamma ---------------------------------------------------------------------------------------


def _excess(a: Array, x: Array) -> Array:
    """``log(x) - psi(a)`` for positive x and a, without loss where x is near a."""
    near = absolute(x - a) < 0.5 * a
    close = log1p(select(near, x - a, 0) / a)
    return select(near, close, log(x) - log(a)) + log_minus_digamma(a)


def _in_order(a: Array, x: Array) -> Array:
    """``dP(a, x)/da``.

    Below, P is first moved by two, ``P(a, x) = P(a + 2, x) + x^a e^-x / Gamma(a + 1) + x^(a+1) e^-x
    / Gamma(a + 2)`` (DLMF 8.8.5), since small orders cancel there.
    """
    a, x = as_dtype(a, _DOUBLE), as_dtype(x, _DOUBLE)
    inside = (x > 0) & (a > 0) & (x < _FAR) & (a < _FAR)
    a, x = select(inside, a, 1), select(inside, x, 1)
    low = (x < 0.5) | (_excess(a, x) < 0)
    size = x * gamma_density(a, x)  # x^a e^-x / Gamma(a)
    z, b = select(low, x, 0.5), a + 2
    first = log(z) - digamma(a + 1) + z / (a + 1) * _excess(b, z)
    rest = _excess(b, z) * below(b, z, 0) - below(b, z, 1)
    under = first / a + square(z) / (a * (a + 1)) * rest
    z, c = select(low, 1, x), select(low, 1, a)
    over = -(_excess(c, z) * above(c, z, 0) + above(c, z, 1))
    return select(inside, size * select(low, under, over), 0)


gammainc = from_scipy(
    "gammainc",
    special.gammainc,
    lambda out, a, x: _in_order(a, x),
    lambda out, a, x: gamma_density(a, x),
    unbounded=True,
)
gammaincc = from_scipy(
    "gammaincc",
    special.gammaincc,
    lambda out, a, x: -_in_order(a, x),
    lambda out, a, x: -gamma_density(a, x),
    unbounded=True,
)

# ---- beta ----------------------------------------------------------------------------------------

betainc = from_scipy(
    "betainc",
    special.betainc,
    lambda out, a, b, x: in_parameters(a, b, x)[0],
    lambda out, a, b, x: in_parameters(a, b, x)[1],
    lambda out, a, b, x: beta_density(a, b, x),
    unbounded=True,
)
betaincc = from_scipy(
    "betaincc",
    special.betaincc,
    lambda out, a, b, x: -in_parameters(a, b, x)[0],
    lambda out, a, b, x: -in_parameters(a, b, x)[1],
    lambda out, a, b, x: -beta_density(a, b, x),
    unbounded=True,
)

# ---- Student's t ---------------------------------------------------------------------------------


def student_log_density(df: Array, t: Array) -> Array:
    """The logarithm of the density of Student's t, of the normal one where ``df`` is infinite."""
    normal = df == np.inf
    df = select(normal, 1.0, df)
    constant = -betaln(0.5 * df, 0.5) - 0.5 * log(df)
    student = constant - 0.5 * (df + 1) * log1p(square(t) / df)
    return select(normal, -0.5 * square(t) - math.log(ROOT_TWO_PI), student)


def _in_freedom(df: Array, t: Array) -> Array:
    """In df, by ``stdtr = betainc(df/2, 1/2, z) / 2`` with ``z = df / (df + t^2)`` for t < 0.

    ``dz/ddf = z (1 - z) / df``, and ``z (1 - z)`` times the density is smooth at z = 1.
    """
    df, t = as_dtype(df, _DOUBLE), as_dtype(t, _DOUBLE)
    inside = (t != 0) & (df > 0) & isfinite(t) & isfinite(df)
    df, t = select(inside, df, 1), select(inside, t, 1)
    z, a = df / (df + square(t)), 0.5 * df
    in_first = 0.5 * in_parameters(a, as_dtype(0.5, _DOUBLE), z)[0]
    through = z * (square(t) / (df + square(t))) / df * beta_density(a, 0.5, z)
    return select(inside, -0.5 * sign(t) * (in_first + through), 0)


stdtr = from_scipy(
    "stdtr",
    special.stdtr,
    lambda out, df, t: _in_freedom(df, t),
    lambda out, df, t: exp(student_log_density(df, t)),
    unbounded=True,
)
