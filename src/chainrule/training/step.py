"""One step of training as a pure function, traced once and compiled.

``(params, state, X, Y, eta) -> (cost, params, state)``: the mean cost over a mini-batch, its
gradient from the graph, weight decay, and the optimiser's update.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from chainrule.compile import Compiled, Executor, compile
from chainrule.core.trace import shape_of
from chainrule.core.tree import map_leaves
from chainrule.nn.costs import Cost
from chainrule.nn.layers import Model
from chainrule.nn.objective import mean_cost
from chainrule.training.optim import Optimiser
from chainrule.transforms.derived import value_and_grad

Step = Callable[[Any, Any, Any, Any, Any], tuple[Any, Any, Any]]


def training_step(
    model: Model, cost: Cost, optimiser: Optimiser, decay: float, executor: Executor
) -> Compiled:
    """The compiled step for a model, see :func:`step_of`."""
    return compile(step_of(model, cost, optimiser, decay), executor=executor)


def step_of(model: Model, cost: Cost, optimiser: Optimiser, decay: float) -> Step:
    """The step for a model; ``decay`` is lambda / n of L2 regularisation.

    With the cost ``C + (lambda / 2n) sum w^2`` the gradient in a weight gains ``(lambda / n) w``
    (Nielsen, chapter 3); biases are left alone. The cost that is returned is C.
    """
    objective = value_and_grad(mean_cost(model, cost))

    def step(params: Any, state: Any, X: Any, Y: Any, eta: Any) -> tuple[Any, Any, Any]:
        value, gradient = objective(params, X, Y)
        if decay:
            gradient = map_leaves(decayed, gradient, params)
        params, state = optimiser.update(gradient, state, params, eta)
        return value, params, state

    def decayed(g: Any, w: Any) -> Any:
        return g + decay * w if len(shape_of(w)) >= 2 else g

    return step
