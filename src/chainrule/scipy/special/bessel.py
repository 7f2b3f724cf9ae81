"""Bessel functions; rules in ``ops/special/bessel.py``."""

from __future__ import annotations

from scipy import special

from chainrule.ops.define import Array


def i0(x: Array) -> Array:
    """The modified Bessel function of order 0.

    Derivative: ``i1(x)``. DLMF 10.25.2, 10.29.3.

    >>> print(f"{i0(1.5):.6g}")
    1.64672
    """
    return special.i0(x)


def i1(x: Array) -> Array:
    """The modified Bessel function of order 1.

    Derivative: ``(i0(x) + iv(2, x)) / 2``. DLMF 10.29.1.

    >>> print(f"{i1(1.5):.6g}")
    0.981666
    """
    return special.i1(x)


def i0e(x: Array) -> Array:
    """The modified Bessel function of order 0, scaled.

    ``exp(-|x|) i0(x)``. Derivative: ``i1e(x) - sign(x) i0e(x)``, as an integral where these
    cancel; 0 at x = 0, where it jumps. DLMF 10.32.1.

    >>> print(f"{i0e(1000.0):.6g}")
    0.0126172
    """
    return special.i0e(x)


def i1e(x: Array) -> Array:
    """The modified Bessel function of order 1, scaled.

    ``exp(-|x|) i1(x)``. Derivative: ``(i0e(x) + ive(2, x)) / 2 - sign(x) i1e(x)``, by
    integrals. DLMF 10.32.3.

    >>> print(f"{i1e(1000.0):.6g}")
    0.0126109
    """
    return special.i1e(x)


def iv(v: Array, z: Array) -> Array:
    """The modified Bessel function of order v.

    Real v, real or complex z. Derivative in z: ``(iv(v - 1, z) + iv(v + 1, z)) / 2``. The order
    is a constant: there is no rule for it (DLMF 10.15). DLMF 10.29.1.

    >>> print(f"{iv(2.5, 1.5):.6g}")
    0.171662
    """
    return special.iv(v, z)


def ive(v: Array, z: Array) -> Array:
    """The modified Bessel function of order v, scaled.

    ``exp(-|re z|) iv(v, z)``; differentiable for real z. Derivative in z: ``(ive(v - 1, z) +
    ive(v + 1, z)) / 2 - sign(z) ive(v, z)``, which loses about ``log10(z)`` digits where z is
    large. The order is a constant: there is no rule for it (DLMF 10.15). DLMF 10.29.1.

    >>> print(f"{ive(2.5, 1.5):.6g}")
    0.038303
    """
    return special.ive(v, z)


def j0(x: Array) -> Array:
    """The Bessel function of the first kind of order 0.

    Derivative: ``-j1(x)``. DLMF 10.6.3.

    >>> print(f"{j0(1.5):.6g}")
    0.511828
    """
    return special.j0(x)


def j1(x: Array) -> Array:
    """The Bessel function of the first kind of order 1.

    Derivative: ``(j0(x) - jv(2, x)) / 2``. DLMF 10.6.1.

    >>> print(f"{j1(1.5):.6g}")
    0.557937
    """
    return special.j1(x)


def jv(v: Array, z: Array) -> Array:
    """The Bessel function of the first kind of order v.

    Real v, real or complex z. Derivative in z: ``(jv(v - 1, z) - jv(v + 1, z)) / 2``. The order
    is a constant: there is no rule for it (DLMF 10.15). DLMF 10.6.1.

    >>> print(f"{jv(2.5, 1.5):.6g}")
    0.124446
    """
    return special.jv(v, z)


def jn(n: Array, x: Array) -> Array:
    """Another name of :func:`jv`, as in SciPy.

    Derivative in x: ``(jn(n - 1, x) - jn(n + 1, x)) / 2``. DLMF 10.6.1.

    >>> print(f"{jn(2, 1.5):.6g}")
    0.232088
    """
    return special.jn(n, x)


def y0(x: Array) -> Array:
    """The Bessel function of the second kind of order 0.

    x > 0. Derivative: ``-y1(x)``. DLMF 10.6.3.

    >>> print(f"{y0(1.5):.6g}")
    0.382449
    """
    return special.y0(x)


def y1(x: Array) -> Array:
    """The Bessel function of the second kind of order 1.

    x > 0. Derivative: ``(y0(x) - yn(2, x)) / 2``. DLMF 10.6.1.

    >>> print(f"{y1(1.5):.6g}")
    -0.412309
    """
    return special.y1(x)


def yn(n: Array, x: Array) -> Array:
    """The Bessel function of the second kind of whole order n.

    x > 0. Derivative in x: ``(yn(n - 1, x) - yn(n + 1, x)) / 2``. The order is a constant:
    there is no rule for it (DLMF 10.15). DLMF 10.6.1.

    >>> print(f"{yn(2, 1.5):.6g}")
    -0.932194
    """
    return special.yn(n, x)
