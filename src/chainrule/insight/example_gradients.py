"""The gradients of single examples in a mini-batch: how much each has to say, and which way.

The gradient of an example is never made: with BP3 and BP4 its square is the sum over layers of
``|delta[l]|^2 (|a[l-1]|^2 + 1)``, and its product with the mean gradient that of ``delta[l]`` with
``nabla_w[l] a[l-1] + nabla_b[l]``. Large norms mark the examples that decide a step (Katharopoulos
and Fleuret 2018; Paul, Ganguli and Dziugaite 2021, "GraNd"); leaving one out is the question of
influence (Koh and Liang 2017), asked for one step, where the answer is exact.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from chainrule.core.columns import aligned
from chainrule.core.html import table
from chainrule.core.tracebacks import users_frames
from chainrule.insight.error_flow import errors_at
from chainrule.insight.rows import rows_for, stack_for
from chainrule.nn.stack import GivenCost

Array = Any
_HEAD = ("example", "norm", "share", "cosine", "without it")
_SHOWN = 10


@dataclass(frozen=True, eq=False)
class ExampleGradients:
    """The gradients of the examples of a batch; arrays have one entry an example.

    Attributes:
        norms: ``|g_i|`` over all weights and biases.
        shares: ``|g_i| / sum_k |g_k|``.
        cosines: of the angle between ``g_i`` and the mean gradient; 0 where one of them is 0.
        changes: how much the mean gradient changes when the example is left out, relative to it:
            ``|g_i - g| / ((n - 1) |g|)``; NaN of a single example.
        mean_norm: ``|g|``, of the mean gradient.
    """

    norms: Array
    shares: Array
    cosines: Array
    changes: Array
    mean_norm: float

    def __str__(self) -> str:
        head = f"gradients of {len(self.norms):,} examples, the largest first"
        return "\n  ".join([head, *aligned([_HEAD, *self._rows()])])

    __repr__ = __str__

    def _repr_html_(self) -> str:
        caption = f"Gradients of {len(self.norms):,} examples, the largest first"
        return table(_HEAD, self._rows(), caption)

    def _rows(self) -> list[tuple[str, ...]]:
        return [
            (
                str(i), f"{self.norms[i]:.3g}", f"{self.shares[i]:.1%}",
                f"{self.cosines[i]:+.2f}", f"{self.changes[i]:.1%}",
            )
            for i in np.argsort(-self.norms)[:_SHOWN]
        ]  # fmt: skip


def example_gradients(
    model: Any, X: Array, Y: Array, *, params: Any = None, cost: GivenCost = None
) -> ExampleGradients:
    """Norm, share and direction of each example's gradient in a batch, without making them.

    Args:
        model: a Network, a Sequential with ``params`` and ``cost``, or a result of ``cr.fit``.
        X, Y: examples as rows, with class numbers or target rows.

    >>> import numpy as np, chainrule as cr
    >>> net = cr.nn.Network([2, 3, 1], activation="identity", init="scaled")
    >>> X = np.array([[1.0, 2.0], [1.0, 1.0], [2.0, 1.0], [300.0, 100.0]])
    >>> found = cr.insight.example_gradients(net, X, np.zeros((4, 1)))
    >>> int(np.argmax(found.shares)), bool(found.shares[3] > 0.99), bool(found.cosines[3] > 0.99)
    (3, True, True)
    """
    with users_frames:
        stack = stack_for(model, params, cost)
        a, delta = errors_at(stack, *rows_for(stack, X, Y))
        return gradients_of(a, delta)


def gradients_of(a: Mapping[int, Array], delta: Mapping[int, Array]) -> ExampleGradients:
    """The same of known activations and errors, those of a Record."""
    n = len(delta[1])
    squares, along, mean_square = np.zeros(n), np.zeros(n), 0.0
    for layer, errors in delta.items():
        d, before = (np.asarray(x, np.float64) for x in (errors, a[layer - 1]))
        nabla_w, nabla_b = d.T @ before / n, d.mean(axis=0)
        squares += np.sum(d**2, axis=1) * (np.sum(before**2, axis=1) + 1)
        along += np.sum(d * (before @ nabla_w.T + nabla_b), axis=1)
        mean_square += float(np.sum(nabla_w**2) + np.sum(nabla_b**2))
    norms, mean_norm = np.sqrt(squares), float(np.sqrt(mean_square))
    apart = np.sqrt(np.maximum(squares - 2 * along + mean_square, 0.0))
    with np.errstate(divide="ignore", invalid="ignore"):
        cosines = np.nan_to_num(along / (norms * mean_norm), nan=0.0, posinf=0.0, neginf=0.0)
        shares = np.nan_to_num(norms / norms.sum())
        changes = apart / ((n - 1) * mean_norm)
    return ExampleGradients(norms, shares, np.clip(cosines, -1, 1), changes, mean_norm)
