"""What all screens ask: what there is to look at, and the numbers of one example."""

from __future__ import annotations

from typing import Any

from chainrule.explorer.largest import largest_errors
from chainrule.explorer.moment import Asked, Moment
from chainrule.explorer.session import Session
from chainrule.nn.display import name_of

Plain = Any


def about(session: Session) -> Plain:
    """The network, its examples, its training steps so far, and the functions to look at."""
    network, stack = session.network, session.stack(session.timeline.steps[0])
    data = network.data
    return {
        "name": network.name,
        "sizes": stack.sizes,
        "activations": [name_of(f) for f in stack.activations.values()],
        "cost": network.cost.name,
        "data": data.name,
        "classes": data.classes,
        "features": data.features,
        "shape": data.shape,
        "target": data.target,
        "examples": {"test": len(data.test), "train": len(data.train)},
        "eta": network.eta,
        "batch_size": network.batch_size,
    }


def steps(session: Session) -> Plain:
    """The training steps whose parameters are kept, in ascending order."""
    return {"steps": session.timeline.steps}


def functions(session: Session) -> Plain:
    """The names of the functions that the graph screen can show."""
    return {"functions": tuple(session.functions)}


def example(session: Session, *, example: str) -> Plain:
    """One example: its numbers, and what it is."""
    found = session.example(example)
    return {"x": found.x[0], "y": found.y[0], "label": found.label}


def record(session: Session, *, step: int, example: str) -> Plain:
    """All numbers of both sweeps over one example: z, a, delta, delta_a and the cost, by layer.

    ``largest`` is where delta is largest: the layer, and in each layer the neuron.
    """
    found = session.record(step, example)
    by_layer = {q: getattr(found, q) for q in ("z", "a", "delta", "delta_a")}
    rows = {q: {n: x[0] for n, x in layers.items()} for q, layers in by_layer.items()}
    largest = largest_errors(found)
    return {
        **rows,
        "cost": float(found.cost[0]),
        "largest": {"layer": largest.layer, "neurons": largest.neurons},
    }


def parameters(session: Session, *, step: int) -> Plain:
    """Weights (n_l, n_(l-1)) and biases (n_l,) by layer, after a step."""
    stack = session.stack(step)
    return {"weights": stack.weights, "biases": stack.biases}


def saved(session: Session, *, place: str) -> Plain:
    """The page at a place as a file, see ``saved/saved_page.py``."""
    # it asks all screens, of which this module is one
    from chainrule.explorer.place import place_of
    from chainrule.explorer.saved.recording import record
    from chainrule.explorer.saved.saved_page import page_of
    from chainrule.explorer.serving.page_files import page_files

    return {"html": page_of(record(session, place_of(place)), page_files())}


QUESTIONS = {
    "about": about,
    "steps": steps,
    "functions": functions,
    "example": example,
    "record": record,
    "parameters": parameters,
    "saved": saved,
}


def recorded(session: Session, moment: Moment) -> list[Asked]:
    """The questions that every screen asks at a moment."""
    at = {"step": moment.step, "example": moment.example}
    return [
        ("session.about", {}),
        ("session.steps", {}),
        ("session.functions", {}),
        ("session.example", {"example": moment.example}),
        ("session.record", at),
        ("session.parameters", {"step": moment.step}),
    ]
