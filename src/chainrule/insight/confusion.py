"""Which classes a model takes for which: the confusion matrix, in counts."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from chainrule.core import html
from chainrule.core.columns import aligned
from chainrule.core.tracebacks import users_frames
from chainrule.insight.subject import labelled_of, subject_of
from chainrule.nn.stack import GivenCost
from chainrule.training.metrics import chosen

Array = Any


@dataclass(frozen=True, eq=False)
class Confusion:
    """How many examples of each class were taken for each.

    Attributes:
        counts: ``counts[i, j]`` examples of class i were taken for class j.
        classes: the names of the classes.
        target: what the classes are of: "digit".
    """

    counts: Array
    classes: tuple[str, ...]
    target: str = "class"

    @property
    def examples(self) -> int:
        """How many there are."""
        return int(self.counts.sum())

    @property
    def wrong(self) -> int:
        """How many were taken for another class than theirs."""
        return self.examples - int(np.trace(self.counts))

    @property
    def accuracy(self) -> float:
        """The share of examples that were taken for their own class."""
        return 1 - self.wrong / self.examples

    @property
    def recall(self) -> Array:
        """The share of each class's examples that were recognised; NaN where there are none."""
        with np.errstate(invalid="ignore"):
            return np.diag(self.counts) / self.counts.sum(axis=1)

    @property
    def precision(self) -> Array:
        """The share of those taken for a class that are in it; NaN where none was."""
        with np.errstate(invalid="ignore"):
            return np.diag(self.counts) / self.counts.sum(axis=0)

    def __str__(self) -> str:
        return "\n".join([self._caption(), *(f"  {x}" for x in aligned(self._table(".")))])

    __repr__ = __str__

    def _repr_html_(self) -> str:
        head, *rows = self._table("")
        return html.table(head, rows, self._caption())

    def _caption(self) -> str:
        return (
            f"{self.wrong:,} of {self.examples:,} examples wrong, accuracy {self.accuracy:.2%};"
            f" rows: {self.target}, columns: what it was taken for"
        )

    def _table(self, nothing: str) -> list[list[str]]:
        rows = [
            [name, *(f"{n:,}" if n else nothing for n in self.counts[i]), _share(self.recall[i])]
            for i, name in enumerate(self.classes)
        ]
        last = ["precision", *map(_share, self.precision), ""]
        return [[self.target, *self.classes, "recall"], *rows, last]


def confusion(
    model: Any, data: Any = None, *, params: Any = None, cost: GivenCost = None
) -> Confusion:
    """Count which classes a model takes for which.

    Args:
        model: a Network, a Sequential with ``params`` and ``cost``, the result of ``cr.fit``, or
            the path of a run folder.
        data: a pair (X, Y) with Y as class numbers or rows, or a data set, whose test examples are
            taken; of a run those of its own data set if left out.

    Raises:
        ArgumentError: the model or its data are missing, or the targets are no classes.
        ShapeError: the examples do not fit the model.

    >>> import numpy as np, chainrule as cr
    >>> model = cr.nn.Sequential([cr.nn.Dense(2, 2)])
    >>> params = [{"weights": np.eye(2), "biases": np.zeros(2)}]
    >>> X, Y = np.array([[1.0, 0.0], [0.0, 1.0], [1.0, 0.0]]), np.array([0, 1, 1])
    >>> print(cr.insight.confusion(model, (X, Y), params=params, cost="log-likelihood"))
    1 of 3 examples wrong, accuracy 66.67%; rows: class, columns: what it was taken for
      class            0        1   recall
      0                1        .  100.00%
      1                1        1   50.00%
      precision   50.00%  100.00%
    """
    with users_frames:
        subject = subject_of(model, params, cost)
        given = labelled_of(subject, data)
        found = chosen(subject.outputs(given.X))
        return confusion_of(given.labels, found, given.classes, given.target)


def confusion_of(
    labels: Array, found: Array, classes: tuple[str, ...], target: str = "class"
) -> Confusion:
    """The confusion matrix of class numbers ``labels`` and of those that a model ``found``."""
    n = len(classes)
    counts = np.bincount(labels * n + found, minlength=n * n).reshape(n, n)
    return Confusion(counts, classes, target)


def _share(x: float) -> str:
    return "-" if np.isnan(x) else f"{x:.2%}"
