"""Error functions and the normal distribution; rules in ``ops/special/error_functions.py``."""

from __future__ import annotations

from scipy import special

from chainrule.ops.define import Array


def erf(x: Array) -> Array:
    """The error function.

    ``2/sqrt(pi) int_0^x exp(-t**2) dt``, any x, real or complex. Derivative: ``2/sqrt(pi)
    exp(-x**2)``. DLMF 7.2.1.

    >>> print(f"{erf(0.5):.6g}")
    0.5205
    """
    return special.erf(x)


def erfc(x: Array) -> Array:
    """The complementary error function.

    ``1 - erf(x)``, to full relative accuracy in the right tail. Derivative: ``-2/sqrt(pi)
    exp(-x**2)``. DLMF 7.2.2.

    >>> print(f"{erfc(2.0):.6g}")
    0.00467773
    """
    return special.erfc(x)


def erfcx(x: Array) -> Array:
    """The scaled complementary error function.

    ``exp(x**2) erfc(x)``; about ``1 / (sqrt(pi) x)`` for large x. Derivative: ``2 x erfcx(x) -
    2/sqrt(pi)``, computed without cancellation as ``-2 exp(x**2) i^1 erfc(x)``. DLMF 7.18.7.

    >>> print(f"{erfcx(10.0):.6g}")
    0.056141
    """
    return special.erfcx(x)


def erfinv(y: Array) -> Array:
    """The inverse of the error function.

    Domain -1 to 1, infinite at the ends. Derivative: ``sqrt(pi)/2 exp(erfinv(y)**2)``, as
    ``erfcx(erfinv(y)) / (1 - y)`` near the ends. DLMF 7.17.1.

    >>> print(f"{erfinv(0.5):.6g}")
    0.476936
    """
    return special.erfinv(y)


def erfcinv(y: Array) -> Array:
    """The inverse of the complementary error function.

    Domain 0 to 2, infinite at the ends. Derivative: ``-sqrt(pi)/2 exp(erfcinv(y)**2)``. DLMF
    7.17.1.

    >>> print(f"{erfcinv(1e-20):.6g}")
    6.60158
    """
    return special.erfcinv(y)


def ndtr(x: Array) -> Array:
    """The distribution function of the standard normal.

    ``erfc(-x / sqrt(2)) / 2``. Derivative: the density ``exp(-x**2 / 2) / sqrt(2 pi)``.
    Abramowitz and Stegun 26.2.2.

    >>> print(f"{ndtr(1.0):.6g}")
    0.841345
    """
    return special.ndtr(x)


def log_ndtr(x: Array) -> Array:
    """The logarithm of the distribution function of the standard normal.

    Derivative: density over distribution function, for negative x as ``sqrt(2/pi) / erfcx(-x /
    sqrt(2))``, which holds all digits however far out x is. DLMF 7.8.1.

    >>> print(f"{log_ndtr(-40.0):.6g}")
    -804.608
    """
    return special.log_ndtr(x)


def ndtri(p: Array) -> Array:
    """The quantile function of the standard normal.

    The x with ``ndtr(x) = p``; domain 0 to 1, infinite at the ends. Derivative: ``sqrt(2 pi)
    exp(x**2 / 2)``. DLMF 7.17.1.

    >>> print(f"{ndtri(0.975):.6g}")
    1.95996
    """
    return special.ndtri(p)
