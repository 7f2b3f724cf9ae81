"""What rules look at: a network on a sample of examples, and whatever is known around it.

Measures are taken when a rule asks for the first time. Of a record alone there are no parameters,
of a network alone no history: what is missing is said, in ``CannotJudge``.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np

from chainrule.insight.curvature import Curvature, batch_sharpness, stack_curvature
from chainrule.insight.error_flow import ErrorFlow, flow_of
from chainrule.insight.example_gradients import ExampleGradients, gradients_of
from chainrule.insight.neurons import Neurons, neurons_at
from chainrule.nn.stack import Stack
from chainrule.training.rows import Rows

Array = Any
PART = 0.05
"""A neuron is saturated where its slope is below this part of the largest."""


class CannotJudge(Exception):  # noqa: N818 - no error: it says what a case lacks
    """What a rule would need to know; caught by ``diagnose``."""


@dataclass(frozen=True)
class Descent:
    """How the parameters are changed.

    Attributes:
        name: "sgd" or "adam".
        eta: the learning rate.
        settings: those of the optimiser: momentum, beta1 ...
        scale: Adam's factors on the gradient, like ``(weights, biases)``; None if not known.
    """

    name: str
    eta: float
    settings: Mapping[str, float] = field(default_factory=dict[str, float])
    scale: Any = None

    @property
    def limit(self) -> float:
        """The largest stable eigenvalue of the Hessian: ``2/eta``, more with momentum.

        For a quadratic cost ``2 (1 + mu) / eta`` with Polyak's momentum, and for Adam, of the
        scaled Hessian, ``2 (1 + beta1) / ((1 - beta1) eta)`` (Cohen et al. 2021 and 2022).
        """
        if self.name == "adam":
            beta1 = self.settings["beta1"]
            return 2 * (1 + beta1) / ((1 - beta1) * self.eta)
        return 2 * (1 + self.settings.get("momentum", 0.0)) / self.eta


@dataclass(frozen=True, eq=False)
class Case:
    """A network, or a record of one, and what is known around it.

    Attributes:
        a, delta: activations and errors of each example of the sample.
        costs: the cost of each example.
        delta_a: dC_x/da, where a record brings it.
        stack: the network, in double precision; None of a record.
        X, Y: the rows of the sample.
        indices: which examples of ``train`` these are.
        train, held_out: all examples.
        descent: how it is trained.
        batch_size: examples in a mini-batch; the number of rows of a record.
        decay: lambda/n of L2 regularisation.
        start: the network as it was before training.
        history: one record an epoch.
        classes: names of the classes, () where they are numbers.
        seed: for what is drawn.
    """

    a: Mapping[int, Array]
    delta: Mapping[int, Array]
    costs: Array
    batch_size: int
    delta_a: Mapping[int, Array] | None = None
    stack: Stack | None = None
    X: Array = None
    Y: Array = None
    indices: Array = None
    train: Rows | None = None
    held_out: Rows | None = None
    descent: Descent | None = None
    decay: float = 0.0
    start: Stack | None = None
    history: tuple[Mapping[str, Any], ...] = ()
    classes: tuple[str, ...] = ()
    seed: int = 0

    @property
    def network(self) -> Stack:
        """The network."""
        if self.stack is None:
            raise CannotJudge("a record has no parameters and activation functions; give the model")
        return self.stack

    @property
    def examples(self) -> Rows:
        """All examples."""
        if self.train is None:
            raise CannotJudge("a record does not hold the targets; give the model and the data")
        return self.train

    @property
    def cost(self) -> float:
        """The mean cost over the sample, without regularisation."""
        return float(self.costs.mean())

    @property
    def rule_of_descent(self) -> Descent:
        """How the network is trained."""
        if self.descent is None:
            raise CannotJudge("no learning rate is known; give eta= or optimiser=")
        return self.descent

    @cached_property
    def flow(self) -> ErrorFlow:
        """Sizes of errors, layer by layer."""
        return flow_of(self.a, self.delta, None if self.stack is None else self.stack.weights)

    @cached_property
    def gradients(self) -> ExampleGradients:
        """Gradients of single examples."""
        return gradients_of(self.a, self.delta)

    @cached_property
    def neurons(self) -> Neurons:
        """Saturated and dead neurons."""
        z, _ = self.network.activate(self.X)
        return neurons_at(self.network, z, PART)

    @cached_property
    def curvature(self) -> Curvature:
        """The curvature of the mean cost over the sample; for Adam that of the scaled Hessian."""
        scale = None if self.descent is None else self.descent.scale
        return stack_curvature(self.network, self.X, self.Y, self.decay, self.seed, scale)

    @cached_property
    def start_curvature(self) -> Curvature | None:
        """The curvature before training."""
        if self.start is None:
            return None
        return stack_curvature(self.start, self.X, self.Y, self.decay, self.seed)

    @cached_property
    def sharpness(self) -> float:
        """The batch sharpness; NaN if the sample is no more than one mini-batch."""
        if len(self.X) < 2 * self.batch_size:
            return float("nan")
        size = self.batch_size
        return batch_sharpness(self.network, self.X, self.Y, size, self.decay, self.seed)

    @cached_property
    def constant_cost(self) -> float:
        """The cost over the sample of always answering with the mean of the targets.

        No constant answer is better for costs whose best answer is an expected value, as quadratic,
        cross-entropy and log-likelihood are (Gneiting and Raftery 2007, section 3).
        """
        answer = np.broadcast_to(self.Y.mean(axis=0), self.Y.shape)
        with np.errstate(all="ignore"):
            return float(self.network.cost.of_activation(answer, self.Y).mean())
