"""What ``cr.fit`` gives back, and how it is displayed: how training went, and where it is kept."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from chainrule.core.columns import aligned
from chainrule.core.html import table
from chainrule.nn.costs import Cost
from chainrule.nn.layers import Model

_SHOWN = 5  # last epochs
_COLUMNS: dict[str, tuple[str, Callable[[Any], str]]] = {
    "epoch": ("epoch", str),
    "cost": ("cost", "{:.4g}".format),
    "validation_cost": ("validation cost", "{:.4g}".format),
    "validation_accuracy": ("validation accuracy", "{:.2%}".format),
    "validation_r2": ("validation R^2", "{:.4f}".format),
    "eta": ("eta", "{:g}".format),
    "examples_per_second": ("examples/s", "{:,.0f}".format),
}


@dataclass(frozen=True, repr=False)
class FitResult:
    """What training gave.

    Attributes:
        params: the trained parameters.
        history: one record for each epoch, see ``cr.fit``.
        run: the run folder, if there is one.
        model: what was trained.
        cost: what was lowered.

    Printed, it shows the last epochs. ``cr.plot.learning_curves`` draws all of them.

    >>> print(FitResult([], [{"epoch": 1, "cost": 0.25, "eta": 3.0, "seconds": 0.1,
    ...                       "examples_per_second": 625105.0, "validation_accuracy": 0.8257}]))
    1 epoch in 0.1 s, not saved: give out= to keep a training
    <BLANKLINE>
    epoch  cost  validation accuracy  eta  examples/s
    1      0.25               82.57%    3     625,105
    """

    params: Any
    history: list[dict[str, Any]]
    run: Path | None = None
    model: Model | None = None
    cost: Cost | None = None

    def __str__(self) -> str:
        if not self.history:
            return self._head()
        return "\n".join([self._head(), "", *aligned(self._table())])

    __repr__ = __str__

    def _repr_html_(self) -> str:
        head, *rows = self._table()
        return table(head, rows, self._head().replace("\n", ", "))

    def _head(self) -> str:
        n = len(self.history)
        seconds = sum(record.get("seconds", 0.0) for record in self.history)
        kept = f"kept in {self.run}" if self.run else "not saved: give out= to keep a training"
        what = "" if self.model is None else f"{self.model!r}\n"
        return f"{what}{n} epoch{'s' * (n != 1)} in {seconds:.3g} s, {kept}"

    def _table(self) -> list[list[str]]:
        """Head and rows of the last epochs, with the first one to compare."""
        left_out = len(self.history) - _SHOWN
        last = self.history[-_SHOWN:]
        names = [name for name in _COLUMNS if any(name in record for record in self.history)]
        rows = [_row(record, names) for record in last]
        if left_out > 0:
            dots = [["..."] + [""] * (len(names) - 1)] if left_out > 1 else []
            rows = [_row(self.history[0], names), *dots, *rows]
        return [[_COLUMNS[name][0] for name in names], *rows]


def _row(record: dict[str, Any], names: list[str]) -> list[str]:
    return [_COLUMNS[name][1](record[name]) if name in record else "" for name in names]
