"""The paths between two numbers of a traced function as plain data, with the boxes on them."""

from __future__ import annotations

from typing import Any

import numpy as np

from chainrule.explorer.functions.entries import Entries
from chainrule.explorer.functions.on_picture import OnPicture
from chainrule.explorer.functions.traced import Traced
from chainrule.insight.factoring import factors
from chainrule.insight.local import Point
from chainrule.insight.paths import Merge, Path, Paths, paths_between

Plain = Any
MOST_PATHS = 24
FEW_PATHS = 4  # that are listed of a factor


def paths_answer(traced: Traced, start: int, end: int) -> Plain:
    """The derivative of one number in another as a sum over paths.

    Args:
        traced: the function.
        start: a number of the graph, counted through inputs and results; -1 for the first input,
            the entry with the largest derivative.
        end: the same; -1 for the first output.
    """
    on = OnPicture(traced)
    graph, names = on.graph, on.names
    everything = Entries(traced.variables, traced.symbols, "number")
    a = _first_input(traced) if start < 0 else everything.point(start)
    outputs = Entries(graph.outputs, traced.symbols, "output")
    b = outputs.point(0) if end < 0 else everything.point(end)
    found = paths_between(graph, a, b, MOST_PATHS, names)
    return {
        "function": traced.subject.name,
        "variables": everything.plain(),
        "start": everything.number(a),
        "end": everything.number(b),
        **on.plain(),
        "merges": [_merge(m, found.output) for m in found.merges],
        "factors": [_plain(f, on) for f in factors(graph, a, b, FEW_PATHS, names)],
        **_plain(found, on),
    }


def _first_input(traced: Traced) -> Point:
    v = Entries(traced.graph.inputs, traced.symbols, "input").point(0).variable
    slopes = traced.cotangent(v)
    return Point(v, 0 if slopes is None else int(np.argmax(np.abs(slopes))))


def _plain(found: Paths, on: OnPicture) -> Plain:
    return {
        "from": found.input,
        "to": found.output,
        "gradient": found.gradient,
        "count": _whole(found.count),
        "nonzero": _whole(found.nonzero),
        "absolute": found.absolute,
        "factored": _whole(found.factored),
        "unfactored": _whole(found.unfactored),
        "paths": [_path(path, on) for path in found.largest],
        "rest": found.gradient - sum(path.product for path in found.largest),
        "left_out": _whole(found.count - len(found.largest)),
    }


def _path(path: Path, on: OnPicture) -> Plain:
    names = [path.start, *(step.to for step in path.steps)]
    return {
        "names": names,
        "boxes": [on.of_number(name) for name in names],
        "factors": [step.derivative for step in path.steps],
        "product": path.product,
    }


def _merge(merge: Merge, end: str) -> Plain:
    """One sum of the sweep backwards: the number and its uses, each with two factors."""
    return {
        "name": merge.name,
        "end": end,
        "uses": [
            {"to": to, "derivative": derivative, "cotangent": ct}
            for to, derivative, ct in merge.uses
        ],
        "total": merge.total,
    }


def _whole(n: int) -> Plain:
    """A whole number of any size: all its digits as text, and short."""
    text = f"{n:,}"
    return {"text": text, "short": text if n < 10**9 else f"{float(n):.3g}", "few": n < 10**6}
