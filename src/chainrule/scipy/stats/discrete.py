"""Discrete distributions."""

from __future__ import annotations

from typing import final

from chainrule.ops.define import Array
from chainrule.ops.special.entropy import xlogy
from chainrule.ops.special.gamma import gammaln
from chainrule.ops.special.incomplete import gammainc, gammaincc
from chainrule.scipy.stats.distribution import Discrete


@final
class Poisson(Discrete):
    """Poisson's distribution of mean ``mu``: ``mu**k exp(-mu) / k!``, differentiable in mu.

    >>> import chainrule as cr
    >>> print(f"{cr.scipy.stats.poisson.pmf(3, 2.0):.6g}")
    0.180447
    """

    shapes = ("mu",)

    def _logpmf(self, k: Array, *shapes: Array) -> Array:
        (mu,) = shapes
        return xlogy(k, mu) - gammaln(k + 1) - mu

    def _cdf(self, k: Array, *shapes: Array) -> Array:
        return gammaincc(k + 1, shapes[0])

    def _sf(self, k: Array, *shapes: Array) -> Array:
        return gammainc(k + 1, shapes[0])
