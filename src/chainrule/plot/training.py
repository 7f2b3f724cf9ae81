"""Learning curves: cost and accuracy over the epochs of one training or of several."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from chainrule.core.errors import ArgumentError, DataError
from chainrule.core.tracebacks import users_frames
from chainrule.files.runs import RunFolder
from chainrule.plot.canvas import Axes, Given, Style, canvas, make_logarithmic, palette
from chainrule.training.result import FitResult

if TYPE_CHECKING:
    from matplotlib.figure import Figure

History = Sequence[Mapping[str, Any]]
_FEW = 40  # epochs, of which each gets a point
_HELD_OUT = {"validation_accuracy": "accuracy", "validation_r2": "R²"}


def learning_curves(
    runs: Any,
    *,
    labels: Sequence[str] | None = None,
    log: bool = False,
    ax: Given = None,
    style: Style = None,
) -> Figure:
    """Cost and accuracy over epochs: of training dashed, of held-out examples solid.

    Args:
        runs: the result of ``cr.fit``, its history, or the path of a run folder; or a list of
            those, or a dictionary that names them.
        labels: names of several runs; folders have their own.
        log: a logarithmic axis for the cost.
        ax: Axes to draw into: two where accuracy or R^2 is known, for the cost and for that, else
            one. Without, a new figure is made.
        style: "light" or "dark"; None follows matplotlib's settings.

    Returns:
        The matplotlib Figure.

    Raises:
        ArgumentError: this is no history, or there is another number of labels than of runs.
        DataError: a run has no complete epoch yet.
        MissingExtraError: matplotlib is not installed.

    >>> import chainrule as cr
    >>> history = [{"epoch": n, "cost": 1 / n, "validation_cost": 1 / n} for n in range(1, 9)]
    >>> figure = cr.plot.learning_curves({"eta = 0.5": history}, log=True)
    >>> [line.get_label() for line in figure.axes[0].lines]
    ['training', 'held out']
    """
    with users_frames:
        named = _named(runs, labels)
        measure = _measure(named)
        with canvas(ax, (4.2 * (1 + bool(measure)), 3.4), style, 1 + bool(measure)) as made:
            figure, axes = made
            _curves(axes[0], named, ("cost", "validation_cost"))
            of_run = "" if len(named) > 1 or ax is not None else f" of {next(iter(named))}"
            axes[0].set(title=f"cost{of_run}", xlabel="epoch", ylabel="mean cost of an example")
            if log:
                make_logarithmic(axes[0])
            if measure:
                _curves(axes[1], named, ("", measure))
                name = _HELD_OUT[measure]
                axes[1].set(title=f"{name} on held-out examples", xlabel="epoch", ylabel=name)
                if measure == "validation_accuracy":
                    axes[1].yaxis.set_major_formatter(_percent())
        return figure


def _measure(named: Mapping[str, History]) -> str:
    """What is known of held-out examples besides the cost."""
    keys = {key for history in named.values() for record in history for key in record}
    return next((name for name in _HELD_OUT if name in keys), "")


def _curves(ax: Axes, named: Mapping[str, History], keys: tuple[str, str]) -> None:
    from matplotlib.ticker import MaxNLocator

    one = len(named) == 1
    shown = [k for k in keys if any(k in record for h in named.values() for record in h)]
    colours = palette(len(named))
    for (name, history), colour in zip(named.items(), colours, strict=True):
        for key in shown:
            points = [(r["epoch"], r[key]) for r in history if key in r]
            if not points:
                continue
            kind = "training" if key == keys[0] else "held out"
            ax.plot(
                *zip(*points, strict=True), color=colour, label=kind if one else name,
                linestyle="--" if key == keys[0] else "-", linewidth=1.6,
                marker="o" if len(points) <= _FEW else "", markersize=3,
            )  # fmt: skip
    ax.grid(visible=True)
    ax.xaxis.set_major_locator(MaxNLocator(integer=True))
    if not one:
        ax.legend(handles=_legend(dict(zip(named, colours, strict=True)), kinds=len(shown) > 1))
    elif len(shown) > 1:
        ax.legend()


def _legend(colours: Mapping[str, str], *, kinds: bool) -> list[Any]:
    """A line for each run, and one for each kind of line."""
    import matplotlib.lines

    line: Any = matplotlib.lines.Line2D
    lines = [line([], [], color=colour, label=name) for name, colour in colours.items()]
    if kinds:
        lines.append(line([], [], color="0.5", linestyle="--", label="training"))
        lines.append(line([], [], color="0.5", label="held out"))
    return lines


def _percent() -> Any:
    from matplotlib.ticker import PercentFormatter

    return PercentFormatter(xmax=1, decimals=None)


def _named(runs: Any, labels: Sequence[str] | None) -> dict[str, History]:
    """Histories by name."""
    named: dict[str, Any]
    if isinstance(runs, Mapping):
        named = {str(k): x for k, x in cast("Mapping[Any, Any]", runs).items()}
    elif isinstance(runs, (list, tuple)) and not _is_history(runs):
        given = list(cast("Sequence[Any]", runs))
        if labels is not None and len(labels) != len(given):
            raise ArgumentError(f"there are {len(given)} runs and {len(labels)} labels")
        names = labels or [_name(x, i) for i, x in enumerate(given, start=1)]
        named = dict(zip(_apart(names), given, strict=True))
    else:
        named = {labels[0] if labels else _name(runs, 1): runs}
    if not named:
        raise ArgumentError("there is no run to draw: the list is empty")
    return {name: _history(x, name) for name, x in named.items()}


def _is_history(x: Any) -> bool:
    records = cast("list[Any]", x) if isinstance(x, (list, tuple)) else []
    return bool(records) and all(isinstance(r, Mapping) and "epoch" in r for r in records)


def _name(run: Any, number: int) -> str:
    folder = run.run if isinstance(run, FitResult) else run
    return Path(folder).name if isinstance(folder, (str, Path)) else f"run {number}"


def _apart(names: Sequence[str]) -> list[str]:
    """Names that are given twice get a number."""
    return [
        name if list(names).count(name) == 1 else f"{name} ({i})"
        for i, name in enumerate(names, start=1)
    ]


def _history(x: Any, name: str) -> History:
    if isinstance(x, FitResult):
        x = x.history
    elif isinstance(x, (str, Path)):
        x = RunFolder.open(x).read_metrics()
    records = cast("Sequence[Mapping[str, Any]]", x)
    if isinstance(x, (list, tuple)) and not records:
        raise DataError(f"{name} has no complete epoch yet; train it first")
    if not _is_history(x) or not all("cost" in record for record in records):
        raise ArgumentError(
            f"{name} is no history; give what cr.fit returned, its history (records with epoch and"
            " cost), or the path of a run folder"
        )
    return records
