"""Entropies and losses; rules in ``ops/special/entropy.py``."""

from __future__ import annotations

from scipy import special

from chainrule.ops.define import Array


def xlogy(x: Array, y: Array) -> Array:
    """``x * log(y)``, and 0 where x is 0 whatever y is.

    Derivatives: ``log(y)`` and ``x / y``; both are 0 where x = 0 and y <= 0.

    >>> print(f"{xlogy(0.0, 0.0):.6g}")
    0
    """
    return special.xlogy(x, y)


def xlog1py(x: Array, y: Array) -> Array:
    """``x * log(1 + y)``, and 0 where x is 0 whatever y is.

    Derivatives: ``log1p(y)`` and ``x / (1 + y)``; both are 0 where x = 0 and y <= -1.

    >>> print(f"{xlog1py(2.0, 1e-10):.6g}")
    2e-10
    """
    return special.xlog1py(x, y)


def entr(x: Array) -> Array:
    """The entropy of one entry.

    ``-x log(x)`` for x > 0, 0 at 0, ``-inf`` below. Derivative: ``-1 - log(x)``, ``inf`` at 0
    and 0 below.

    >>> print(f"{entr(0.5):.6g}")
    0.346574
    """
    return special.entr(x)


def rel_entr(x: Array, y: Array) -> Array:
    """The relative entropy of one entry.

    ``x log(x / y)`` for x, y > 0, 0 for x = 0 <= y, else ``inf``. Derivatives: ``1 + log(x /
    y)`` (``-inf`` at x = 0) and ``-x / y``; 0 outside of the domain. Boyd and Vandenberghe,
    Convex Optimization, 3.2.6.

    >>> print(f"{rel_entr(0.5, 0.25):.6g}")
    0.346574
    """
    return special.rel_entr(x, y)


def kl_div(x: Array, y: Array) -> Array:
    """The Kullback-Leibler divergence of one entry.

    ``x log(x / y) - x + y`` for x, y > 0, y for x = 0 <= y, else ``inf``. Derivatives: ``log(x
    / y)`` (``-inf`` at x = 0) and ``1 - x / y``; 0 outside of the domain.

    >>> print(f"{kl_div(0.5, 0.25):.6g}")
    0.0965736
    """
    return special.kl_div(x, y)


def huber(delta: Array, r: Array) -> Array:
    """Huber's function.

    ``r**2 / 2`` for ``|r| <= delta``, ``delta (|r| - delta / 2)`` beyond, ``inf`` for negative
    delta. Derivatives: ``max(|r| - delta, 0)`` and r cut to ``-delta ... delta``. Huber (1964).

    >>> print(f"{huber(1.0, 3.0):.6g}")
    2.5
    """
    return special.huber(delta, r)
