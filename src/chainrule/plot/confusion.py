"""The confusion matrix: which classes a model takes for which."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from chainrule.core.tracebacks import users_frames
from chainrule.insight.confusion import Confusion, confusion
from chainrule.nn.stack import GivenCost
from chainrule.plot.canvas import COLOURS, Axes, Given, Style, canvas

if TYPE_CHECKING:
    from matplotlib.figure import Figure

_WRITTEN = 25  # classes, up to which counts are written into the cells


def confusion_matrix(
    model: Any,
    data: Any = None,
    *,
    params: Any = None,
    cost: GivenCost = None,
    ax: Given = None,
    style: Style = None,
) -> Figure:
    """Which classes are taken for which: rows are classes, columns what they were taken for.

    The colours are of the mistakes alone: what is right, in the diagonal, is many times as much and
    has none. On the right stands the share of each class that was recognised.

    Args:
        model, data, params, cost: as for ``cr.insight.confusion``, or what that returned.
        ax, style: as for ``cr.plot.learning_curves``.

    Raises:
        ArgumentError, ShapeError: as ``cr.insight.confusion``.
        MissingExtraError: matplotlib is not installed.

    >>> import numpy as np, chainrule as cr
    >>> net = cr.nn.Network([2, 3])
    >>> figure = cr.plot.confusion_matrix(net, (np.ones((4, 2)), np.array([0, 1, 2, 2])))
    >>> figure.axes[0].images[0].get_array().shape
    (3, 3)
    """
    with users_frames:
        given = isinstance(model, Confusion)
        found = model if given else confusion(model, data, params=params, cost=cost)
        side = min(9.0, 1.8 + 0.42 * len(found.classes))
        with canvas(ax, (side + 1.0, side), style) as (figure, (axes,)):
            _matrix(axes, found)
        return figure


def _matrix(ax: Axes, found: Confusion) -> None:
    n = len(found.classes)
    wrong = found.counts.astype(np.float64)
    np.fill_diagonal(wrong, np.nan)
    most = float(np.nanmax(wrong)) if n > 1 else 0.0
    ax.imshow(wrong, cmap=_from_paper(ax), vmin=0, vmax=most or 1)
    if n <= _WRITTEN:
        for i, j in np.ndindex(n, n):
            count = int(found.counts[i, j])
            if count or i == j:
                weight = "bold" if i == j else "normal"
                ax.text(j, i, f"{count:,}", ha="center", va="center", fontsize=8, fontweight=weight)
    for i, share in enumerate(found.recall):
        ax.text(n - 0.3, i, "-" if np.isnan(share) else f"{share:.1%}", va="center", fontsize=8)
    ax.text(n - 0.3, -0.75, "recall", va="center", fontsize=8)
    ax.set_xticks(range(n), found.classes)
    ax.set_yticks(range(n), found.classes)
    if max(map(len, found.classes)) > 3:
        ax.tick_params(axis="x", rotation=90)
    ax.tick_params(length=0)
    ax.spines[:].set_visible(False)
    ax.set(
        title=f"{found.wrong:,} of {found.examples:,} wrong, accuracy {found.accuracy:.2%}",
        xlabel="taken for", ylabel=found.target,
    )  # fmt: skip


def _from_paper(ax: Axes) -> Any:
    """Colours from that of the paper, for nothing, light or dark, to vermillion."""
    from matplotlib.colors import LinearSegmentedColormap

    ends: Any = [ax.get_facecolor(), COLOURS["vermillion"]]
    return LinearSegmentedColormap.from_list("mistakes", ends)
