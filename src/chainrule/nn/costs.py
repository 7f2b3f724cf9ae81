"""Cost functions: how far the outputs of a network are from the desired outputs.

A cost is a sum of costs C_x of single examples: it takes outputs ``a`` and targets ``y`` whose rows
are examples, and returns one number a row. Two costs belong to an output activation, cross-entropy
to the sigmoid and log-likelihood to the softmax; together with it they are computed from the
weighted input z directly, so that no logarithm of a vanished probability is taken. The derivative
of that form is a - y (Nielsen, chapter 3).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from chainrule.core.errors import ArgumentError, ShapeError
from chainrule.core.trace import shape_of
from chainrule.nn.activations import Activation, sigmoid, softmax
from chainrule.ops.elementwise import absolute
from chainrule.ops.powers import square
from chainrule.ops.reductions import reduce_sum
from chainrule.ops.special import huber as huber_of
from chainrule.ops.special import log_expit, log_softmax, xlogy

Array = Any


@dataclass(frozen=True, slots=True)
class Cost:
    """A cost function C_x(a, y), one number for each row.

    ``output`` is the activation that the cost belongs to, if any, and ``of_weighted_input`` the
    cost as a function of z, with that activation inside.
    """

    name: str
    of_activation: Callable[[Array, Array], Array]
    output: Activation | None = None
    of_weighted_input: Callable[[Array, Array], Array] | None = None


def _total(per_entry: Array) -> Array:
    return reduce_sum(per_entry, -1)


def _cross_entropy(a: Array, y: Array) -> Array:
    return -_total(xlogy(y, a) + xlogy(1 - y, 1 - a))


def _cross_entropy_of_z(z: Array, y: Array) -> Array:
    return -_total(y * log_expit(z) + (1 - y) * log_expit(-z))


quadratic = Cost("quadratic", lambda a, y: 0.5 * _total(square(a - y)))
cross_entropy = Cost("cross-entropy", _cross_entropy, sigmoid, _cross_entropy_of_z)
log_likelihood = Cost(
    "log-likelihood",
    lambda a, y: -_total(xlogy(y, a)),
    softmax,
    lambda z, y: -_total(y * log_softmax(z)),
)
mean_absolute = Cost("mean-absolute", lambda a, y: _total(absolute(a - y)) / shape_of(y)[-1])
huber = Cost("huber", lambda a, y: _total(huber_of(a - y)))

COSTS: dict[str, Cost] = {
    c.name: c for c in (quadratic, cross_entropy, log_likelihood, mean_absolute, huber)
}


def cost_named(given: str | Cost | Callable[[Array, Array], Array]) -> Cost:
    """The cost of that name; a function of ``(a, y)`` becomes a cost.

    ===============  =====================================================================
    quadratic        ``sum_j (a_j - y_j)^2 / 2``
    cross-entropy    ``-sum_j [y_j ln a_j + (1 - y_j) ln(1 - a_j)]``, with sigmoid output
    log-likelihood   ``-sum_j y_j ln a_j``, with softmax output
    mean-absolute    ``sum_j |a_j - y_j| / n``
    huber            ``sum_j h(a_j - y_j)``, ``h(r) = r^2 / 2`` for ``|r| <= 1`` else ``|r| - 1/2``
    ===============  =====================================================================

    >>> import numpy as np
    >>> cost_named("quadratic").of_activation(np.array([[1.0, 0.0]]), np.array([[0.0, 0.0]]))
    array([0.5])
    """
    if isinstance(given, Cost):
        return given
    if callable(given):
        return Cost(given.__name__, _checked(given))
    if given not in COSTS:
        raise ArgumentError(f"cost {given!r} is not one of {', '.join(COSTS)}")
    return COSTS[given]


@lru_cache(maxsize=256)
def _checked(f: Callable[[Array, Array], Array]) -> Callable[[Array, Array], Array]:
    def of_activation(a: Array, y: Array) -> Array:
        costs = f(a, y)
        if shape_of(costs) != shape_of(a)[:-1]:
            raise ShapeError(
                f"cost function {f.__name__} returned shape {shape_of(costs)} for outputs of shape"
                f" {shape_of(a)}; it must return one number for each row: np.sum(..., axis=-1)"
            )
        return costs

    return of_activation
