"""Norms of gradients and errors, by layer and over training."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any, Literal, cast, get_args

import numpy as np

from chainrule.core.errors import ArgumentError
from chainrule.core.tracebacks import users_frames
from chainrule.nn.record import Record
from chainrule.plot.canvas import Axes, Given, Style, canvas, make_logarithmic, palette

if TYPE_CHECKING:
    from matplotlib.figure import Figure

Array = Any
What = Literal["nabla_w", "nabla_b", "delta"]
_WHAT: dict[str, str] = {
    "nabla_w": "|nabla_w|, gradient in the weights",
    "nabla_b": "|nabla_b|, gradient in the biases",
    "delta": "|delta|, error of an example (root mean square)",
}


def gradient_norms(
    records: Record | Iterable[Record] | Mapping[Any, Record],
    *,
    what: What = "nabla_w",
    log: bool = True,
    ax: Given = None,
    style: Style = None,
) -> Figure:
    """The norms of gradients and errors: bars by layer, or lines over training.

    Bars that fall by the same factor from layer to layer towards the input are what a vanishing
    gradient looks like, with ``log`` as a straight slope.

    Args:
        records: one ``net.record(X, Y)``, drawn as three bars a layer: the norms of ``nabla_w`` and
            ``nabla_b``, and the root mean square of ``|delta|`` over the examples. Or several, made
            during training, drawn as a line for each layer; a dictionary has the step or epoch of
            each.
        what: what the lines are of: "nabla_w", "nabla_b" or "delta".
        log: a logarithmic axis.
        ax, style: as for ``cr.plot.learning_curves``.

    Raises:
        ArgumentError: there is no record, or nothing of that name.
        MissingExtraError: matplotlib is not installed.

    >>> import numpy as np, chainrule as cr
    >>> net = cr.nn.Network([2, 3, 1])
    >>> figure = cr.plot.gradient_norms(net.record(np.ones((4, 2)), np.ones((4, 1))))
    >>> len(figure.axes[0].patches)  # three bars for each of two layers
    6
    """
    with users_frames:
        if what not in _WHAT:
            raise ArgumentError(f"gradient_norms: what={what!r} is not one of {', '.join(_WHAT)}")
        if isinstance(records, Record):
            found = {name: norms(records, name) for name in get_args(What)}
            with canvas(ax, (max(4.0, 1.6 + 0.8 * len(found["delta"])), 3.4), style) as made:
                figure, (axes,) = made
                _bars(axes, found)
                axes.set(title="gradients and errors by layer", xlabel="layer", ylabel="norm")
                _scale(axes, log=log)
            return figure
        if not isinstance(records, Iterable):  # pyright: ignore[reportUnnecessaryIsInstance]
            raise ArgumentError(
                f"gradient_norms takes records, which net.record(X, Y) makes, not a"
                f" {type(records).__name__}"
            )
        steps, several = _several(records, what)
        with canvas(ax, (5.6, 3.4), style) as made:
            figure, (axes,) = made
            layers = list(several[0])
            for n, colour in zip(layers, palette(len(layers)), strict=True):
                values = [x[n] for x in several]
                axes.plot(steps, values, color=colour, label=f"layer {n}", marker="o", markersize=3)
            place = "step" if isinstance(records, Mapping) else "record"
            axes.set(title=_WHAT[what], xlabel=place, ylabel="norm")
            axes.legend()
            _scale(axes, log=log)
        return figure


def _several(records: Any, what: What) -> tuple[list[Any], list[dict[int, float]]]:
    if isinstance(records, Mapping):
        pairs = list(cast("Mapping[Any, Any]", records).items())
    else:
        pairs = list(enumerate(cast("Iterable[Any]", records)))
    if not pairs or not all(isinstance(x, Record) for _, x in pairs):
        raise ArgumentError("gradient_norms takes a record of net.record(X, Y), or several of them")
    return [step for step, _ in pairs], [norms(x, what) for _, x in pairs]


def norms(record: Record, what: What) -> dict[int, float]:
    """The norms of gradients or errors by layer; of delta the root mean square over examples."""
    if what == "delta":
        return {n: _norm(x) / float(np.sqrt(len(x))) for n, x in record.delta.items()}
    gradients = record.nabla_w if what == "nabla_w" else record.nabla_b
    return {n: _norm(x) for n, x in gradients.items()}


def _norm(x: Array) -> float:
    return float(np.linalg.norm(np.asarray(x, np.float64)))


def _bars(ax: Axes, found: Mapping[str, Mapping[int, float]]) -> None:
    layers = list(found["delta"])
    for i, ((name, values), colour) in enumerate(zip(found.items(), palette(3), strict=True)):
        places = [n + 0.27 * (i - 1) for n in layers]
        ax.bar(places, [values[n] for n in layers], 0.25, color=colour, label=f"|{name}|")
    ax.set_xticks(layers)
    ax.legend(ncols=3, fontsize="small", loc="upper center", bbox_to_anchor=(0.5, -0.17))


def _scale(ax: Axes, *, log: bool) -> None:
    ax.grid(visible=True, axis="y")
    ax.set_axisbelow(True)
    if log:
        make_logarithmic(ax)
