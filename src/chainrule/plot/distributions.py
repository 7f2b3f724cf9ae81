"""Histograms of what a network computes, layer by layer: activations, errors, gradients."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

import numpy as np

from chainrule.core.errors import ArgumentError
from chainrule.core.tracebacks import users_frames
from chainrule.insight.slopes import slope_at, slope_of
from chainrule.insight.subject import subject_of
from chainrule.nn.activations import Activation
from chainrule.nn.record import Record
from chainrule.nn.stack import GivenCost, stack_of
from chainrule.plot.canvas import COLOURS, Axes, Given, Style, canvas, palette

if TYPE_CHECKING:
    from matplotlib.figure import Figure

Array = Any
What = Literal["a", "z", "delta", "delta_a", "gradient"]


class Marked(NamedTuple):
    """Entries of a layer that have next to no slope, and the word for it."""

    entries: Array
    word: str


def _gradients(record: Record) -> dict[int, Array]:
    """|dC_x/dw| of each example: of an outer product it is the product of the norms (BP4)."""
    return {n: _of_rows(d) * _of_rows(record.a[n - 1]) for n, d in record.delta.items()}


def _of_rows(x: Array) -> Array:
    return np.linalg.norm(np.asarray(x, np.float64), axis=1)


_READ: dict[str, tuple[str, Callable[[Record], Mapping[int, Array]]]] = {
    "a": ("activations a", lambda record: record.a),
    "z": ("weighted inputs z", lambda record: record.z),
    "delta": ("errors |delta|", lambda record: record.delta),
    "delta_a": ("derivatives |dC/da|", lambda record: record.delta_a),
    "gradient": ("gradients |dC_x/dW|", _gradients),
}
_LINEAR = frozenset({"a", "z"})


def histograms(
    record: Record,
    what: What = "a",
    *,
    model: Any = None,
    params: Any = None,
    cost: GivenCost = None,
    part: float = 0.05,
    bins: int = 40,
    ax: Given = None,
    style: Style = None,
) -> Figure:
    """How the numbers of a record are spread, one panel a layer, as shares of all in the layer.

    Args:
        record: of ``net.record(X, Y)``.
        what: "a" or "z", on a linear axis; "delta", "delta_a", or "gradient", the norm of each
            example's gradient in the weights of the layer: magnitudes on a logarithmic axis, for
            they are spread over orders of magnitude. The share of exact zeros is in the title.
        model, params, cost: the network (a Network, a Sequential, a run folder ...), for "a" and
            "z": then those entries are marked whose slope ``|sigma'(z)|`` is below ``part`` of the
            largest, through which next to no error passes: saturated ones of a sigmoid, those below
            zero of a rectifier.
        bins: how many there are.
        ax: Axes, one for each layer. Without, a new figure is made.
        style: as for ``cr.plot.learning_curves``.

    Raises:
        ArgumentError: there is nothing of that name, or no record.
        MissingExtraError: matplotlib is not installed.

    >>> import numpy as np, chainrule as cr
    >>> net = cr.nn.Network([2, 3, 1])
    >>> record = net.record(np.ones((4, 2)), np.ones((4, 1)))
    >>> figure = cr.plot.histograms(record, "a", model=net)
    >>> [ax.get_title("left") for ax in figure.axes]
    ['layer 1: 0 % saturated', 'layer 2: 0 % saturated']
    """
    with users_frames:
        if not isinstance(record, Record):  # pyright: ignore[reportUnnecessaryIsInstance]
            raise ArgumentError("histograms takes a record, which net.record(X, Y) makes")
        if what not in _READ:
            raise ArgumentError(f"histograms: what={what!r} is not one of {', '.join(_READ)}")
        name, read = _READ[what]
        values = {n: x for n, x in read(record).items() if n > 0}
        marked = _flat(record, model, params, cost, part) if what in _LINEAR else {}
        size = max(4.0, 2.9 * len(values)), 3.0
        with canvas(ax, size, style, len(values), share_y=True) as (figure, axes):
            for (n, x), panel in zip(values.items(), axes, strict=True):
                entries = np.asarray(x, np.float64).reshape(-1)
                if what in _LINEAR:
                    told = _linear(panel, entries, marked.get(n), bins)
                else:
                    told = _magnitudes(panel, np.abs(entries), bins)
                told |= {"not finite": float(np.mean(~np.isfinite(entries))) or None}
                shares = [f"{100 * x:.3g} % {of}" for of, x in told.items() if x is not None]
                panel.set_title(": ".join(filter(None, [f"layer {n}", ", ".join(shares)])),
                                fontsize="small")  # fmt: skip
                panel.set_xlabel(name)
            axes[0].set_ylabel("share of the layer")
            top = max(float(panel.dataLim.y1) for panel in axes)
            for panel in axes:
                _percents(panel)
                panel.set_ylim(0, 1.06 * top if top > 0 else 1)
        return figure


def _flat(
    record: Record, model: Any, params: Any, cost: GivenCost, part: float
) -> dict[int, Marked]:
    """Which entries have next to no slope, in layers whose activation is elementwise and flat."""
    if model is None:
        return {}
    subject = subject_of(model, params, cost)
    stack = stack_of(subject.model, subject.params, subject.cost)
    activations: Mapping[int, Activation] = stack.activations
    found: dict[int, Marked] = {}
    for n, z in record.z.items():
        slope = slope_of(activations[n])
        if slope is not None and slope.flat != "nowhere":
            with np.errstate(all="ignore"):
                steepness = slope_at(activations[n], np.asarray(z, np.float64))
            word = "saturated" if slope.flat == "both sides" else "switched off"
            found[n] = Marked((steepness < part * slope.largest).reshape(-1), word)
    return found


def _linear(ax: Axes, entries: Array, marked: Marked | None, bins: int) -> dict[str, float | None]:
    """Values on a linear axis; returns shares to be told."""
    finite = np.isfinite(entries)
    edges = np.histogram_bin_edges(entries[finite], bins)
    parts = [(finite, palette(1)[0], "")]
    if marked is not None:
        parts = [
            (finite & ~marked.entries, palette(1)[0], ""),
            (finite & marked.entries, COLOURS["vermillion"], marked.word),
        ]
    below = np.zeros(bins)
    for chosen, colour, label in parts:
        shares = np.histogram(entries[chosen], edges)[0] / len(entries)
        ax.bar(
            edges[:-1], shares, np.diff(edges), bottom=below, align="edge", color=colour,
            label=label,
        )  # fmt: skip
        below = below + shares
    if marked is None:
        return {}
    ax.legend(fontsize="small")
    return {marked.word: float(marked.entries.mean())}


def _magnitudes(ax: Axes, entries: Array, bins: int) -> dict[str, float | None]:
    """Magnitudes on a logarithmic axis; returns shares to be told."""
    some = entries[(entries > 0) & np.isfinite(entries)]
    if len(some):
        least, most = float(some.min()), float(some.max())
        pad = 3.0 if most / least < 1.001 else 1.0  # all are alike: one bar, and space around it
        edges: Array = np.geomspace(least / pad, most * pad, bins + 1)  # with both ends exactly
        shares = np.histogram(some, edges)[0] / len(entries)
        ax.bar(edges[:-1], shares, np.diff(edges), align="edge", color=palette(1)[0])
        ax.set_xscale("log")
    return {"are 0": float((entries == 0).mean()) or None}


def _percents(ax: Axes) -> None:
    from matplotlib.ticker import PercentFormatter

    ax.yaxis.set_major_formatter(PercentFormatter(xmax=1, decimals=None))
    ax.grid(visible=True, axis="y")
    ax.set_axisbelow(True)
