"""Numbers at which a derivation is checked: those of the network itself, by its own reverse sweep.

The left side of a line is a number that the network has: an error, a gradient, a cost. It comes
from the network as it is trained, with rows of examples and a cost that may be computed from z, and
not from the sweep that was read off. The gradient itself is compared with differences of the cost,
so that a wrong rule of a primitive is found, too.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from chainrule.checking.differences import slopes
from chainrule.core.errors import ArgumentError, GradientError
from chainrule.core.graph import Var
from chainrule.core.trace import type_of
from chainrule.insight.algebra.building import symbols_of
from chainrule.insight.derivations.symbols import Names
from chainrule.insight.notation.expression import Apply, Expression
from chainrule.insight.notation.reading import evaluate_expression
from chainrule.insight.notation.text import text
from chainrule.nn.stack import Stack
from chainrule.transforms.derived import jacobian
from chainrule.transforms.jvp import jvp
from chainrule.transforms.numbers import Numbers
from chainrule.transforms.trace import trace
from chainrule.transforms.vjp import vjp

Array = Any
EPS = float(np.finfo(np.float64).eps)
TOLERANCE = 1e-9
RANDOM_POINTS = 3
AGAINST = "the network's own reverse sweep, confirmed by differences of the cost"
_DRAWS = 4  # of rounding errors, to see what they make of an expression


@dataclass(frozen=True, eq=False)
class Point:
    """One example and parameters, and the value of every symbol there, by its text.

    ``unsure`` says of values what rounding has made of them, where that is more than a unit in the
    last place: of what was computed from an activation near 1, of which ``1 - a`` is asked.
    """

    title: str
    values: Mapping[str, Array]
    unsure: Mapping[str, Array]


# ---- points --------------------------------------------------------------------------------------


def points_of(
    stack: Stack,
    elementwise: Mapping[int, bool],
    names: Names,
    example: tuple[Array, Array] | None,
) -> tuple[Point, ...]:
    """Points with random parameters, and one with the network's own.

    Raises:
        ArgumentError: the cost is not finite at any random parameters, or single precision.
        GradientError: the gradient is not what differences of the cost say.
    """
    stack = replace(
        stack,
        weights={n: np.asarray(w, np.float64) for n, w in stack.weights.items()},
        biases={n: np.asarray(b, np.float64) for n, b in stack.biases.items()},
    )
    rng = np.random.default_rng(0)
    points: list[Point] = []
    for k, drawn in enumerate(_random_stacks(stack, rng)):
        x, y = _random_example(drawn, rng, sums_to_one=len(points) != 1)
        point = _point(f"random parameters {k}", drawn, x, y, elementwise, names)
        if point is not None:
            if not points:
                _confirm(drawn, x, y, point, names, rng)
            points.append(point)
        if len(points) == RANDOM_POINTS:
            break
    if not points:
        raise ArgumentError(
            "the cost or its gradient is infinite or NaN at all random parameters that were tried,"
            " so that nothing can be checked; is the cost made for outputs of this activation?"
        )
    x, y = example if example is not None else _random_example(stack, rng, sums_to_one=True)
    own = _point("the network's parameters", stack, x, y, elementwise, names)
    return (*points, *([own] if own is not None else []))


def _random_stacks(stack: Stack, rng: np.random.Generator) -> Iterator[Stack]:
    """Parameters of moderate size; with shifts, which may bring outputs into a cost's domain."""
    for shift in (0.0, 0.0, 0.0, 0.5, -0.5, 1.0, 2.0, -1.0, 0.5, 1.0, 2.0):
        weights: dict[int, Array] = {
            n: rng.normal(size=w.shape) / np.sqrt(w.shape[1]) for n, w in stack.weights.items()
        }
        biases: dict[int, Array] = {
            n: shift + 0.1 * rng.normal(size=b.shape) for n, b in stack.biases.items()
        }
        if shift:
            weights = {n: 0.1 * w for n, w in weights.items()}
        yield replace(stack, weights=weights, biases=biases)


def _random_example(
    stack: Stack, rng: np.random.Generator, *, sums_to_one: bool
) -> tuple[Array, Array]:
    y = rng.uniform(0.1, 0.9, stack.sizes[-1])
    return rng.normal(size=stack.sizes[0]), y / y.sum() if sums_to_one else y


def _point(
    title: str, stack: Stack, x: Array, y: Array, elementwise: Mapping[int, bool], names: Names
) -> Point | None:
    """All values; None if one of them is not finite."""
    with np.errstate(all="ignore"):
        values = _values(stack, x, y)
        spread = _spread(stack, values["a", stack.depth], y)
        for n, f in stack.activations.items():
            z = values["z", n]
            if elementwise[n]:
                values["slope", n] = jvp(f, (z,), (np.ones_like(z),))[1]
            else:
                values["jacobian", n] = jacobian(f)(z)
            values["activation", n] = values["a", n]
            values["any", n] = np.random.default_rng(n).normal(size=z.shape)
    if any(np.asarray(v).dtype != np.float64 for v in values.values()):
        raise ArgumentError(
            "an activation or the cost converts to another dtype than float64, in which derivations"
            " are checked; leave the conversion out"
        )
    if not all(np.all(np.isfinite(v)) for v in values.values()):
        return None
    by_text = {_text(names, *place, v): v for place, v in values.items() if place[0] not in _COSTS}
    costs = dict(zip(_COSTS.values(), (values[name, 0] for name in _COSTS), strict=True))
    unsure = {"C(a^L, y)": spread[0], _text(names, "delta_a", stack.depth, spread[1]): spread[1]}
    return Point(title, {**by_text, "y": y, **costs}, unsure)


_COSTS = {"cost": "C", "cost_of_a": "C(a^L, y)"}  # computed from z where they belong together


def _values(stack: Stack, x: Array, y: Array) -> dict[tuple[str, int], Array]:
    """Values and errors of one example, by one sweep each way through the network as it is."""
    depth = stack.depth
    layers = range(1, depth + 1)

    def forward(X: Array, *parameters: Array) -> list[Array]:
        weights = dict(zip(layers, parameters, strict=False))
        biases = dict(zip(layers, parameters[depth:], strict=True))
        z, a, costs = stack.forward(X, y[None, :], weights, biases)
        return [costs, *z.values(), *a.values()]

    inputs = [x[None, :], *stack.weights.values(), *stack.biases.values()]
    graph = trace(forward)(*inputs)
    numbers = Numbers(graph, inputs, [np.ones(1), *[None] * (len(graph.outputs) - 1)])
    families = [("z", "delta", n) for n in layers] + [("a", "delta_a", n) for n in range(depth + 1)]
    values: dict[tuple[str, int], Array] = {("cost", 0): numbers.value(graph.outputs[0])[0]}
    for (name, derivative, n), v in zip(families, graph.outputs[1:], strict=True):
        values[name, n] = numbers.value(v)[0]
        ct = numbers.cotangent(v) if isinstance(v, Var) else None
        values[derivative, n] = np.zeros_like(values[name, n]) if ct is None else ct[0]
    for i, n in enumerate(layers):
        for name, of, v in (
            ("weights", "nabla_w", graph.inputs[1 + i]),
            ("biases", "nabla_b", graph.inputs[1 + depth + i]),
        ):
            ct = numbers.cotangent(v)
            values[name, n] = numbers.value(v)
            values[of, n] = np.zeros_like(values[name, n]) if ct is None else ct
    values["cost_of_a", 0], values["delta_a", depth] = _cost_of_output(stack, values["a", depth], y)
    values.update({("delta_z", n): values["delta", n] for n in layers})
    return values


def _cost_of_output(stack: Stack, a: Array, y: Array) -> tuple[Array, Array]:
    """The cost as a function of the output, and its derivative."""

    def of_output(rows: Array) -> Array:
        return stack.cost.of_activation(rows, y[None, :])

    costs, pullback = vjp(of_output, a[None, :])
    return costs[0], pullback(np.ones_like(costs))[0][0]


def _spread(stack: Stack, a: Array, y: Array) -> tuple[Array, Array]:
    """What the rounding of the output makes of the cost and its derivative."""
    here = _cost_of_output(stack, a, y)
    sides = [_cost_of_output(stack, a * (1 + s * EPS), y) for s in (-1, 1)]
    cost, derivative = (
        np.max([np.abs(side[i] - here[i]) for side in sides], axis=0) for i in (0, 1)
    )
    return cost, derivative


def _text(names: Names, family: str, layer: int, value: Array) -> str:
    return names.of(family, layer, type_of(value)).text


def _confirm(
    stack: Stack, x: Array, y: Array, point: Point, names: Names, rng: np.random.Generator
) -> None:
    """Compare the gradient along one direction in all parameters with differences."""
    layers = range(1, stack.depth + 1)

    def cost(*parameters: Array) -> list[Array]:
        weights = dict(zip(layers, parameters, strict=False))
        biases = dict(zip(layers, parameters[stack.depth :], strict=True))
        return [stack.forward(x[None, :], y[None, :], weights, biases).costs[0]]

    xs = [*stack.weights.values(), *stack.biases.values()]
    ts: list[Array] = [rng.normal(size=p.shape) / np.sqrt(p.size) for p in xs]
    gradients = [
        point.values[_text(names, family, n, p)]
        for family, group in (("nabla_w", stack.weights), ("nabla_b", stack.biases))
        for n, p in group.items()
    ]
    predicted = sum(float(np.sum(g * t)) for g, t in zip(gradients, ts, strict=True))
    found = slopes(cost, xs, ts, EPS, try_complex=False)
    size = sum(float(np.sum(np.abs(g * t))) for g, t in zip(gradients, ts, strict=True))
    allowed = float(found.error[0]) + 1e-7 * (size + abs(predicted))
    if not found.bent[0] and abs(float(found.value[0]) - predicted) > allowed:
        raise GradientError(
            f"the gradient of the cost is {predicted:.9g} along a direction in which differences"
            f" say {float(found.value[0]):.9g}: the derivative of an operation in the activations"
            " or the cost is wrong; cr.check_gradients names it"
        )


# ---- checks --------------------------------------------------------------------------------------


def error_of(
    left: Expression, right: Expression, assumptions: Sequence[Expression], points: Sequence[Point]
) -> float:
    """The largest relative error between two sides, at the points where the assumptions hold.

    It is relative to the left side, or to the terms on the right where these cancel.

    Raises:
        GradientError: they are not equal, or there is no point to see it.
    """
    errors: list[float] = []
    for point in points:
        if all(_holds(a, point.values) for a in assumptions):
            found = _error_at(left, right, point)
            if not found <= TOLERANCE:
                raise GradientError(
                    f"a line of the derivation is wrong: {text(left)} = {text(right)} has relative"
                    f" error {found:.1e} at {point.title}; this is a bug in chainrule, please"
                    " report it with the activation and the cost"
                )
            errors.append(found)
    if not errors:
        conditions = ", ".join(map(text, assumptions))
        raise GradientError(
            f"{text(left)} = {text(right)} could not be checked: {conditions} does not hold at any"
            " of the points"
        )
    return max(errors)


def _holds(assumption: Expression, values: Mapping[str, Array]) -> bool:
    if isinstance(assumption, Apply) and assumption.primitive == "equal":
        one, other = (evaluate_expression(x, values) for x in assumption.operands)
        return bool(np.allclose(one, other, rtol=1e-12))
    return bool(np.all(evaluate_expression(assumption, values)))


def _error_at(left: Expression, right: Expression, point: Point) -> float:
    with np.errstate(all="ignore"):
        expected = np.asarray(evaluate_expression(left, point.values))
        found = np.asarray(evaluate_expression(right, point.values))
        apart = _largest(expected - found)
        if apart == 0:
            return 0.0
        rng = np.random.default_rng(1)
        used = {name: point.values[name] for name in symbols_of(right)}
        moved = [_rounded(used, point.unsure, rng) for _ in range(_DRAWS)]
        noise = max(_largest(np.asarray(evaluate_expression(right, v)) - found) for v in moved)
        return apart / max(_largest(expected), noise / EPS)


def _rounded(
    values: Mapping[str, Array], unsure: Mapping[str, Array], rng: np.random.Generator
) -> dict[str, Array]:
    """Every number moved by a unit in its last place, or what it is unsure by, up or down."""
    return {
        k: v
        + np.maximum(EPS * np.abs(v), unsure.get(k, 0.0)) * rng.choice([-1.0, 1.0], np.shape(v))
        for k, v in values.items()
    }


def _largest(x: Array) -> float:
    return float(np.max(np.abs(x), initial=0.0))
