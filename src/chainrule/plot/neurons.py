"""Saturated and dead neurons, layer by layer."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from chainrule.core.tracebacks import users_frames
from chainrule.insight.neurons import LayerNeurons, Neurons, neurons
from chainrule.insight.subject import labelled_of, subject_of
from chainrule.nn.stack import GivenCost
from chainrule.plot.canvas import COLOURS, Axes, Given, Style, canvas

if TYPE_CHECKING:
    from matplotlib.figure import Figure

Array = Any
_FEW = 1000  # examples


def saturation(
    model: Any,
    X: Array = None,
    *,
    params: Any = None,
    cost: GivenCost = None,
    part: float = 0.05,
    ax: Given = None,
    style: Style = None,
) -> Figure:
    """What share of each layer is saturated or dead on examples: stacked bars.

    A neuron is dead whose activation has no slope for any example; of the others, an activation is
    saturated where the slope is below ``part`` of the largest. No error passes a dead neuron, and
    next to none a saturated one.

    Args:
        model: a Network, a Sequential with ``params`` and ``cost``, the result of ``cr.fit``, a run
            folder, or what ``cr.insight.neurons`` found.
        X: examples as rows; not needed with what ``neurons`` found. Of a run the first 1,000 of its
            test examples, if left out.
        part, params, cost: as for ``cr.insight.neurons``.
        ax, style: as for ``cr.plot.learning_curves``.

    Raises:
        ArgumentError, ShapeError: as ``cr.insight.neurons``.
        MissingExtraError: matplotlib is not installed.

    >>> import numpy as np, chainrule as cr
    >>> net = cr.nn.Network([2, 4, 1])
    >>> net.biases[0] = np.array([50.0, 0.0, 0.0, 0.0])
    >>> figure = cr.plot.saturation(net, np.random.default_rng(0).normal(size=(100, 2)))
    >>> dead = figure.axes[0].containers[0]
    >>> [float(bar.get_height()) for bar in dead]
    [0.25, 0.0]
    """
    with users_frames:
        found = model if isinstance(model, Neurons) else _neurons(model, X, params, cost, part)
        with canvas(ax, (max(4.0, 1.6 + 0.8 * len(found.layers)), 3.4), style) as (figure, axes):
            _bars(axes[0], found)
            axes[0].set(
                title=f"saturated and dead on {found.examples:,} examples", xlabel="layer",
                ylabel="share of activations",
            )  # fmt: skip
        return figure


def _neurons(model: Any, X: Array, params: Any, cost: GivenCost, part: float) -> Neurons:
    subject = subject_of(model, params, cost)
    rows = labelled_of(subject).X[:_FEW] if X is None else X
    return neurons(subject.model, rows, params=subject.params, cost=subject.cost, part=part)


def _bars(ax: Axes, found: Neurons) -> None:
    from matplotlib.ticker import PercentFormatter

    places = list(found.layers)
    shares = np.array([_shares(layer) for layer in found.layers.values()])
    below = np.zeros(len(places))
    for i, (name, colour) in enumerate(
        (
            ("dead", "#777777"),
            ("saturated", COLOURS["vermillion"]),
            ("with a slope", COLOURS["sky"]),
        )
    ):
        ax.bar(places, shares[:, i], 0.7, bottom=below, color=colour, label=name)
        below = below + shares[:, i]
    for n, layer in found.layers.items():
        ax.text(n, 1.01, _above(layer), ha="center", va="bottom", fontsize="small")
    ax.set_xticks(places, [f"{n}\n{layer.activation}" for n, layer in found.layers.items()])
    ax.set_ylim(0, 1.12)
    ax.set_yticks([0, 0.25, 0.5, 0.75, 1])
    ax.yaxis.set_major_formatter(PercentFormatter(xmax=1, decimals=0))
    ax.legend(ncols=3, fontsize="small", loc="upper center", bbox_to_anchor=(0.5, -0.26))


def _shares(layer: LayerNeurons) -> tuple[float, float, float]:
    """Of all activations of a layer: those of dead neurons, saturated ones of others, the rest."""
    if layer.saturated is None or layer.dead is None:
        return 0.0, 0.0, 0.0
    dead = float(layer.dead.mean())
    saturated = float((layer.saturated * ~layer.dead).mean())
    return dead, saturated, 1 - dead - saturated


def _above(layer: LayerNeurons) -> str:
    if layer.dead is None:
        return "no slope of its own"
    dead = int(np.sum(layer.dead))
    return f"{dead} of {len(layer.dead)} dead" if dead else f"{len(layer.dead)} neurons"
