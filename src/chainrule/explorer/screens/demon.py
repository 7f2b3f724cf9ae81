"""What the screen "Demon" asks: one number of the network is nudged, and what the cost does then.

What is nudged is named as the engine names it: ``"z[1][7]"``, ``"b[1][7]"``, ``"w[2][7, 3]"``,
``"x[391]"``. A curve has all positions of the slider, so that a drag needs no further answer.
The game is in ``demon_game.py``.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

import numpy as np

from chainrule.core.errors import ArgumentError
from chainrule.explorer.largest import LargestErrors, largest_errors
from chainrule.explorer.moment import Asked, Moment
from chainrule.explorer.screens.demon_game import QUESTIONS as GAME
from chainrule.explorer.screens.demon_game import recorded_game
from chainrule.explorer.session import Session
from chainrule.insight.cascade import Cascade
from chainrule.insight.cascade import Step as CascadeStep

Array = Any
Plain = Any

POSITIONS = 201  # of the slider: an odd number, so that 0 is one, and dz are round numbers
DECADES, SIZES = 2, 25  # of |dz| in the picture of the shrinking gap
WIDEST = 100.0  # how far a number can be nudged
REACHES = (0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0, 2.0, 5.0, 10.0)  # that the page has to choose from
REACH = 2.0  # at first
LINKS = 8  # connections that are drawn, on either side
FEW = 100  # neurons of a network all of whose curves go into a file
KINDS = {"z": "neuron", "b": "bias", "w": "weight", "x": "input"}
NAME = re.compile(r"([zbwx])(?:\[(\d{1,9})\])?\[(\d{1,9})(?:, (\d{1,9}))?\]")


class Named(NamedTuple):
    """What is nudged, as keywords of :meth:`~chainrule.insight.demon.Demon.nudge`."""

    layer: int | None
    kind: str
    number: int | tuple[int, int]

    @property
    def keywords(self) -> dict[str, Any]:
        """For ``demon.nudge(**keywords)``."""
        layer = {} if self.layer is None else {"layer": self.layer}
        return {**layer, self.kind: self.number}


def named(what: str) -> Named:
    """What a name such as "w[2][7, 3]" means.

    >>> named("w[2][7, 3]").keywords
    {'layer': 2, 'weight': (7, 3)}
    >>> named("x[391]").keywords
    {'input': 391}

    Raises:
        ArgumentError: it means nothing.
    """
    found = NAME.fullmatch(what)
    letter, layer, first, second = found.groups() if found else ("", None, "", None)
    if not letter or (layer is None) != (letter == "x") or (second is None) != (letter != "w"):
        raise ArgumentError(
            f'{what!r} is nothing to nudge; that is "z[1][7]", "b[1][7]", "w[2][7, 3]" or "x[391]"'
        )
    number = int(first) if second is None else (int(first), int(second))
    return Named(None if layer is None else int(layer), KINDS[letter], number)


def curve(session: Session, *, step: int, example: str, what: str, reach: float) -> Plain:
    """The cost at each position of the slider from -reach to reach: predicted, real and the gap."""
    if not 0 < reach <= WIDEST:
        raise ArgumentError(f"reach={reach} must lie above 0 and be at most {WIDEST:g}")
    demon, keywords = session.demon(step, example), named(what).keywords
    middle = POSITIONS // 2
    found = demon.nudge(**keywords, dz=reach * np.arange(-middle, middle + 1) / middle)
    return {
        "name": found.name,
        "change": found.change,
        "value": found.value,
        "cost": found.cost,
        "slope": found.delta,
        "meaning": found.meaning,
        "dz": found.dz,
        "curve": found.curve,
        "predicted": found.predicted,
        "real": found.real,
        "gap": found.gap,
    }


def gaps(session: Session, *, step: int, example: str, what: str, reach: float) -> Plain:
    """How the gap shrinks with dz: its size from reach / 100 to reach, beside dz^2.

    ``ratio`` is by how much it shrinks if the smallest dz is halved: 4, where it goes with dz^2.
    """
    demon, keywords = session.demon(step, example), named(what).keywords
    if not 0 < reach <= WIDEST:
        raise ArgumentError(f"reach={reach} must lie above 0 and be at most {WIDEST:g}")
    dz = reach * np.logspace(-DECADES, 0, SIZES)
    gap = np.abs(demon.nudge(**keywords, dz=dz).gap)
    half = float(np.abs(demon.nudge(**keywords, dz=dz[0] / 2).gap))
    rounding = 64 * np.finfo(float).eps * max(1e-3, demon.cost)
    is_clear = bool(half > rounding)
    return {
        "dz": dz,
        "gap": gap,
        "square": gap[0] * (dz / dz[0]) ** 2,
        "ratio": float(gap[0] / half) if is_clear else None,
    }


def cascade(session: Session, *, step: int, example: str, what: str, dz: float) -> Plain:
    """A change from layer to layer to the cost, and what the network says before and after."""
    found = session.demon(step, example).cascade(**named(what).keywords, dz=dz)
    record, stack = session.record(step, example), session.stack(step)
    last = stack.depth
    moved = next(s.real for s in found.steps if s.name == f"dz[{last}]")
    z, f = record.z[last].astype(np.float64), stack.activations[last]  # as the demon computes
    outputs = f(z)[0], f(z + moved)[0]
    return {
        "steps": [_step(s, found) for s in found.steps],
        "before": outputs[0],
        "after": outputs[1],
        "change": outputs[1] - outputs[0],
        "changes": {**_of_activations(found), last: outputs[1] - outputs[0]},
        "says": [int(np.argmax(a)) for a in outputs],
    }


def _of_activations(cascade: Cascade) -> dict[int, Array]:
    """The real da of the layers on the way."""
    return {s.layer: s.real for s in cascade.steps if s.name.startswith("da[")}


def _step(step: CascadeStep, of: Cascade) -> Plain:
    """One change: how large it is, predicted and real, and where it is largest."""
    sizes = [float(np.linalg.norm(v)) for v in (step.predicted, step.real)]
    is_number = len(step.predicted) == 1
    values = [float(v[0]) for v in (step.predicted, step.real)] if is_number else sizes
    return {
        "name": step.name,
        "rule": step.rule or of.change,
        "neurons": len(step.predicted),
        "predicted": values[0],
        "real": values[1],
        "strongest": step.strongest,
    }


def connections(session: Session, *, step: int, layer: int, neuron: int) -> Plain:
    """The connections to and from a neuron with the largest weights, layer 0 being the input."""
    stack = session.stack(step)
    if not (0 <= layer <= stack.depth and 0 <= neuron < stack.sizes[layer]):
        raise ArgumentError(
            f"there is no neuron {neuron} in layer {layer}; the network is {stack.sizes}"
        )
    links: list[Plain] = []
    if layer > 0:
        row = stack.weights[layer][neuron]
        links += [_link(layer, neuron, int(k), row[k]) for k in _largest(row)]
    if layer < stack.depth:
        column = stack.weights[layer + 1][:, neuron]
        links += [_link(layer + 1, int(j), neuron, column[j]) for j in _largest(column)]
    return {"links": links}


def strongest(session: Session, *, step: int, example: str, layer: int, neuron: int) -> Plain:
    """What is worth a nudge: the weight to a neuron and the input that the cost feels most."""
    record = session.record(step, example)
    stack = session.stack(step)
    if not (1 <= layer <= stack.depth and 0 <= neuron < stack.sizes[layer]):
        raise ArgumentError(
            f"there is no neuron {neuron} in layer {layer}; the network is {stack.sizes}"
        )
    nabla_w = record.per_example_nabla_w(layer)[0, neuron]
    return {
        "from": int(np.argmax(np.abs(nabla_w))),
        "pixel": int(np.argmax(np.abs(record.delta_a[0][0]))),
    }


def _largest(weights: Array) -> Array:
    return np.argsort(-np.abs(weights), kind="stable")[:LINKS]


def _link(layer: int, to: int, source: int, weight: float) -> Plain:
    return {"layer": layer, "to": to, "from": source, "weight": float(weight)}


QUESTIONS: dict[str, Callable[..., Any]] = {
    "curve": curve,
    "gaps": gaps,
    "cascade": cascade,
    "connections": connections,
    "strongest": strongest,
    **GAME,
}


def recorded(session: Session, moment: Moment) -> list[Asked]:
    """The questions that the screen asks at a moment: of all neurons, if they are few."""
    sizes = session.stack(moment.step).sizes
    largest = largest_errors(session.record(moment.step, moment.example))
    shown = _shown(moment, sizes, largest)
    every = [(n, j) for n in range(1, len(sizes)) for j in range(sizes[n])]
    neurons = every if len(every) <= FEW else [shown.place]
    at = {"step": moment.step, "example": moment.example}
    asked: list[Asked] = []
    for what in dict.fromkeys([shown.what, *(f"z[{n}][{j}]" for n, j in neurons)]):
        asked += [
            ("demon.curve", {**at, "what": what, "reach": shown.reach}),
            ("demon.gaps", {**at, "what": what, "reach": shown.reach}),
        ]
        if shown.change:
            asked.append(("demon.cascade", {**at, "what": what, "dz": shown.change}))
    places = dict.fromkeys([*neurons, shown.place])
    asked += [
        ("demon.connections", {"step": moment.step, "layer": n, "neuron": j}) for n, j in places
    ]
    moved = dict.fromkeys([*neurons, _of_game(moment, sizes)])
    return [*asked, *recorded_game(session, moment, list(moved))]


class Shown(NamedTuple):
    """What the page shows: the name of what is moved, where it is in the picture, and how far."""

    what: str
    place: tuple[int, int]
    reach: float
    change: float


def _shown(moment: Moment, sizes: list[int], largest: LargestErrors) -> Shown:
    """What the address says, as ``web/src/screens/demon/choice.ts`` reads it."""
    more = moment.more
    named = _number(more, "neuron", math.nan)
    first = largest.layer if math.isnan(named) else 1
    layer = _whole(more, "layer", 1, len(sizes) - 1, first)
    neuron = _whole(more, "neuron", 0, sizes[layer] - 1, largest.neurons[layer])
    source = _whole(more, "from", 0, sizes[layer - 1] - 1)
    pixel = _whole(more, "pixel", 0, sizes[0] - 1)
    names = {
        "bias": f"b[{layer}][{neuron}]",
        "weight": f"w[{layer}][{neuron}, {source}]",
        "input": f"x[{pixel}]",
    }
    kind = more.get("nudge", "neuron")
    what = names.get(kind, f"z[{layer}][{neuron}]")
    wanted = _number(more, "reach", REACH)
    reach = wanted if wanted in REACHES else REACH
    middle = POSITIONS // 2
    steps = math.floor(middle * _number(more, "dz", 1.0) / reach + 0.5)
    change = float(f"{reach * max(-middle, min(middle, steps)) / middle:.6g}")
    return Shown(what, (0, pixel) if kind == "input" else (layer, neuron), reach, change)


def _of_game(moment: Moment, sizes: list[int]) -> tuple[int, int]:
    """The neuron that the game begins with, which must not give away where the error is large."""
    layer = _whole(moment.more, "layer", 1, len(sizes) - 1)
    return layer, _whole(moment.more, "neuron", 0, sizes[layer] - 1)


def _number(more: Mapping[str, str], name: str, otherwise: float) -> float:
    try:
        found = float(more.get(name, otherwise))
    except ValueError:
        return otherwise
    return found if math.isfinite(found) else otherwise


def _whole(
    more: Mapping[str, str], name: str, least: int, most: int, otherwise: int | None = None
) -> int:
    """A whole number of the address from ``least`` to ``most``; without one the first of them,
    or what is given.
    """
    found = _number(more, name, least if otherwise is None else otherwise)
    return max(least, min(most, math.floor(found + 0.5)))
