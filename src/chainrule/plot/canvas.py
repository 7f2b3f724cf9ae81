"""Where figures are drawn: Axes that were given, or a new figure in one of two styles.

matplotlib is imported when something is drawn. Figures are made without pyplot, so they belong to
whoever called: no window opens, nothing stays open, no backend is chosen. ``picture.py`` has the
figure that notebooks display.
"""

from __future__ import annotations

from collections.abc import Generator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from chainrule.core.errors import ArgumentError, MissingExtraError, ShapeError

if TYPE_CHECKING:
    from matplotlib.figure import Figure

Style = Literal["light", "dark"] | None
Axes = Any  # matplotlib's; its stubs leave too much unknown to be checked
Given = Any  # an Axes, a sequence of them, or None

COLOURS = {
    "blue": "#0072B2",
    "vermillion": "#D55E00",
    "green": "#009E73",
    "orange": "#E69F00",
    "sky": "#56B4E9",
    "purple": "#CC79A7",
    "yellow": "#F0E442",
}
"""Colours that are told apart with any kind of colour vision (Okabe and Ito, 2008)."""

_BRIGHT_FIRST = ("sky", "orange", "green", "purple", "vermillion", "yellow", "blue")
_INK = (
    "text.color", "axes.edgecolor", "axes.labelcolor", "xtick.color", "ytick.color",
    "xtick.labelcolor", "ytick.labelcolor", "axes.titlecolor",
)  # fmt: skip
_PLAIN: dict[str, Any] = {
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.titlesize": "medium",
    "axes.titlelocation": "left",
    "axes.titleweight": "bold",
    "grid.alpha": 0.4,
    "legend.frameon": False,
    "font.size": 10,
    "image.interpolation": "nearest",
}


def _paper(paper: str, ink: str, colours: Sequence[str]) -> dict[str, Any]:
    faces = dict.fromkeys(("figure.facecolor", "axes.facecolor"), paper)
    return {
        **faces,
        **dict.fromkeys(_INK, ink),
        "grid.color": ink,
        "grid.alpha": 0.15,
        "colours": [COLOURS[name] for name in colours],
    }


_STYLES = {
    "light": _paper("white", "#222222", tuple(COLOURS)),
    "dark": _paper("#16181d", "#dddddd", _BRIGHT_FIRST),
}


def require_matplotlib() -> None:
    """Raise the error that says how to install matplotlib, if it is not there.

    Raises:
        MissingExtraError: it is not installed.
    """
    try:
        import matplotlib.figure  # noqa: F401  # pyright: ignore[reportUnusedImport]
    except ImportError as error:
        raise MissingExtraError(
            "cr.plot draws with matplotlib, which is not installed; install it with: pip install"
            " 'chainrule[plot]'"
        ) from error


@contextmanager
def canvas(
    ax: Given, size: tuple[float, float], style: Style, panels: int = 1, *, share_y: bool = False
) -> Generator[tuple[Figure, list[Axes]]]:
    """A figure and its Axes to draw into, in a style that ends with the context.

    Args:
        ax: Axes to draw into (one, or one for each panel), which keep their style; None makes a
            new figure.
        size: of a new figure, in inches.
        style: "light" or "dark"; None follows matplotlib's own settings.
        panels: how many Axes there are side by side.
        share_y: whether they have one scale.

    Raises:
        MissingExtraError: matplotlib is not installed.
        ShapeError: there are more or fewer Axes than panels.
        ArgumentError: there is no such style.
    """
    require_matplotlib()
    from cycler import cycler

    if style is not None and style not in _STYLES:
        raise ArgumentError(f"style {style!r} is not one of {', '.join(_STYLES)}")
    chosen = dict(_STYLES[style]) if style else {"colours": list(COLOURS.values())}
    colours = cycler(color=chosen.pop("colours"))
    with _library().rc_context({**_PLAIN, **chosen, "axes.prop_cycle": colours}):
        if ax is None:
            from chainrule.plot.picture import Picture

            figure = Picture(figsize=size, layout="constrained")
            row = figure.subplots(1, panels, squeeze=False, sharey=share_y)[0]
            yield figure, list(row)
        else:
            given = _axes(ax, panels)
            figure = given[0].figure
            yield figure, given


def _axes(ax: Given, panels: int) -> list[Axes]:
    from matplotlib.axes import Axes as OfMatplotlib

    given: list[Axes] = [ax] if isinstance(ax, OfMatplotlib) else list(ax)
    if len(given) != panels or not all(isinstance(x, OfMatplotlib) for x in given):
        raise ShapeError(
            f"there are {panels} panels to draw and {len(given)} Axes; give as many Axes, or none"
            " for a new figure"
        )
    return given


def make_logarithmic(ax: Axes) -> None:
    """A logarithmic axis of y, unless nothing that is drawn is greater than 0."""
    lines: list[Any] = [line.get_ydata() for line in ax.lines]
    bars: list[Any] = [bar.get_height() for bar in ax.patches]
    if any(np.any(np.asarray(y, np.float64) > 0) for y in (*lines, bars)):
        ax.set_yscale("log")


def _library() -> Any:
    import matplotlib

    return matplotlib


def palette(n: int) -> list[str]:
    """Colours for ``n`` things, in the order of the style that is on."""
    cycle: list[str] = _library().rcParams["axes.prop_cycle"].by_key()["color"]
    return [cycle[i % len(cycle)] for i in range(n)]
