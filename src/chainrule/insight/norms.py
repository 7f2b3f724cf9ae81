"""How large errors and gradients are, layer by layer: what vanishes or explodes shows here."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from chainrule.core import html
from chainrule.core.columns import aligned
from chainrule.nn.record import Record

Array = Any
_HEAD = ("layer", "|nabla_w|", "|nabla_b|", "mean |delta|")


@dataclass(frozen=True)
class Norms:
    """Norms by layer; layers count from 1.

    Attributes:
        nabla_w: the norm of the gradient in the weights, ``sqrt(sum_jk (dC/dw_jk)^2)``.
        nabla_b: the norm of the gradient in the biases.
        delta: the norm of the error of one example, ``|delta_x|``, in the mean over the examples.
    """

    nabla_w: Mapping[int, float]
    nabla_b: Mapping[int, float]
    delta: Mapping[int, float]

    def __str__(self) -> str:
        return "\n".join(aligned([_HEAD, *self._rows()]))

    __repr__ = __str__

    def _repr_html_(self) -> str:
        return html.table(_HEAD, self._rows())

    def _rows(self) -> list[tuple[str, ...]]:
        measures = (self.nabla_w, self.nabla_b, self.delta)
        return [(str(n), *(f"{x[n]:.3g}" for x in measures)) for n in self.nabla_w]


def norms(record: Record) -> Norms:
    """The norms of gradients and errors in a record.

    >>> import numpy as np, chainrule as cr
    >>> net = cr.nn.Network([2, 3, 1])
    >>> found = cr.insight.norms(net.record(np.ones((4, 2)), np.ones((4, 1))))
    >>> bool(np.isclose(found.nabla_b[2], found.delta[2]))  # all four examples are the same
    True
    """
    return Norms(
        {n: _norm(x) for n, x in record.nabla_w.items()},
        {n: _norm(x) for n, x in record.nabla_b.items()},
        {n: float(of_rows(x).mean()) for n, x in record.delta.items()},
    )


def of_rows(x: Array) -> Array:
    """The norm of each row, in double precision."""
    return np.linalg.norm(np.asarray(x, np.float64), axis=1)


def _norm(x: Array) -> float:
    return float(np.linalg.norm(np.asarray(x, np.float64)))
