"""What the screen "Chain" asks: single neurons in a row, and a change on its way to the cost.

Numbers travel as JSON and not as arrays of float32: what is left of a gradient after thirty neurons
can be smaller than the smallest of those.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from itertools import accumulate
from operator import mul
from typing import Any

import numpy as np

from chainrule.core.errors import ArgumentError
from chainrule.explorer.chains import COST_NAMES, LARGEST, NAMES, Chain, chain_named
from chainrule.explorer.moment import Asked, Moment
from chainrule.explorer.session import Session
from chainrule.insight.cascade import Cascade, cascaded
from chainrule.insight.moves import Chosen
from chainrule.insight.swept import Swept, swept
from chainrule.nn.activations import ACTIVATIONS
from chainrule.nn.display import name_of
from chainrule.transforms.jvp import jvp

Plain = Any
Array = Any

NUDGE = "w1*0.1"  # what is nudged when the screen opens
POINTS = 241  # of the curve of slopes
NEAR, FAR = 8, 1024  # how far that curve goes: as far as the neurons, within these
_NUDGE = re.compile(r"(x|[wb][1-9][0-9]?)\*(-?[0-9]+(?:\.[0-9]+)?)", re.ASCII)
_SEEN = 64 * float(np.finfo(np.float64).eps)  # a change below this share of a value is rounding


def numbers(session: Session, *, chain: str, nudge: str) -> Plain:
    """Both sweeps over a chain, and a nudge on its way to the cost, step by step.

    Args:
        chain: see ``explorer/chains.py``.
        nudge: what is nudged and by how much: ``"w1*0.1"``, ``"b3*-0.2"``, ``"x*0.1"``.
    """
    found = chain_named(chain)
    s = _swept(found)
    layers = range(1, found.neurons + 1)
    delta, a = ([float(each[n][0, 0]) for n in range(len(layers) + 1)] for each in (s.delta, s.a))
    what, change = _nudge(nudge, found)
    weights, biases = found.parameters
    furthest = max(abs(float(s.z[n][0, 0])) for n in layers)
    return {
        "weights": weights,
        "biases": biases,
        "z": [float(s.z[n][0, 0]) for n in layers],
        "a": a,
        "slopes": [float(_slopes(s.stack.activations[n], s.z[n])[0, 0]) for n in layers],
        "delta": delta[1:],
        "nabla_w": [delta[n] * a[n - 1] for n in layers],
        "nabla_b": delta[1:],
        "cost": s.cost,
        "output": name_of(s.stack.activations[found.neurons]),
        "reach": 2 ** math.ceil(math.log2(min(max(furthest, NEAR), FAR))),
        "cascade": _cascade(s, cascaded(s, what, change)),
    }


def depth(session: Session, *, chain: str) -> Plain:
    """The error dC/dz of each neuron, for each activation that the chain could have."""
    found = chain_named(chain)
    return {"delta": {name: _errors(found.activated_by(name)) for name in NAMES}}


def curve(session: Session, *, activation: str, reach: int) -> Plain:
    """An activation and its slope from -reach to reach."""
    if activation not in NAMES or not 0 < reach <= FAR:
        raise ArgumentError(f"there is no curve of {activation!r} as far as {reach}")
    z = np.linspace(-reach, reach, POINTS)
    f = ACTIVATIONS[activation]
    return {"z": z, "a": f(z), "slope": _slopes(f, z)}


def choices(session: Session) -> Plain:
    """The activations and costs that a chain can have."""
    return {"activations": NAMES, "costs": COST_NAMES}


def _swept(chain: Chain) -> Swept:
    return swept(chain.network(), [chain.x], [chain.y], None, None)


def _errors(chain: Chain) -> list[float]:
    s = _swept(chain)
    return [float(s.delta[n][0, 0]) for n in range(1, chain.neurons + 1)]


def _slopes(f: Callable[[Array], Array], z: Array) -> Array:
    return jvp(f, (z,), (np.ones_like(z),))[1]


def _nudge(text: str, chain: Chain) -> tuple[Chosen, float]:
    found = _NUDGE.fullmatch(text)
    change = float(found[2]) if found else 0.0
    if found is None or change == 0 or abs(change) > LARGEST:
        raise ArgumentError(f"{text!r} is no nudge such as w1*0.1, b3*-0.2 or x*0.1, not by 0")
    kind, layer = found[1][0], int(found[1][1:] or 0)
    if layer > chain.neurons:
        raise ArgumentError(f"{text!r}: there are {chain.neurons} neurons in the chain")
    if kind == "x":
        return Chosen(input=0), change
    if kind == "w":
        return Chosen(layer=layer, weight=(0, 0)), change
    return Chosen(layer=layer, bias=0), change


def _cascade(s: Swept, found: Cascade) -> Plain:
    """The steps of a cascade, with the product of the factors so far.

    ``seen`` says whether the predicted change is more than the rounding of what changes.
    """
    products = accumulate((step.factor for step in found.steps), mul)
    steps: list[Plain] = []
    for step, product in zip(found.steps, products, strict=True):
        of = "C" if step.name == "dC" else step.name[1]
        value = s.cost if of == "C" else float((s.z if of == "z" else s.a)[step.layer][0, 0])
        predicted, real = float(step.predicted[0]), float(step.real[0])
        steps.append({
            "of": of, "layer": step.layer, "factor": step.factor, "product": product,
            "predicted": predicted, "real": real, "value": value,
            "seen": predicted == 0 or abs(predicted) > _SEEN * abs(value),
        })  # fmt: skip
    return {
        "value": found.value,
        "change": found.dz,
        "product": found.product,
        "derivative": found.derivative,
        "real": found.real,
        "fused": s.stack.is_fused,
        "steps": steps,
    }


QUESTIONS: dict[str, Callable[..., Any]] = {
    "numbers": numbers,
    "depth": depth,
    "curve": curve,
    "choices": choices,
}


def recorded(session: Session, moment: Moment) -> list[Asked]:
    """The questions that the screen asks at a moment."""
    chain = moment.more.get("chain", "")
    nudge = moment.more.get("cascade", NUDGE)
    reach = numbers(session, chain=chain, nudge=nudge)["reach"]
    activation = chain_named(chain).activation
    return [
        ("chain.choices", {}),
        ("chain.numbers", {"chain": chain, "nudge": nudge}),
        ("chain.depth", {"chain": chain}),
        ("chain.curve", {"activation": activation, "reach": reach}),
    ]
