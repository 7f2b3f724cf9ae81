"""Exponentials, sigmoids and their logarithms; rules in ``ops/special/logistic.py``."""

from __future__ import annotations

from scipy import special

from chainrule.ops.define import Array


def expit(x: Array) -> Array:
    """The logistic sigmoid.

    ``1 / (1 + exp(-x))``. Derivative: ``expit(x) expit(-x)``, which keeps its digits for any x:
    5.55e-17 at 37.43.

    >>> print(f"{expit(0.5):.6g}")
    0.622459
    """
    return special.expit(x)


def logit(p: Array) -> Array:
    """The inverse of the sigmoid.

    ``log(p / (1 - p))``; domain 0 to 1, infinite at the ends. Derivative: ``1 / (p (1 - p))``.

    >>> print(f"{logit(0.25):.6g}")
    -1.09861
    """
    return special.logit(p)


def log_expit(x: Array) -> Array:
    """The logarithm of the sigmoid.

    ``-log(1 + exp(-x))`` without overflow. Derivative: ``expit(-x)``.

    >>> print(f"{log_expit(-50.0):.6g}")
    -50
    """
    return special.log_expit(x)


def exp10(x: Array) -> Array:
    """Ten to the power x.

    Derivative: ``log(10) 10**x``.

    >>> print(f"{exp10(1.5):.6g}")
    31.6228
    """
    return special.exp10(x)


def expm1(x: Array) -> Array:
    """``exp(x) - 1`` without cancellation near 0.

    Derivative: ``exp(x)``.

    >>> print(f"{expm1(1e-10):.6g}")
    1e-10
    """
    return special.expm1(x)


def log1p(x: Array) -> Array:
    """``log(1 + x)`` without cancellation near 0.

    Domain x > -1. Derivative: ``1 / (1 + x)``.

    >>> print(f"{log1p(1e-10):.6g}")
    1e-10
    """
    return special.log1p(x)
