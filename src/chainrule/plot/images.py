"""Examples as images: any, or those that a model misclassifies, the costliest first."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from chainrule.core.errors import ArgumentError, ShapeError
from chainrule.core.tracebacks import users_frames
from chainrule.insight.mistakes import Mistakes
from chainrule.insight.mistakes import misclassified as mistakes_of
from chainrule.nn.stack import GivenCost
from chainrule.plot.canvas import Given, Style, canvas
from chainrule.plot.mosaic import columns_of, draw, image_shape, size_of

if TYPE_CHECKING:
    from matplotlib.figure import Figure

Array = Any


def misclassified(
    model: Any,
    data: Any = None,
    n: int = 24,
    *,
    params: Any = None,
    cost: GivenCost = None,
    shape: Sequence[int] | None = None,
    columns: int | None = None,
    ax: Given = None,
    style: Style = None,
) -> Figure:
    """The examples that a model takes for another class than theirs, the costliest first.

    Above each image stand its class, the class that it was taken for, and its cost.

    Args:
        model, data, params, cost: as for ``cr.insight.misclassified``, or what that returned.
        n: show at most so many.
        shape: rows and columns of an image; that of the data, or a square, if left out.
        columns: how many stand in a row.
        ax, style: as for ``cr.plot.learning_curves``.

    Raises:
        ArgumentError, ShapeError: as ``cr.insight.misclassified``; or nothing is misclassified.
        MissingExtraError: matplotlib is not installed.

    >>> import numpy as np, chainrule as cr
    >>> net = cr.nn.Network([4, 2])
    >>> figure = cr.plot.misclassified(net, (np.ones((4, 4)), np.array([0, 1, 0, 1])))
    >>> len(figure.axes[0].texts)
    2
    """
    with users_frames:
        given = isinstance(model, Mistakes)
        found = model if given else mistakes_of(model, data, n, params=params, cost=cost)
        if not len(found):
            raise ArgumentError(f"all {found.examples:,} examples are recognised: nothing to show")
        names = found.classes
        captions = [
            f"{names[y]} → {names[k]}\n{c:.3g}"
            for y, k, c in zip(found.labels, found.found, found.costs, strict=True)
        ][:n]
        title = (
            f"{found.total:,} of {found.examples:,} misclassified, the costliest first:"
            f"\n{found.target} → taken for, cost"
        )
        given_shape = shape or (found.shape if len(found.shape) == 2 else None)
        return _grid(found.X[:n], captions, title, given_shape, columns, ax, style)


def images(
    X: Array,
    labels: Sequence[Any] | None = None,
    *,
    shape: Sequence[int] | None = None,
    columns: int | None = None,
    title: str = "",
    ax: Given = None,
    style: Style = None,
) -> Figure:
    """Examples as images, ink dark on light.

    Args:
        X: one image a row (n, pixels), or images (n, rows, columns).
        labels: a caption for each.
        shape: rows and columns of an image; a square if left out.
        columns: how many stand in a row.
        title: of the figure.
        ax, style: as for ``cr.plot.learning_curves``.

    Raises:
        ShapeError: the rows make no image, or there is another number of labels.
        MissingExtraError: matplotlib is not installed.

    >>> import chainrule as cr
    >>> digits = cr.data.load("mnist").test[:10]
    >>> figure = cr.plot.images(digits.X, digits.Y)
    >>> [text.get_text() for text in figure.axes[0].texts][:3]
    ['7', '2', '1']
    """
    with users_frames:
        found = np.asarray(X)
        if found.ndim == 1:
            found = found[None]
        if found.ndim == 3:
            shape, found = found.shape[1:], found.reshape(len(found), -1)
        if found.ndim != 2 or not found.size:
            raise ShapeError(f"images takes rows of pixels (n, pixels), got shape {np.shape(X)}")
        captions = [""] * len(found) if labels is None else [str(x) for x in labels]
        if len(captions) != len(found):
            raise ShapeError(f"there are {len(found)} images and {len(captions)} labels")
        return _grid(found, captions, title, shape, columns, ax, style)


def _grid(
    X: Array,
    captions: Sequence[str],
    title: str,
    shape: Sequence[int] | None,
    columns: int | None,
    ax: Given,
    style: Style,
) -> Figure:
    rows, width = image_shape(shape, X.shape[1], "an example")
    across = columns_of(len(X), columns)
    lines = max(caption.count("\n") for caption in captions)
    with canvas(ax, size_of(len(X), across, extra=0.5 + 0.3 * lines), style) as (figure, (axes,)):
        draw(axes, X.reshape(-1, rows, width), captions, across, cmap="gray_r")
        axes.set_title(title, pad=14 + 8 * lines)
    return figure
