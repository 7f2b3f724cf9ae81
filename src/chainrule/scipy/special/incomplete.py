"""Incomplete gamma and beta functions; rules in ``ops/special/incomplete.py``."""

from __future__ import annotations

from scipy import special

from chainrule.ops.define import Array


def gammainc(a: Array, x: Array) -> Array:
    """The regularized lower incomplete gamma function.

    ``P(a, x) = int_0^x t**(a-1) exp(-t) dt / gamma(a)`` for a > 0, x >= 0. Derivative in x: the
    density ``x**(a-1) exp(-x) / gamma(a)``; in a: by integrals, see ``ops/special/moments.py``.
    DLMF 8.2.4, 8.8.13; Moore, AS 187 (1982).

    >>> print(f"{gammainc(2.0, 1.5):.6g}")
    0.442175
    """
    return special.gammainc(a, x)


def gammaincc(a: Array, x: Array) -> Array:
    """The regularized upper incomplete gamma function.

    ``Q(a, x) = 1 - P(a, x)``, to full relative accuracy in the right tail. Derivatives: those
    of :func:`gammainc`, negative. DLMF 8.2.4, 8.8.14.

    >>> print(f"{gammaincc(2.0, 30.0):.6g}")
    2.90086e-12
    """
    return special.gammaincc(a, x)


def betainc(a: Array, b: Array, x: Array) -> Array:
    """The regularized incomplete beta function.

    ``int_0^x t**(a-1) (1-t)**(b-1) dt / beta(a, b)`` for a, b > 0 and x from 0 to 1. Derivative
    in x: the integrand at x over ``beta(a, b)``; in a and b: by integrals, see
    ``ops/special/beta_moments.py``. DLMF 8.17.2, 8.17.22.

    >>> print(f"{betainc(2.0, 3.0, 0.4):.6g}")
    0.5248
    """
    return special.betainc(a, b, x)


def betaincc(a: Array, b: Array, x: Array) -> Array:
    """The complement of the regularized incomplete beta function.

    ``1 - betainc(a, b, x)``, to full relative accuracy near x = 1. Derivatives: those of
    :func:`betainc`, negative. DLMF 8.17.4.

    >>> print(f"{betaincc(2.0, 3.0, 0.99):.6g}")
    3.97e-06
    """
    return special.betaincc(a, b, x)


def stdtr(df: Array, t: Array) -> Array:
    """The distribution function of Student's t.

    With ``z = df / (df + t**2)`` it is ``betainc(df/2, 1/2, z) / 2`` for t < 0. Derivative in
    t: the density; in df: by those of the incomplete beta function. Abramowitz and Stegun
    26.7.1.

    >>> print(f"{stdtr(3.0, 1.5):.6g}")
    0.884708
    """
    return special.stdtr(df, t)
