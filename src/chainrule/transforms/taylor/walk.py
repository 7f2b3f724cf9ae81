"""Taylor mode's walk forwards over a recording: each operation's series from those of its inputs.

An operation is left with its coefficients alone, so memory is that of one forward sweep for each
order, and the expansion of an operation lives as long as its own turn.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from chainrule.core.graph import Graph
from chainrule.core.interpreter import evaluate
from chainrule.core.trace import Trace
from chainrule.transforms.recording import Recording, record
from chainrule.transforms.taylor.control import loops_and_branches
from chainrule.transforms.taylor.expansion import Known, live, operation_of, series_of
from chainrule.transforms.taylor.series import Coefficients, Series


def walk_series(
    recording: Recording, inputs: Sequence[Coefficients], order: int
) -> list[list[Any]]:
    """Coefficients 1 to ``order`` of the outputs, given those of the inputs; None is zero."""
    pairs = zip(recording.inputs, inputs, strict=True)
    places = {i: Series([x, *more]) for i, (x, more) in enumerate(pairs)}
    steps = live(recording)
    last = {i: n for n, step in enumerate(steps) for i in step[1]}
    last.update(dict.fromkeys(recording.output_indices, len(steps)))
    with np.errstate(divide="ignore", invalid="ignore"):  # as in the other walks
        for n, step in enumerate(steps):
            made = series_of(operation_of(step, places), Known(order), RULES)
            finished = [x.completed(order) for x in made]
            places.update(enumerate(finished, start=step[4]))
            for i in step[1]:
                if last[i] == n:
                    places.pop(i, None)  # free its memory
        return [
            [places[i].at(k) if i >= 0 else None for k in range(1, order + 1)]
            for i in recording.output_indices
        ]


def series_of_graph(
    graph: Graph, values: Sequence[Any], inputs: Sequence[Coefficients], order: int
) -> tuple[list[Any], list[list[Any]]]:
    """The outputs of a graph and their coefficients 1 to ``order``."""
    recording = record(lambda *xs: evaluate(graph, xs), values, trace=Trace(differentiates=True))
    return recording.outputs, walk_series(recording, inputs, order)


RULES = loops_and_branches(series_of_graph)
