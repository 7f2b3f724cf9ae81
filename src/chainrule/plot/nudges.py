"""The demon's curve with its tangent, and the factors that a small change goes through."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from chainrule.core.errors import ArgumentError
from chainrule.core.tracebacks import users_frames
from chainrule.insight.cascade import Cascade
from chainrule.insight.nudge import Nudge
from chainrule.plot.canvas import COLOURS, Axes, Given, Style, canvas, palette

if TYPE_CHECKING:
    from matplotlib.figure import Figure


def nudge_curve(nudge: Nudge, *, ax: Given = None, style: Style = None) -> Figure:
    """The cost over a nudge, ``C(z + dz)``, and what the derivative predicts, ``C(z) + delta dz``.

    In the shaded range the prediction is within 10 % of the real change. The axis is that of the
    curve; a steep tangent leaves it.

    Args:
        nudge: of ``cr.insight.nudge``.
        ax, style: as for ``cr.plot.learning_curves``.

    Raises:
        ArgumentError: this is no nudge.
        MissingExtraError: matplotlib is not installed.

    >>> import numpy as np, chainrule as cr
    >>> net = cr.nn.Network([2, 3, 1])
    >>> nudge = cr.insight.nudge(net, [0.5, 1.0], [0.0], layer=1, neuron=2)
    >>> tangent, curve, here = cr.plot.nudge_curve(nudge).axes[0].lines
    >>> bool(np.array_equal(curve.get_ydata(), nudge.curve))
    True
    """
    with users_frames:
        if not isinstance(nudge, Nudge):  # pyright: ignore[reportUnnecessaryIsInstance]
            raise ArgumentError("nudge_curve takes what cr.insight.nudge returns")
        with canvas(ax, (5.2, 3.6), style) as (figure, (axes,)):
            _curve(axes, nudge)
        return figure


def _curve(ax: Axes, nudge: Nudge) -> None:
    order = np.argsort(np.ravel(nudge.dz), kind="stable")
    dz, curve, tangent = (np.ravel(x)[order] for x in (nudge.dz, nudge.curve, nudge.tangent))
    blue, red = palette(2)
    neuron = nudge.kind == "neuron"
    slope = "delta" if neuron else f"dC/d{nudge.name}" if nudge.value is not None else "dC/dt"
    reach = nudge.within()
    if reach > 0:
        ax.axvspan(-reach, reach, color=red, alpha=0.12, linewidth=0, label="within 10 %")
    ax.plot(dz, tangent, color=red, linestyle="--", label=f"predicted: C + {slope} {nudge.change}")
    ax.plot(dz, curve, color=blue, linewidth=2, label="real")
    ax.plot([0], [nudge.cost], color=blue, marker="o", linestyle="", label="now")
    low, high = float(min(curve.min(), nudge.cost)), float(max(curve.max(), nudge.cost))
    room = 0.08 * (high - low) or 0.08 * abs(high) or 1.0
    ax.set_ylim(low - room, high + room)
    ax.set_xlim(dz[0], dz[-1]) if dz[-1] > dz[0] else None
    ax.grid(visible=True)
    of = "" if nudge.examples == 1 else f", mean of {nudge.examples} examples"
    ax.set(
        title=f"nudging {nudge.name}: {slope} = {nudge.delta:.3g}",
        xlabel=f"{nudge.change}, change of {nudge.name}", ylabel=f"cost C{of}",
    )  # fmt: skip
    ax.legend(fontsize="small")


def cascade(cascade: Cascade, *, ax: Given = None, style: Style = None) -> Figure:
    """The factors that a change goes through on its way to the cost, as bars on a log axis.

    A bar to the left of 1 makes the change smaller, one to the right larger; the lengths add up to
    that of the last bar, the product. In a chain of single neurons the factors are the derivatives
    ``sigma'(z)`` and ``w``, else the ratios of the lengths of the changes.

    Args:
        cascade: of ``cr.insight.cascade``.
        ax, style: as for ``cr.plot.learning_curves``.

    Raises:
        ArgumentError: this is no cascade.
        MissingExtraError: matplotlib is not installed.

    >>> import chainrule as cr
    >>> net = cr.nn.Network([1, 1, 1])
    >>> found = cr.insight.cascade(net, [1.0], [0.0], layer=1, bias=0)
    >>> bars = cr.plot.cascade(found).axes[0].patches
    >>> len(bars) == len(found.steps) + 1
    True
    """
    with users_frames:
        if not isinstance(cascade, Cascade):  # pyright: ignore[reportUnnecessaryIsInstance]
            raise ArgumentError("cascade takes what cr.insight.cascade returns")
        height = 1.2 + 0.3 * (len(cascade.steps) + 1)
        with canvas(ax, (6.4, height), style) as (figure, (axes,)):
            _factors(axes, cascade)
        return figure


def _factors(ax: Axes, cascade: Cascade) -> None:
    names = [step.line for step in cascade.steps]
    factors = [step.factor for step in cascade.steps]
    total = float(np.prod(factors))
    places = [*range(len(factors)), len(factors) + 0.4]
    ax.axvline(1, color="0.5", linewidth=0.8)
    for place, factor in zip(places, [*factors, total], strict=True):
        colour = COLOURS["vermillion"] if factor < 0 else palette(1)[0]
        ends = abs(factor) if factor and np.isfinite(factor) else 1.0
        last = place == places[-1]
        (bar,) = ax.barh(place, ends - 1, 0.7, left=1, color=colour, alpha=0.6 if last else 1)
        bar.set_edgecolor(colour)
        ax.annotate(
            f"{factor:.3g}", (ends, place), (4 if ends >= 1 else -4, 0), fontsize="small",
            textcoords="offset points", va="center", ha="left" if ends >= 1 else "right",
        )  # fmt: skip
    sizes = [1.0, *(abs(x) for x in (*factors, total) if x and np.isfinite(x))]
    span = max(sizes) / min(sizes)
    ax.set_xscale("log")
    ax.set_xlim(min(sizes) / (2 * span**0.22), max(sizes) * (2 * span**0.12))  # room for numbers
    ax.set_yticks(places, [*names, "product of all"])
    ax.invert_yaxis()
    ax.set(title=f"from {cascade.name} to the cost", xlabel="factor (negative ones in vermillion)")
    ax.grid(visible=True, axis="x")
    ax.set_axisbelow(True)
