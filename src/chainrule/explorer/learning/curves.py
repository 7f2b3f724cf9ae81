"""How a training went: a point for each report, and a record for each epoch.

Points are thinned out like the steps that are kept (``thinning.py``), so hours of training are as
quick to send and to draw as seconds.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, fields
from operator import attrgetter
from threading import Lock
from typing import Any, cast

import numpy as np

from chainrule.explorer.learning.measures import LayerMeasures, Measures
from chainrule.explorer.learning.thinning import crowded

Array = Any
Plain = Any
MOST = 600  # points, and epochs


@dataclass(frozen=True)
class Point:
    """What was seen after ``step`` steps.

    ``mean`` is the mean cost over the epoch so far, ``recent`` over the mini-batches since the
    point before; None where there were none.
    """

    step: int
    epoch: int
    eta: float
    mean: float | None
    recent: float | None
    measures: Measures

    def plain(self) -> Plain:
        """As it is sent."""
        found = asdict(self)
        return _drawable({**found.pop("measures"), **found})


@dataclass(frozen=True)
class EpochEnd:
    """What was seen at the end of an epoch, after ``step`` steps, on all held-out examples.

    ``score`` is the accuracy, or R^2; it and ``validation`` are None without such examples.
    """

    step: int
    epoch: int
    cost: float
    validation: float | None
    score: float | None

    @classmethod
    def of_record(cls, record: Mapping[str, Any], step: int) -> EpochEnd:
        """Of a record of ``cr.fit``."""
        score = record.get("validation_accuracy", record.get("validation_r2"))
        validation = record.get("validation_cost")
        return cls(step, int(record["epoch"]), float(record["cost"]), validation, score)

    def plain(self) -> Plain:
        """As it is sent."""
        return _drawable(asdict(self))


class Curves:
    """Points and ends of epochs, ascending by step. Threads may read while one adds."""

    def __init__(self, ends: tuple[EpochEnd, ...] = ()) -> None:
        self._lock = Lock()
        self._points: dict[int, Point] = {}
        self._ends: dict[int, EpochEnd] = {end.step: end for end in ends}

    @property
    def points(self) -> list[Point]:
        """The points that are kept."""
        with self._lock:
            return [self._points[step] for step in sorted(self._points)]

    @property
    def ends(self) -> list[EpochEnd]:
        """The ends of epochs that are kept."""
        with self._lock:
            return [self._ends[step] for step in sorted(self._ends)]

    def at(self, step: int) -> Point | None:
        """The point of a step, if it is kept."""
        with self._lock:
            return self._points.get(step)

    def add(self, point: Point) -> None:
        """Keep a point; a later one of the same step takes its place."""
        with self._lock:
            self._points[point.step] = point
            _thin(self._points)

    def end_epoch(self, end: EpochEnd) -> None:
        """Keep the end of an epoch."""
        with self._lock:
            self._ends[end.step] = end
            _thin(self._ends)

    def forget_after(self, step: int) -> None:
        """Forget what came after a step."""
        with self._lock:
            self._points = {n: x for n, x in self._points.items() if n <= step}
            self._ends = {n: x for n, x in self._ends.items() if n <= step}


def columns(points: Sequence[Point]) -> Plain:
    """Points as one array for each quantity, which are sent in few bytes; NaN is what is not known.

    ``layers`` holds the same for each layer.
    """
    layers = points[0].measures.layers if points else ()
    return {
        "step": [point.step for point in points],
        "epoch": [point.epoch for point in points],
        **{name: _column(points, attrgetter(name)) for name in ("eta", "mean", "recent")},
        **{
            name: _column(points, attrgetter(f"measures.{name}"))
            for name in ("cost", "sample_cost", "sample_score")
        },
        "layers": {
            n: {
                field.name: np.array(
                    [getattr(p.measures.layers[n], field.name) for p in points], np.float64
                )
                for field in fields(LayerMeasures)
            }
            for n in layers
        },
    }


def _column(points: Sequence[Point], of: Callable[[Point], float | None]) -> Array:
    return np.array([of(point) for point in points], np.float64)


def _drawable(x: Plain) -> Plain:
    """NaN and the infinities, which no curve can show, as None."""
    if isinstance(x, Mapping):
        items = cast("Mapping[Any, Plain]", x).items()
        return {str(key): _drawable(value) for key, value in items}
    return None if isinstance(x, float) and not math.isfinite(x) else x


def _thin(by_step: dict[int, Any]) -> None:
    if len(by_step) > MOST:
        del by_step[crowded(sorted(by_step))]
