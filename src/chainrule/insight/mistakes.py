"""The examples that a model takes for another class, the worst by cost first."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from chainrule.core import html
from chainrule.core.columns import aligned
from chainrule.core.errors import ArgumentError
from chainrule.core.tracebacks import users_frames
from chainrule.insight.subject import labelled_of, subject_of
from chainrule.nn.stack import GivenCost
from chainrule.training.metrics import chosen

Array = Any
_SHOWN = 10


@dataclass(frozen=True, eq=False)
class Mistakes:
    """Examples that were taken for another class than theirs, by falling cost.

    Attributes:
        indices: their numbers among the examples.
        X: their inputs, one a row.
        labels: their classes, as numbers.
        found: the classes that they were taken for.
        costs: C_x of each.
        total: how many mistakes there are; those here are the worst of them.
        examples: how many examples were looked at.
        classes: the names of the classes.
        shape: of one example before it was flattened, () if it is not known.
        target: what the classes are of: "digit".
    """

    indices: Array
    X: Array
    labels: Array
    found: Array
    costs: Array
    total: int
    examples: int
    classes: tuple[str, ...]
    shape: tuple[int, ...] = ()
    target: str = "class"

    def __len__(self) -> int:
        return len(self.indices)

    def __str__(self) -> str:
        rows = self._rows()[:_SHOWN]
        lines = [self._caption(), *(f"  {x}" for x in aligned([self._head(), *rows]))]
        left = len(self) - len(rows)
        return "\n".join([*lines, f"  and {left:,} more"] if left else lines)

    __repr__ = __str__

    def _repr_html_(self) -> str:
        return html.table(self._head(), self._rows()[:_SHOWN], self._caption())

    def _caption(self) -> str:
        return f"{self.total:,} of {self.examples:,} examples wrong; the costliest first"

    def _head(self) -> tuple[str, ...]:
        return ("example", self.target, "taken for", "cost")

    def _rows(self) -> list[tuple[str, ...]]:
        found = zip(self.indices, self.labels, self.found, self.costs, strict=True)
        return [(str(i), self.classes[y], self.classes[k], f"{c:.4g}") for i, y, k, c in found]


def misclassified(
    model: Any,
    data: Any = None,
    n: int | None = None,
    *,
    params: Any = None,
    cost: GivenCost = None,
) -> Mistakes:
    """The examples that a model takes for another class than theirs, the costliest first.

    Args:
        model, data: as for ``cr.insight.confusion``.
        n: at most so many; None for all.

    Raises:
        ArgumentError: the model or its data are missing, the targets are no classes, or n < 0.
        ShapeError: the examples do not fit the model.

    >>> import numpy as np, chainrule as cr
    >>> model = cr.nn.Sequential([cr.nn.Dense(2, 2)])
    >>> params = [{"weights": np.eye(2), "biases": np.zeros(2)}]
    >>> X, Y = np.array([[1.0, 0.0], [0.0, 1.0], [3.0, 0.0]]), np.array([1, 1, 1])
    >>> print(cr.insight.misclassified(model, (X, Y), params=params, cost="quadratic"))
    2 of 3 examples wrong; the costliest first
      example  class  taken for  cost
      2            1          0     5
      0            1          0     1
    """
    with users_frames:
        if n is not None and (np.ndim(n) or n < 0):
            shown = f"an array of shape {np.shape(n)}" if np.ndim(n) else n
            raise ArgumentError(
                f"misclassified: n says how many to show and must be at least 0, got {shown};"
                " examples are one argument, a pair: misclassified(model, (X, Y))"
            )
        subject = subject_of(model, params, cost)
        given = labelled_of(subject, data)
        found = chosen(subject.outputs(given.X))
        wrong = np.flatnonzero(found != given.labels)
        with np.errstate(all="ignore"):  # an infinite cost is the worst of all
            costs = subject.costs(given.X[wrong], given.Y[wrong]) if len(wrong) else np.zeros(0)
        order = np.argsort(-costs, kind="stable")[:n]
        worst = wrong[order]
        return Mistakes(
            worst, given.X[worst], given.labels[worst], found[worst], costs[order],
            len(wrong), len(given.X), given.classes, given.shape, given.target,
        )  # fmt: skip
