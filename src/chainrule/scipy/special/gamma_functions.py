"""The gamma function and its kin; rules in ``ops/special/gamma.py``."""

from __future__ import annotations

from scipy import special

from chainrule.ops.define import Array


def gamma(x: Array) -> Array:
    """The gamma function.

    ``int_0^inf t**(x-1) exp(-t) dt``; poles at 0, -1, -2 ... Real or complex. Derivative:
    ``gamma(x) psi(x)``. DLMF 5.2.1.

    >>> print(f"{gamma(4.5):.6g}")
    11.6317
    """
    return special.gamma(x)


def gammaln(x: Array) -> Array:
    """The logarithm of the absolute value of the gamma function.

    Real x. Derivative: ``psi(x)``. DLMF 5.2.2.

    >>> print(f"{gammaln(1e6):.6g}")
    1.28155e+07
    """
    return special.gammaln(x)


def loggamma(z: Array) -> Array:
    """The principal branch of the logarithm of the gamma function.

    Real or complex z, with a cut along the negative real axis. Derivative: ``psi(z)``. DLMF
    5.2.2.

    >>> print(f"{loggamma(3.0 + 4.0j):.6g}")
    -1.75663+4.74266j
    """
    return special.loggamma(z)


def psi(x: Array) -> Array:
    """The digamma function, the derivative of ``log(gamma(x))``.

    Real or complex; poles at 0, -1, -2 ... Derivative: ``zeta(2, x)``, the trigamma function.
    DLMF 5.2.2, 25.11.12.

    >>> print(f"{psi(0.5):.6g}")
    -1.96351
    """
    return special.psi(x)


def digamma(x: Array) -> Array:
    """Another name of :func:`psi`, as in SciPy.

    Derivative: ``zeta(2, x)``. DLMF 5.2.2, 25.11.12.

    >>> print(f"{digamma(2.0):.6g}")
    0.422784
    """
    return special.psi(x)


def beta(a: Array, b: Array) -> Array:
    """The beta function.

    ``gamma(a) gamma(b) / gamma(a + b)``. Derivative in a: ``beta(a, b) (psi(a) - psi(a + b))``,
    the difference without cancellation. DLMF 5.12.1.

    >>> print(f"{beta(2.0, 3.5):.6g}")
    0.0634921
    """
    return special.beta(a, b)


def betaln(a: Array, b: Array) -> Array:
    """The logarithm of the absolute value of the beta function.

    Derivative in a: ``psi(a) - psi(a + b)``, without cancellation where b is small beside a.
    DLMF 5.12.1.

    >>> print(f"{betaln(1e8, 0.5):.6g}")
    -8.63798
    """
    return special.betaln(a, b)
