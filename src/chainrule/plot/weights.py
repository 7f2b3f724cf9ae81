"""The weights of the first layer as images: what each neuron looks for in its input."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, cast

import numpy as np

from chainrule.core.errors import ArgumentError
from chainrule.core.tracebacks import users_frames
from chainrule.insight.subject import Subject, subject_of
from chainrule.nn.stack import stack_of
from chainrule.plot.canvas import Given, Style, canvas
from chainrule.plot.mosaic import columns_of, draw, image_shape, size_of

if TYPE_CHECKING:
    from matplotlib.figure import Figure

Array = Any


def first_layer_weights(
    model: Any,
    params: Any = None,
    *,
    shape: Sequence[int] | None = None,
    order: str | Sequence[int] = "index",
    n: int | None = None,
    columns: int | None = None,
    ax: Given = None,
    style: Style = None,
) -> Figure:
    """The rows of ``weights[1]`` as images, on one scale that is symmetric about 0.

    Where a weight is positive (purple), input raises the neuron's weighted input; where it is
    negative (orange), input lowers it; white counts for nothing. The scale ends at the 99.5th
    percentile of |w|, so that single large weights do not hide the others.

    Args:
        model: a Network, a Sequential with ``params``, the result of ``cr.fit``, or a run folder.
        params: its parameters, if not its own.
        shape: rows and columns of an input; that of the run's data, or a square, if left out.
        order: of the neurons: "index", "norm" (the largest |w| first), or their numbers.
        n: show at most so many.
        columns: how many stand in a row.
        ax, style: as for ``cr.plot.learning_curves``.

    Raises:
        ArgumentError: the order is none, or params are missing.
        ShapeError: the inputs make no image of that shape.
        MissingExtraError: matplotlib is not installed.

    >>> import chainrule as cr
    >>> figure = cr.plot.first_layer_weights(cr.nn.Network([16, 3, 2]))
    >>> [text.get_text() for text in figure.axes[0].texts]
    ['0', '1', '2']
    """
    with users_frames:
        subject = subject_of(model, params, "quadratic")
        weights = stack_of(subject.model, subject.params, subject.cost).weights[1]
        rows, width = image_shape(shape or _shape_of(subject), weights.shape[1], "an input")
        chosen = _ordered(weights, order)[:n]
        across = columns_of(len(chosen), columns)
        scale = float(np.percentile(np.abs(weights), 99.5)) or 1.0
        size = size_of(len(chosen), across)
        with canvas(ax, (size[0] + 0.9, size[1]), style) as (figure, (axes,)):
            drawn = draw(
                axes, weights[chosen].reshape(-1, rows, width), [str(i) for i in chosen], across,
                cmap="PuOr", vmin=-scale, vmax=scale,
            )  # fmt: skip
            total = len(weights)
            shown = f"{len(chosen)} of {total}" if len(chosen) < total else str(total)
            axes.set_title(f"weights of the first layer, {shown} neurons", pad=14)
            whole: Any = figure  # whose stubs leave keywords unknown
            whole.colorbar(drawn, ax=axes, shrink=0.7, extend="both", label="weight")
        return figure


def _shape_of(subject: Subject) -> tuple[int, ...] | None:
    """The shape of an image that the run was trained on."""
    if subject.trained is None or "data" not in subject.trained.config:
        return None
    shape = subject.trained.data.shape
    return shape if len(shape) == 2 else None


def _ordered(weights: Array, order: str | Sequence[int]) -> list[int]:
    total = len(weights)
    if isinstance(order, str):
        if order not in ("index", "norm"):
            raise ArgumentError(f"order {order!r} is not 'index', 'norm' or a list of neurons")
        norms = np.linalg.norm(np.asarray(weights, np.float64), axis=1)
        by_norm = cast("list[int]", np.argsort(-norms, kind="stable").tolist())
        return list(range(total)) if order == "index" else by_norm
    chosen = [int(i) for i in order]
    if not chosen or not all(0 <= i < total for i in chosen):
        raise ArgumentError(f"the first layer has neurons 0 to {total - 1}, not all of {chosen}")
    return chosen
