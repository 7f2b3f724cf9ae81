"""Optimisers as pairs of pure functions: ``init(params) -> state``, ``update(...) -> new values``.

An optimiser changes nothing in place, so a training step is a pure function of parameters, state
and mini-batch, which can be traced and compiled. ``params`` and gradients are nested containers of
the same structure. The learning rate eta is handed in at each step: a schedule may change it.
"""

from __future__ import annotations

import math
import operator
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from chainrule.core.errors import ArgumentError
from chainrule.core.tree import map_leaves

Array = Any
Params = Any
State = Any


@dataclass(frozen=True)
class Optimiser:
    """A rule for changing parameters, with its learning rate and settings.

    ``update(gradient, state, params, eta) -> (params, state)``.
    """

    name: str
    eta: float
    settings: dict[str, float]
    init: Callable[[Params], State]
    update: Callable[[Params, State, Params, Any], tuple[Params, State]]


def _positive(name: str, value: float, what: str = "the learning rate eta") -> float:
    if not (value > 0 and math.isfinite(value)):
        raise ArgumentError(f"{name}: {what} must be a positive number, got {value}")
    return float(value)


def _fraction(name: str, **values: float) -> None:
    for key, value in values.items():
        if not 0 <= value < 1:
            raise ArgumentError(f"{name}: {key} must be from 0 up to but not 1, got {value}")


def sgd(eta: float, momentum: float = 0.0) -> Optimiser:
    """Gradient descent: ``w -> w - eta g``.

    With momentum mu a velocity is kept: ``v -> mu v - eta g``, ``w -> w + v``.

    Args:
        eta: learning rate, greater than 0.
        momentum: from 0 (none) up to but not 1 (Polyak, 1964; Nielsen, chapter 3).

    >>> optimiser = sgd(0.5)
    >>> optimiser.update([np.array([1.0])], (), [np.array([3.0])], 0.5)
    ([array([2.5])], ())
    """
    _fraction("sgd", momentum=momentum)

    def plain(gradient: Params, state: State, params: Params, eta: Any) -> tuple[Params, State]:
        def moved(w: Array, g: Array) -> Array:
            return w - eta * g

        return map_leaves(moved, params, gradient), state

    def rolling(gradient: Params, state: State, params: Params, eta: Any) -> tuple[Params, State]:
        def faster(v: Array, g: Array) -> Array:
            return momentum * v - eta * g

        velocity = map_leaves(faster, state, gradient)
        return map_leaves(operator.add, params, velocity), velocity

    rate = _positive("sgd", eta)
    if momentum == 0:
        return Optimiser("sgd", rate, {}, lambda _: (), plain)
    return Optimiser("sgd", rate, {"momentum": float(momentum)}, _zeros_like, rolling)


def adam(
    eta: float = 1e-3, beta1: float = 0.9, beta2: float = 0.999, epsilon: float = 1e-8
) -> Optimiser:
    """Adam: steps scaled by running moments of the gradient (Kingma and Ba, 2015, algorithm 1).

    Args:
        eta: learning rate, greater than 0.
        beta1: decay of the first moment.
        beta2: decay of the second moment.
        epsilon: added to the root of the second moment.

    >>> optimiser = adam(0.1)
    >>> params = [np.array([3.0])]
    >>> (w,), _ = optimiser.update([np.array([2.0])], optimiser.init(params), params, 0.1)
    >>> w.round(6)
    array([2.9])
    """
    _fraction("adam", beta1=beta1, beta2=beta2)
    _positive("adam", epsilon, "epsilon")

    def init(params: Params) -> State:
        return {"first": _zeros_like(params), "second": _zeros_like(params), "steps": np.zeros(())}

    def update(gradient: Params, state: State, params: Params, eta: Any) -> tuple[Params, State]:
        steps = state["steps"] + 1.0
        rise, spread = 1 - beta1**steps, 1 - beta2**steps

        def mean(m: Array, g: Array) -> Array:
            return beta1 * m + (1 - beta1) * g

        def mean_square(v: Array, g: Array) -> Array:
            return beta2 * v + (1 - beta2) * g * g

        def moved(w: Array, m: Array, v: Array) -> Array:
            size, scale = (eta / rise).astype(w.dtype), (1 / spread).astype(w.dtype)
            return w - size * m / (np.sqrt(v * scale) + epsilon)

        first = map_leaves(mean, state["first"], gradient)
        second = map_leaves(mean_square, state["second"], gradient)
        params = map_leaves(moved, params, first, second)
        return params, {"first": first, "second": second, "steps": steps}

    settings = {"beta1": float(beta1), "beta2": float(beta2), "epsilon": float(epsilon)}
    return Optimiser("adam", _positive("adam", eta), settings, init, update)


def _zeros_like(params: Params) -> Params:
    return map_leaves(np.zeros_like, params)


OPTIMISERS: dict[str, Callable[[float], Optimiser]] = {
    "sgd": sgd,
    "momentum": lambda eta: sgd(eta, momentum=0.9),
    "adam": adam,
}


def optimiser_named(name: str, eta: float) -> Optimiser:
    """The optimiser of that name with a learning rate: "sgd", "momentum" (0.9) or "adam".

    >>> optimiser_named("sgd", 3.0).eta
    3.0
    """
    if name not in OPTIMISERS:
        raise ArgumentError(f"optimiser {name!r} is not one of {', '.join(OPTIMISERS)}")
    return OPTIMISERS[name](eta)
