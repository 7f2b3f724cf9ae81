"""What the screen "Four equations" asks: BP1 to BP4 at one example, entry by entry.

z, a, the errors and the parameters are questions of all screens; here are the formulas, the slopes,
the gradients of weights, single entries with their terms and checks, and the output layer under two
costs.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from chainrule.core.errors import ArgumentError
from chainrule.explorer.moment import Asked, Moment
from chainrule.explorer.session import Session
from chainrule.insight.entries import FourEquations
from chainrule.insight.output_errors import compared_costs, errors_along, output_errors
from chainrule.insight.slopes import pull_of
from chainrule.nn.costs import log_likelihood
from chainrule.nn.stack import Stack

Array = Any
Plain = Any

REACH = 8.0  # of the curve over z, where the sigmoid's slope is 0.0003
POINTS = 161  # of the curve
LISTED = 8  # terms of a sum, the largest
_SAVED = 64  # neurons of a layer whose entries are all kept in a file


def forms(session: Session, *, step: int, example: str) -> Plain:
    """The equations in LaTeX, in the order of the sweep, and BP1 under the two costs."""
    four = session.demon(step, example).equations
    stack = session.stack(step)
    made: list[Plain] = []
    for label, layer in four.places:
        found = four.forms(label, layer)
        made.append(
            {
                "label": label,
                "layer": layer,
                "general": found.general,
                "special": found.special,
                "assumptions": found.assumptions,
                "largest": four.largest(label, layer, 1)[0],
            }
        )
    costs = [
        {"name": cost.name, "formula": four.under(cost).forms("BP1", stack.depth).special}
        for cost in compared_costs(stack)
    ]
    return {"equations": made, "costs": costs, "slower": _slowest(session, stack, step, example)}


def _slowest(session: Session, stack: Stack, step: int, example: str) -> int:
    """The output neuron whose errors under the two costs are furthest apart."""
    z, y = _outputs(session, stack, step, example)
    first, second = (errors_along(stack, cost, z[None], y)[0] for cost in compared_costs(stack))
    return int(np.argmax(np.abs(second - first)))


def slopes(session: Session, *, step: int, example: str) -> Plain:
    """sigma'(z) by layer; of an activation that mixes entries, the transposed Jacobian."""
    stack, found = session.stack(step), session.record(step, example)
    pulls = {n: pull_of(f, found.z[n][0]) for n, f in stack.activations.items()}
    return {"slopes": pulls}


def gradient(session: Session, *, step: int, example: str, layer: int) -> Plain:
    """∂C/∂W of a layer, (n_l, n_(l-1))."""
    return {"nabla_w": _four(session, step, example).values("BP4", layer)}


def entry(
    session: Session, *, step: int, example: str, label: str, layer: int, row: int, column: int
) -> Plain:
    """One entry: its numbers, its largest terms, and its check; column only counts for BP4."""
    four = _four(session, step, example)
    found = four.entry(label, layer, (row, column) if label == "BP4" else (row,))
    answer = {
        "name": found.name,
        "terms": found.terms,
        "value": found.value,
        "difference": found.difference,
        "gap": found.value - found.difference,
        "sum": found.sum,
    }
    if label != "BP2":
        return answer
    back = four.back(layer, row)
    return {
        **answer,
        "terms_of_sum": {
            "neuron": back.neurons,
            "weight": back.weights,
            "error": back.errors,
            "product": back.products,
        },
        "listed": LISTED,
        "rest": back.rest(LISTED),
        "total": back.total,
    }


def costs(
    session: Session, *, step: int, example: str, neuron: int, z: float | None, target: float | None
) -> Plain:
    """The output layer under two costs, one neuron's z and target moved if they are given."""
    stack = session.stack(step)
    at, y = _outputs(session, stack, step, example)
    y = _target(stack, at, y, _neuron(stack, neuron), target)
    moved = at.copy()
    if z is not None:
        moved[neuron] = z
    both = [output_errors(stack, cost, moved, y) for cost in compared_costs(stack)]
    first, second = (abs(float(found.delta[neuron])) for found in both)
    return {
        "z": moved,
        "a": stack.activations[stack.depth](moved[None])[0],
        "y": y,
        "slope": pull_of(stack.activations[stack.depth], moved),
        "costs": [
            {"name": f.cost, "value": f.value, "delta_a": f.delta_a, "delta": f.delta} for f in both
        ],
        "ratio": second / first if first else None,
    }


def curve(session: Session, *, step: int, example: str, neuron: int, target: float | None) -> Plain:
    """|δ| of one output neuron over its z under two costs, the other neurons as they are."""
    stack = session.stack(step)
    at, y = _outputs(session, stack, step, example)
    y = _target(stack, at, y, _neuron(stack, neuron), target)
    here = float(at[neuron])
    zs = np.linspace(min(-REACH, here - 1), max(REACH, here + 1), POINTS)
    rows = np.tile(at, (POINTS, 1))
    rows[:, neuron] = zs
    found = [
        np.abs(errors_along(stack, cost, rows, y)[:, neuron]) for cost in compared_costs(stack)
    ]
    return {"here": here, "z": zs, "deltas": found}


QUESTIONS = {
    "forms": forms,
    "slopes": slopes,
    "gradient": gradient,
    "entry": entry,
    "costs": costs,
    "curve": curve,
}


def _four(session: Session, step: int, example: str) -> FourEquations:
    return session.demon(step, example).equations


def _outputs(session: Session, stack: Stack, step: int, example: str) -> tuple[Array, Array]:
    """z of the output layer and its target, in float64: saturated outputs are close to 0 and 1."""
    z = session.record(step, example).z[stack.depth][0]
    return z.astype(np.float64), session.example(example).y[0].astype(np.float64)


def _neuron(stack: Stack, neuron: int) -> int:
    width = stack.sizes[-1]
    if not 0 <= neuron < width:
        raise ArgumentError(f"the output layer has neurons 0 to {width - 1}, and no {neuron}")
    return neuron


def _target(stack: Stack, z: Array, y: Array, neuron: int, target: float | None) -> Array:
    """``y`` with another target for one neuron; probabilities of classes still add up to 1."""
    if target is None or target == y[neuron]:
        return y
    moved = y.copy()
    moved[neuron] = target
    is_choice = compared_costs(stack)[1] is log_likelihood and np.sum(y) == 1
    if is_choice and target == 1:
        return np.eye(len(y))[neuron]
    if is_choice and target == 0:
        others = np.where(np.arange(len(y)) == neuron, -np.inf, z)
        return np.eye(len(y))[int(np.argmax(others))]
    return moved


def recorded(session: Session, moment: Moment) -> list[Asked]:
    """The questions that the screen asks at a moment; of small layers, about each neuron."""
    at = {"step": moment.step, "example": moment.example}
    four = _four(session, moment.step, moment.example)
    sizes = session.stack(moment.step).sizes
    depth = len(sizes) - 1
    asked: list[Asked] = [("equations.forms", at), ("equations.slopes", at)]
    asked += [("equations.gradient", {**at, "layer": n}) for n in range(1, depth + 1)]
    for label, n in four.places:
        for row, column in _entries(four, label, n, moment):
            where = {"label": label, "layer": n, "row": row, "column": column}
            asked.append(("equations.entry", {**at, **where}))
    for neuron in range(min(sizes[-1], _SAVED)):
        for target in (None, 0, 1):
            about = {**at, "neuron": neuron, "target": target}
            asked += [("equations.costs", {**about, "z": None}), ("equations.curve", about)]
    return asked + _moved(session, moment, sizes[-1])


def _moved(session: Session, moment: Moment, width: int) -> list[Asked]:
    """The question about the output neuron whose z the page's address moves."""
    z, target = (_number(moment.more.get(name, "")) for name in ("moved", "target"))
    if z is None:
        return []
    at = {"step": moment.step, "example": moment.example}
    stack = session.stack(moment.step)
    neuron = _chosen(
        moment.more.get("output", ""), width, _slowest(session, stack, moment.step, moment.example)
    )
    return [("equations.costs", {**at, "neuron": neuron, "z": z, "target": target})]


def _number(text: str) -> float | None:
    try:
        number = float(text)
    except ValueError:
        return None
    return number if math.isfinite(number) else None


def _entries(four: FourEquations, label: str, n: int, moment: Moment) -> list[tuple[int, int]]:
    """The entries of an equation that a file has: the largest, the chosen one, all of a vector."""
    shape = four.values(label, n).shape
    rows = range(min(shape[0], _SAVED))
    if label != "BP4":
        largest = four.largest(label, n, 1)[0][0]
        return [(row, 0) for row in sorted({*rows, largest})]
    largest = four.largest(label, n, 1)[0]
    row, column = (
        _chosen(moment.more.get(name, ""), size, default)
        for name, size, default in zip(("neuron", "input"), shape, largest, strict=True)
    )
    return sorted({(largest[0], largest[1]), (row, column)})


def _chosen(text: str, size: int, default: int) -> int:
    """An index that the page's address has, as the page reads it."""
    number = int(text) if text.isascii() and text.isdigit() and len(text) < 10 else size
    return number if number < size else default
