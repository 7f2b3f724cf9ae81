"""Hurwitz' zeta function, derivatives of digamma, and the multivariate gamma function.

SciPy's are no ufuncs, so traced values need these. Rules in ``ops/special/gamma.py``.
"""

from __future__ import annotations

import math
import operator
from typing import Any, cast

import numpy as np
from scipy import special

from chainrule.core.errors import ArgumentError, NoRuleError
from chainrule.core.graph import ArrayType
from chainrule.core.peek import Reading, peek
from chainrule.core.trace import TracedValue
from chainrule.ops.define import Array, as_operand
from chainrule.ops.elementwise import select
from chainrule.ops.special.gamma import digamma, gammaln
from chainrule.ops.special.gamma import zeta as _zeta


def zeta(x: Array, q: Array | None = None) -> Array:
    """Hurwitz' zeta function ``sum_k (q + k)**-x``, for x > 1; Riemann's without q.

    Derivative in q: ``-x zeta(x + 1, q)``; the order x is a constant. DLMF 25.11.1, 25.11.17.

    >>> print(f"{zeta(2.0, 1.0):.6g}")
    1.64493
    """
    if q is not None:
        return _zeta(as_operand(x), as_operand(q))
    if isinstance(x, TracedValue):
        raise NoRuleError("zeta(x) of a traced order x has no rule; only zeta(x, q) in q has one")
    return cast("Any", special).zeta(x)


def polygamma(n: Any, x: Array) -> Array:
    """The n-th derivative of the digamma function.

    ``(-1)**(n + 1) n! zeta(n + 1, x)`` for whole n > 0 and real x, ``psi(x)`` for n = 0.
    Derivative in x: ``polygamma(n + 1, x)``; n is a constant. DLMF 5.15.1, 25.11.12.

    >>> print(f"{polygamma(1, 2.0):.6g}")
    0.644934
    """
    if isinstance(n, TracedValue):
        raise NoRuleError("polygamma(n, x) of a traced order n has no rule; pass n as a constant")
    x, n = as_operand(x), np.asarray(n)
    if not np.any(n):
        return digamma(x) if n.ndim == 0 else select(n == 0, digamma(x), 0)
    factor = ((-1.0) ** (n + 1) * special.gamma(n + 1.0))[()]
    others = factor * _zeta(np.where(n == 0, 2, n + 1.0)[()], x)
    return others if np.all(n) else select(n == 0, digamma(x), others)


def multigammaln(a: Array, d: int) -> Array:
    """The logarithm of the multivariate gamma function of dimension d.

    ``d (d - 1) / 4 log(pi) + sum_j gammaln(a - (j - 1) / 2)`` for j = 1 ... d. Derivative: the sum
    of ``psi(a - (j - 1) / 2)``. DLMF 35.3.4.

    Raises:
        ArgumentError: d is no whole number, or a is not above (d - 1) / 2.

    >>> print(f"{multigammaln(5.0, 3):.6g}")
    9.14064
    """
    if np.ndim(d) or int(d) != d:
        raise ArgumentError(f"multigammaln: the dimension d must be a whole number, not {d!r}")
    a, d = as_operand(a), operator.index(int(d))
    large = peek(a > 0.5 * (d - 1), Reading.NONZERO)
    if type(large) is not ArrayType and not np.all(large):
        raise ArgumentError(f"multigammaln: a must be above (d - 1) / 2 = {0.5 * (d - 1)}")
    total = d * (d - 1) * 0.25 * math.log(math.pi)
    for j in range(d):
        total = total + gammaln(a - 0.5 * j)
    return total
