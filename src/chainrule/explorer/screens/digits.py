"""What the screen "Digits" asks: which test examples the network takes for others, one of them by
pixel, the weights of the first layer, and what a drawing is as a digit.

Data that are no images have the same questions, but for drawings and weights as images.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from typing import Any

import numpy as np

from chainrule.core.errors import ArgumentError
from chainrule.data.dataset import Dataset
from chainrule.explorer.examples import drawing_of, drawing_text
from chainrule.explorer.ink import centred
from chainrule.explorer.moment import Asked, Moment
from chainrule.explorer.outcomes import Outcomes
from chainrule.explorer.session import Session
from chainrule.training.metrics import chosen

Plain = Any
Array = Any
EXAMPLES_A_PAGE = 24
NEURONS_A_PAGE = 30


def overview(session: Session, *, step: int) -> Plain:
    """How the network fares on all test examples; whether these are images, such as one draws."""
    found, data = session.outcomes(step), session.network.data
    facts = {
        "image": image_shape(data),
        "brightest": _range_of(data)[1],
        "drawable": is_drawable(data),
        "examples": len(found.costs),
        "cost": float(found.costs.mean()),
    }
    if found.confusion is None:
        return {**facts, "confusion": None}
    names = ("counts", "wrong", "accuracy", "recall", "precision")
    return {**facts, "confusion": {name: getattr(found.confusion, name) for name in names}}


def gallery(
    session: Session,
    *,
    step: int,
    show: str,
    label: int | None = None,
    said: int | None = None,
    page: int = 0,
) -> Plain:
    """A page of the test examples, the costliest first.

    Args:
        step: after so many training steps.
        show: "mistakes", or "all".
        label: only examples of this class.
        said: only those that the network takes for this class.
        page: from 0; the last one stands for those beyond.
    """
    if show not in ("mistakes", "all"):
        raise ArgumentError(f'digits.gallery shows "mistakes" or "all", not {show!r}')
    found, data = session.outcomes(step), session.network.data
    numbers = found.order[_wanted(found, show, label, said)]
    here, page, pages = _page(numbers, page, EXAMPLES_A_PAGE)
    facts = {
        "total": len(numbers),
        "page": page,
        "pages": pages,
        "numbers": here.tolist(),
        "costs": found.costs[here],
        "x": data.test.X[here] if image_shape(data) else None,
    }
    if found.labels is None or found.said is None:
        return {**facts, "targets": data.test.Y[here], "outputs": found.outputs[here]}
    return {**facts, "labels": found.labels[here].tolist(), "said": found.said[here].tolist()}


def digit(session: Session, *, step: int, example: str) -> Plain:
    """One example: its inputs with dC/dx, the outputs with their targets, and what is said."""
    found, record = session.example(example), session.record(step, example)
    outputs = record.a[len(record.sizes) - 1]
    data = session.network.data
    scaling = data.scaling
    return {
        "x": found.x[0],
        "slope": record.delta_a[0][0],
        "unscaled": found.x[0] * scaling.scale + scaling.shift,
        "outputs": outputs[0],
        "targets": found.y[0],
        "label": found.label,
        "said": int(chosen(outputs)[0]) if data.classes else None,
        "cost": float(record.cost[0]),
    }


def weights(
    session: Session, *, step: int, example: str, order: str = "number", page: int = 0
) -> Plain:
    """The first layer's weights, a row for each neuron, and what they make of an example.

    Args:
        step, example: the moment.
        order: of the neurons, "number" or "delta", the largest magnitude first.
        page: from 0; the last one stands for those beyond.
    """
    if order not in ("number", "delta"):
        raise ArgumentError(f'digits.weights orders by "number" or "delta", not {order!r}')
    record, stack = session.record(step, example), session.stack(step)
    delta = record.delta[1][0]
    w, x = stack.weights[1], record.a[0][0]
    neurons = np.argsort(-np.abs(delta), kind="stable") if order == "delta" else np.arange(len(w))
    here, page, pages = _page(neurons, page, NEURONS_A_PAGE)
    return {
        "total": len(w),
        "page": page,
        "pages": pages,
        "neurons": here.tolist(),
        "weights": w[here],
        "products": w[here] * x,
        "sums": w[here] @ x,
        "biases": stack.biases[1][here],
        "z": record.z[1][0][here],
        "a": record.a[1][0][here],
        "delta": delta[here],
        "scale": float(np.quantile(np.abs(w), 0.99)),
    }


def prepared(session: Session, *, step: int, ink: str, label: int | None = None) -> Plain:
    """A drawing as an example that the other questions take: centred and scaled as MNIST's are.

    Args:
        step: the network after so many steps says what the drawing is, if nobody did.
        ink: the drawing, as ``examples.py`` writes pixels.
        label: the class that it shall be of.
    """
    data = session.network.data
    shape = image_shape(data)
    if shape is None or not is_drawable(data):
        raise ArgumentError(
            f"{data.name} has no images of classes with pixels from 0 to 1, so nothing can be drawn"
        )
    pixels = centred(drawing_of(ink, data.n_in).reshape(shape)).reshape(-1)
    text = drawing_text(pixels)
    if label is None:
        stack = session.stack(step)
        row = drawing_of(text, data.n_in).astype(stack.dtype)[None]
        label = int(chosen(stack.activate(row)[1][stack.depth])[0])
    example = f"{label}:{text}"
    return {"example": example, "x": session.example(example).x[0], "label": label}


def image_shape(data: Dataset) -> tuple[int, int] | None:
    """Rows and columns of an example that is an image.

    >>> from chainrule.data.load import load
    >>> image_shape(load("mnist"))
    (28, 28)
    """
    sides = [n for n in data.shape if n != 1]
    return (sides[0], sides[1]) if len(sides) == 2 else None


def is_drawable(data: Dataset) -> bool:
    """Whether a drawing, with pixels from 0 to 1, can be one of its examples."""
    low, high = _range_of(data)
    return bool(image_shape(data) and data.classes and low >= 0 and 0.5 < high <= 1)


@lru_cache(maxsize=4)
def _range_of(data: Dataset) -> tuple[float, float]:
    """The least and the largest input of the test examples."""
    return float(data.test.X.min(initial=0.0)), float(data.test.X.max(initial=0.0))


def _wanted(found: Outcomes, show: str, label: int | None, said: int | None) -> Array:
    """Which of the examples, in their order, are to be shown."""
    wanted = np.ones(len(found.order), np.bool_)
    if found.labels is None or found.said is None:
        if label is not None or said is not None:
            raise ArgumentError("there are no classes to choose examples by")
        return wanted
    labels, says = found.labels[found.order], found.said[found.order]
    if show == "mistakes":
        wanted &= labels != says
    if label is not None:
        wanted &= labels == label
    if said is not None:
        wanted &= says == said
    return wanted


def _page(entries: Array, page: int, size: int) -> tuple[Array, int, int]:
    """The entries of a page, its number, and how many pages there are."""
    pages = max(1, -(-len(entries) // size))
    page = min(max(page, 0), pages - 1)
    return entries[page * size : (page + 1) * size], page, pages


QUESTIONS: dict[str, Callable[..., Any]] = {
    "overview": overview,
    "gallery": gallery,
    "digit": digit,
    "weights": weights,
    "prepared": prepared,
}


def recorded(session: Session, moment: Moment) -> list[Asked]:
    """The questions that the screen asks at a moment, in its views that need no live engine."""
    at = {"step": moment.step, "example": moment.example}
    asked: list[Asked] = [
        ("digits.overview", {"step": moment.step}),
        ("digits.gallery", _shown(session, moment)),
        ("digits.digit", at),
    ]
    if image_shape(session.network.data):
        order = moment.more.get("neurons", "number")
        page = _number(moment, "neurons-page") or 0
        asked.append(("digits.weights", {**at, "order": order, "page": page}))
    return asked


def _shown(session: Session, moment: Moment) -> dict[str, Any]:
    """What the page asks ``digits.gallery`` for."""
    classes = bool(session.network.data.classes)
    return {
        "step": moment.step,
        "show": moment.more.get("show", "mistakes") if classes else "all",
        "label": _number(moment, "was") if classes else None,
        "said": _number(moment, "said") if classes else None,
        "page": _number(moment, "gallery-page") or 0,
    }


def _number(moment: Moment, name: str) -> int | None:
    text = moment.more.get(name, "")
    return int(text) if text.isascii() and text.isdigit() else None
