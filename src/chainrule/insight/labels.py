"""Labels that look wrong: examples for which the network is sure of another class.

Confident learning (Northcutt, Jiang and Chuang 2021, equation 1): the threshold of class j is the
mean probability that examples labelled j get for j, ``t_j``. An example labelled i is counted as
one of class j if ``p(j) >= t_j``, and j is the most probable of all such classes. Where that is not
the label, the label is suspect. Probabilities of examples that the network was not trained on tell
most: an example that was trained on for long is remembered with whatever label it has.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from chainrule.core.columns import aligned
from chainrule.core.errors import ArgumentError, ShapeError
from chainrule.core.html import table
from chainrule.core.tracebacks import users_frames
from chainrule.insight.rows import rows_for, stack_for
from chainrule.nn.stack import GivenCost

Array = Any
_HEAD = ("example", "label", "p(label)", "rather", "p(rather)")
_SHOWN = 10
_PARTS = 4096


@dataclass(frozen=True, eq=False)
class SuspectLabels:
    """Examples whose labels look wrong, the most suspect first; arrays have one entry for each.

    Attributes:
        indices: which examples, counted from 0.
        given, suggested: the class number that the label says, and the one the network is sure of.
        given_probability, suggested_probability: what the network gives them.
        thresholds: ``t_j`` of each class; NaN of one without examples.
        examples: how many labels were looked at.
        accuracy: for which part of them the network's most probable class is the label.
    """

    indices: Array
    given: Array
    suggested: Array
    given_probability: Array
    suggested_probability: Array
    thresholds: Array
    examples: int
    accuracy: float

    @property
    def share(self) -> float:
        """The part of all labels that look wrong."""
        return len(self.indices) / self.examples

    def __str__(self) -> str:
        return "\n  ".join([self._caption(), *aligned([_HEAD, *self._rows()])])

    __repr__ = __str__

    def _repr_html_(self) -> str:
        return table(_HEAD, self._rows(), self._caption())

    def _caption(self) -> str:
        return (
            f"{len(self.indices):,} of {self.examples:,} labels look wrong ({self.share:.2%}); the"
            f" network agrees with {self.accuracy:.1%} of all"
        )

    def _rows(self) -> list[tuple[str, ...]]:
        parts = (
            self.indices, self.given, self.given_probability, self.suggested,
            self.suggested_probability,
        )  # fmt: skip
        return [
            (str(i), str(y), f"{p:.2g}", str(j), f"{q:.3f}")
            for i, y, p, j, q in zip(*(x[:_SHOWN] for x in parts), strict=True)
        ]


def suspect_labels(
    model: Any, X: Array, Y: Array, *, params: Any = None, cost: GivenCost = None
) -> SuspectLabels:
    """The examples whose labels a trained network contradicts with confidence.

    Args:
        model: a Network, a Sequential with ``params`` and ``cost``, or a result of ``cr.fit``. Its
            outputs are from 0 to 1: softmax, or sigmoids, which are divided by their sum; one
            output tells 0 from 1.
        X, Y: examples as rows, with class numbers or rows whose largest entry marks the class.

    Returns:
        :class:`SuspectLabels`, ordered by ``p(suggested) - p(given)``.

    Raises:
        ArgumentError: the outputs are no probabilities.

    >>> import numpy as np, chainrule as cr
    >>> net = cr.nn.Network([1, 2], cost="log-likelihood")
    >>> net.weights, net.biases = [np.array([[-3.0], [3.0]])], [np.zeros(2)]
    >>> X = np.array([[-2.0], [-1.0], [1.0], [2.0], [3.0]])
    >>> cr.insight.suspect_labels(net, X, np.array([0, 0, 1, 1, 0])).indices
    array([4])
    """
    with users_frames:
        stack = stack_for(model, params, cost)
        rows, targets = rows_for(stack, X, Y)
        parts = (rows[i : i + _PARTS] for i in range(0, len(rows), _PARTS))
        outputs = np.concatenate([stack.activate(part)[1][stack.depth] for part in parts])
        return suspects(probabilities(outputs), classes_of(targets))


def classes_of(targets: Array) -> Array:
    """The class that each target row marks; one column tells 0 from 1."""
    return targets.argmax(axis=1) if targets.shape[1] > 1 else (targets[:, 0] > 0.5).astype(int)


def probabilities(outputs: Array) -> Array:
    """Outputs from 0 to 1 as probabilities of classes: rows that sum to 1.

    >>> probabilities(np.array([[0.5, 0.5, 0.0], [0.9, 0.6, 0.3]]))
    array([[0.5       , 0.5       , 0.        ],
           [0.5       , 0.33333333, 0.16666667]])
    """
    a = np.asarray(outputs, np.float64)
    if not (np.all(a >= 0) and np.all(a <= 1 + 1e-6)):
        raise ArgumentError(
            "suspect_labels: the network's outputs are no probabilities, they leave the range from"
            " 0 to 1; it is for softmax or sigmoid outputs"
        )
    if a.shape[1] == 1:
        return np.hstack([1 - a, a])
    return a / np.maximum(a.sum(axis=1, keepdims=True), np.finfo(np.float64).tiny)


def suspects(p: Array, labels: Array) -> SuspectLabels:
    """The suspect labels among those of rows of probabilities ``p`` (examples, classes).

    For probabilities from elsewhere, such as those of cross-validation.
    """
    n, k = p.shape
    if labels.shape != (n,):
        raise ShapeError(f"suspects: {n} rows of probabilities, but labels of {labels.shape}")
    own = p[np.arange(n), labels]
    there = np.bincount(labels, minlength=k)
    with np.errstate(invalid="ignore"):
        thresholds = np.bincount(labels, weights=own, minlength=k) / there
    sure = p >= np.where(there > 0, thresholds, np.inf)
    counted = np.where(sure, p, -1.0).argmax(axis=1)
    found = np.flatnonzero(sure.any(axis=1) & (counted != labels))
    other = p[np.arange(n), counted]
    found = found[np.argsort(own[found] - other[found], kind="stable")]
    accuracy = float((p.argmax(axis=1) == labels).mean())
    return SuspectLabels(
        found, labels[found], counted[found], own[found], other[found], thresholds, n, accuracy
    )
