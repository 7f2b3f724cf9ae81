"""What a step of training is about to do, layer by layer, and how good the network is.

The step is the one that follows a state: the gradient of its mini-batch, and how far it moves the
weights. Sizes of errors are those of ``insight/error_flow.py``; saturated and dead neurons are
those of ``insight/neurons.py`` by the threshold of the diagnosis, over a fixed sample of held-out
examples.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from chainrule.explorer.learning.course import Course
from chainrule.insight.diagnosis.case import PART
from chainrule.insight.error_flow import errors_at, flow_of
from chainrule.insight.neurons import LayerNeurons, neurons_at
from chainrule.nn.stack import Stack, stack_of
from chainrule.training.metrics import score
from chainrule.training.prepare import Prepared
from chainrule.training.rows import Rows
from chainrule.training.state import TrainingState
from chainrule.training.step import step_of

Array = Any
SAMPLE = 500  # examples, the first that are held out: enough to tell a dead neuron, and cheap


@dataclass(frozen=True)
class LayerMeasures:
    """One layer at a step.

    Attributes:
        nabla_w, nabla_b: the norms of the gradient of the mini-batch's mean cost.
        delta: the root mean square over the mini-batch of ``|delta|``.
        weights: ``|w|``.
        update: how far the step moves the weights, relative to them: with plain descent
            ``|eta nabla_w| / |w|``; None where all weights are 0.
        saturated: the share of the sample's activations whose slope is below ``PART`` of the
            largest; None without a slope of its own (softmax).
        dead: how many neurons have no slope for any example of the sample; None likewise.
    """

    nabla_w: float
    nabla_b: float
    delta: float
    weights: float
    update: float | None
    saturated: float | None
    dead: int | None


@dataclass(frozen=True)
class Measures:
    """All layers at a step.

    ``cost`` is the mean over the mini-batch to come, ``sample_cost`` and ``sample_score`` are over
    the sample; the score is the accuracy, or R^2 for a regression.
    """

    layers: Mapping[int, LayerMeasures]
    cost: float
    sample_cost: float
    sample_score: float


def measured(course: Course, state: TrainingState, eta: float) -> Measures:
    """What the step after ``state`` does with the learning rate ``eta``."""
    ready = course.ready
    with np.errstate(all="ignore"):  # what is not finite is shown as such
        _, X, Y = course.mini_batch(state)
        stack = stack_of(ready.model, state.params, ready.cost)
        a, delta = errors_at(stack, X, Y)
        flow = flow_of(a, delta, stack.weights)
        cost, moved = _stepped(ready, state, X, Y, eta)
        rows = sample_of(ready)
        z, _ = stack.activate(rows.X)
        neurons = neurons_at(stack, z, PART)
        layers = {
            n: LayerMeasures(
                flow.layers[n].gradient,
                _norm(np.mean(delta[n], axis=0, dtype=np.float64)),
                flow.layers[n].norm,
                _norm(w),
                _norm(moved.weights[n] - w) / _norm(w) if np.any(w) else None,
                neurons.layers[n].saturated_share,
                _dead(neurons.layers[n]),
            )
            for n, w in stack.weights.items()
        }
        found = score(ready.model, ready.cost, state.params, *rows[:2], classes=rows.classes)
    return Measures(layers, cost, found["cost"], found[score_name(ready)])


def sample_of(ready: Prepared) -> Rows:
    """The examples that neurons are looked at on: held-out ones, if there are any."""
    feed: Any = ready.feed
    rows: Rows = feed.rows if ready.validation is None else ready.validation
    return Rows(rows.X[:SAMPLE], rows.Y[:SAMPLE], rows.classes)


def score_name(ready: Prepared) -> str:
    """What tells how good the network is, beside the cost."""
    return "accuracy" if ready.feed.classes else "r2"


def _stepped(
    ready: Prepared, state: TrainingState, X: Array, Y: Array, eta: float
) -> tuple[float, Stack]:
    """The cost of a mini-batch, and the layers after its step."""
    step = step_of(ready.model, ready.cost, ready.optimiser, ready.decay)
    cost, params, _ = step(state.params, state.optimiser, X, Y, eta)
    return float(cost), stack_of(ready.model, params, ready.cost)


def _norm(x: Array) -> float:
    return float(np.linalg.norm(np.asarray(x, np.float64)))


def _dead(layer: LayerNeurons) -> int | None:
    return None if layer.dead is None else int(np.sum(layer.dead))
