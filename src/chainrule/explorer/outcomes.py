"""What a network makes of each test example: its outputs, what it says, and what that costs."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from chainrule.data.dataset import Dataset
from chainrule.explorer.subjects import NetworkSubject
from chainrule.insight.confusion import Confusion, confusion_of
from chainrule.insight.subject import subject_of
from chainrule.training.metrics import chosen

Array = Any


@dataclass(frozen=True, eq=False)
class Outcomes:
    """The test examples as a network sees them.

    Attributes:
        outputs: activations of the output layer (n, n_out).
        costs: C_x of each (n,).
        order: their numbers by falling cost (n,).
        labels: their class numbers (n,); None where there are no classes.
        said: the class numbers that the network says (n,); None where there are no classes.
        confusion: how many of each class were taken for each, where there are classes.
    """

    outputs: Array
    costs: Array
    order: Array
    labels: Array | None
    said: Array | None
    confusion: Confusion | None


def outcomes_of(network: NetworkSubject, params: Any) -> Outcomes:
    """Run the network with some parameters over all of its test examples."""
    subject = subject_of(network.model, params, network.cost)
    data = network.data
    X = data.test.X.astype(subject.dtype, copy=False)
    outputs = subject.outputs(X)
    with np.errstate(all="ignore"):  # an infinite cost is the worst of all
        costs = subject.costs(X, target_rows(data, subject.dtype))
    order = np.argsort(-costs, kind="stable")
    if not data.classes:
        return Outcomes(outputs, costs, order, None, None, None)
    labels, said = data.test.Y, chosen(outputs)
    confusion = confusion_of(labels, said, data.classes, data.target)
    return Outcomes(outputs, costs, order, labels, said, confusion)


def target_rows(data: Dataset, dtype: Any) -> Array:
    """The targets of the test examples as rows (n, n_out)."""
    Y = data.test.Y
    return np.eye(data.n_out, dtype=dtype)[Y] if data.classes else Y.astype(dtype, copy=False)
