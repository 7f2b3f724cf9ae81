"""What is looked at: a model with its parameters, its cost, and the examples to look at it with.

People have a Network, a Sequential with parameters, what ``cr.fit`` gave them, or the folder of a
run; all of them become a :class:`Subject` here. So do examples: arrays, pairs of the book, a data
set, or the test examples that a run has left aside.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from chainrule.core.errors import ArgumentError
from chainrule.core.tree import flatten
from chainrule.data.dataset import Dataset
from chainrule.nn.costs import Cost, cost_named
from chainrule.nn.examples import pairs_of
from chainrule.nn.layers import Model, Sequential
from chainrule.nn.network import Network
from chainrule.nn.objective import costs_of_examples
from chainrule.nn.stack import GivenCost
from chainrule.training.metrics import chosen, outputs
from chainrule.training.result import FitResult
from chainrule.training.rows import outputs_of, pair_of, rows_of
from chainrule.training.trained import Trained, load_trained

Array = Any


@dataclass(frozen=True, eq=False)
class Subject:
    """A model with parameters and cost; ``trained`` is the run that they come from, if any."""

    model: Model
    params: Any
    cost: Cost
    trained: Trained | None = None

    @property
    def dtype(self) -> np.dtype[Any]:
        """Of the parameters and of the computation."""
        return np.asarray(flatten(self.params)[0][0]).dtype

    def outputs(self, X: Array) -> Array:
        """The activations of the output layer for rows of inputs."""
        return outputs(self.model, self.cost, self.params, X)

    def costs(self, X: Array, Y: Array) -> Array:
        """C_x of each example, given target rows."""
        return np.asarray(costs_of_examples(self.model, self.cost)(self.params, X, Y))


@dataclass(frozen=True, eq=False)
class Labelled:
    """Examples with their class numbers.

    Attributes:
        X: inputs (examples, n_in).
        Y: target rows (examples, n_out).
        labels: class numbers (examples,).
        classes: the names of the classes.
        shape: of one example before it was flattened, () if it is not known.
        target: what is told of an example: "digit".
    """

    X: Array
    Y: Array
    labels: Array
    classes: tuple[str, ...]
    shape: tuple[int, ...] = ()
    target: str = "class"


def subject_of(given: Any, params: Any = None, cost: GivenCost = None) -> Subject:
    """The model that is meant by a Network, a Sequential, a fit result, or a run folder.

    Args:
        given: a ``cr.nn.Network``; a ``cr.nn.Sequential`` with ``params`` and ``cost``; what
            ``cr.fit`` returned; the path of a run folder.
        params, cost: in place of its own.

    Raises:
        ArgumentError: it is something else, or params or cost are missing.
        RunError: there is no such run.

    >>> import chainrule as cr
    >>> subject_of(cr.nn.Network([2, 3, 1])).cost.name
    'quadratic'
    """
    found = _found(given)
    if params is None:
        params = found.params
    chosen = found.cost if cost is None else cost_named(cost)
    if params is None or chosen is None:
        missing = "params=" if params is None else "cost="
        raise ArgumentError(
            f"a {type(found.model).__name__} does not hold its parameters and cost; give {missing}"
        )
    return Subject(found.model, params, chosen, found.trained)


@dataclass(frozen=True, eq=False)
class _Found:
    model: Model
    params: Any = None
    cost: Cost | None = None
    trained: Trained | None = None


def _found(given: Any) -> _Found:
    if isinstance(given, (str, Path)):
        given = load_trained(given)
    if isinstance(given, Trained):
        return _Found(given.model, given.params, given.cost, given)
    if isinstance(given, Subject):
        return _Found(given.model, given.params, given.cost, given.trained)
    if isinstance(given, Network):
        return _Found(given, given.params, given.cost)
    if isinstance(given, Sequential):
        return _Found(given)
    if isinstance(given, FitResult) and given.model is not None:
        return _Found(given.model, given.params, given.cost)
    raise ArgumentError(
        f"{type(given).__name__} is no model; give a cr.nn.Network, a cr.nn.Sequential with params="
        " and cost=, the result of cr.fit, or the path of a run folder"
    )


def labelled_of(subject: Subject, data: Any = None) -> Labelled:
    """Examples of classes for a model, in its dtype.

    Args:
        subject: the model.
        data: a pair (X, Y) with class numbers or target rows, ``cr.data.Examples``, a list of pairs
            (x, y), or a data set, whose test examples are taken; None takes those of the run.

    Raises:
        ArgumentError: there are no data, or these are not of classes.
        DataError: there are no examples, or they are in another form.
        ShapeError: they do not fit the model.
    """
    names: tuple[str, ...] = ()
    shape: tuple[int, ...] = ()
    target = "class"
    if data is None:
        if subject.trained is None:
            raise ArgumentError(
                "there are no examples to look at: give arrays or a data set; only a run folder"
                " knows what it was trained on"
            )
        data = subject.trained.dataset()
    if isinstance(data, Dataset):
        names, shape, target, data = data.classes, data.shape, data.target, data.test
    outputs = outputs_of(subject.model, subject.cost, subject.params)
    X, Y, of_classes = rows_of(arrays_of(data), outputs, subject.dtype, "the examples")
    if not of_classes:
        raise ArgumentError("the targets are numbers, and no classes, of which this is told")
    classes = names or tuple(map(str, range(max(Y.shape[1], 2))))
    return Labelled(X, Y, chosen(Y), classes, shape, target)


def arrays_of(data: Any) -> tuple[Array, Array]:
    """Inputs and targets of a pair of arrays, of ``cr.data.Examples``, or of the book's pairs.

    Raises:
        DataError: it is none of these.
    """
    pair = pair_of(data)
    if pair is not None:
        return pair
    xs, ys = zip(*pairs_of(data), strict=True)
    return np.stack([np.reshape(x, -1) for x in xs]), np.stack([np.reshape(y, -1) for y in ys])
