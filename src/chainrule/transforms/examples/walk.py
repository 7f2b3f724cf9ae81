"""The reverse sweep of one example that keeps the parameters' cotangents as products.

Values that differ between examples have ordinary cotangents. A value that is made of parameters
alone has the same value for all examples and a cotangent for each, which is where the memory would
go: its cotangent is a list of pieces, passed on by ``rules.py`` and multiplied out only where an
equation has no rule.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from typing import Any

import numpy as np

from chainrule.core.trace import Record, Trace, TracedValue, type_of
from chainrule.transforms.examples.anchors import Anchors
from chainrule.transforms.examples.pieces import Depends, Piece, dense, largest, tidy, whole
from chainrule.transforms.examples.rules import RULES
from chainrule.transforms.recording import Recording
from chainrule.transforms.sweeps import count_reverse
from chainrule.transforms.vjp import pull_equation

Pieces = dict[int, list[Piece]]  # the cotangent of each variable


class Dependence:
    """Whether values of a recording depend on its inputs from one on: those of an example."""

    def __init__(self, trace: Trace, first: int, count: int) -> None:
        self._trace = trace
        self._known = set(range(first, count))
        self._seen = 0

    def __call__(self, value: Any) -> bool:
        """Whether the value differs between examples."""
        if not isinstance(value, TracedValue) or value.recorder is not self._trace:
            return False
        records = self._trace.records
        for step in records[self._seen :]:
            if any(i in self._known for i in step[1]):
                made = len(step[5]) if step[0].several else 1
                self._known.update(range(step[4], step[4] + made))
        self._seen = len(records)
        return value.index in self._known


def pieces_of(
    recording: Recording, anchors: Anchors, seed: Any, depends: Depends
) -> list[list[Piece]]:
    """The cotangents of the anchors of a recording with one output, as pieces."""
    count_reverse()
    pieces: Pieces = defaultdict(list)
    (output,) = recording.output_indices
    if output >= 0:
        pieces[output] = [dense(seed)]
    with np.errstate(divide="ignore", invalid="ignore"):
        for step in reversed(recording.trace.records):
            index = step[4]
            if index in anchors.same:
                pieces[anchors.same[index]] += pieces.pop(index, [])
            elif index not in anchors.views:
                _pull_step(step, pieces, depends)
    return [pieces[i] for i in anchors.views]


def _pull_step(step: Record, pieces: Pieces, depends: Depends) -> None:
    primitive, indices, values, params, index, out, source = step
    count = len(out) if primitive.several else 1
    arriving = [pieces.pop(i, []) for i in range(index, index + count)]
    if not any(arriving):
        return
    left = list(indices)
    rule = None if primitive.several else RULES.get(primitive.name)
    for k, i in enumerate(indices):
        if rule is not None and i >= 0 and not depends(values[k]):
            passed = [rule(piece, k, values, params) for piece in arriving[0]]
            kept = [tidy(piece, depends) for piece in passed if piece is not None]
            if len(kept) == len(passed):
                pieces[i] += kept
                left[k] = -1
    if any(i >= 0 for i in left):
        _pull_whole(
            (primitive, left, values, params, index, out, source), arriving, pieces, depends
        )


def _pull_whole(
    step: Record, arriving: Sequence[Sequence[Piece]], pieces: Pieces, depends: Depends
) -> None:
    """Pull the cotangents back as they are, multiplied out."""
    primitive, indices, values, *_ = step
    cts = tuple(map(_total, arriving))
    pulled: dict[int, Any] = defaultdict(lambda: None)
    pull_equation(step, cts if primitive.several else cts[0], pulled)
    given = [piece for group in arriving for piece in group]
    bound = max(map(largest, given))
    for i, ct in pulled.items():
        if ct is None:
            continue
        if depends(values[indices.index(i)]):
            pieces[i] = [dense(_total([*pieces[i], dense(ct)]))]
        else:
            grown = type_of(ct).size > bound or any(p.materialised for p in given)
            pieces[i].append(dense(ct, materialised=grown))


def _total(pieces: Sequence[Piece]) -> Any:
    """The sum of pieces, multiplied out; None if there are none."""
    total = None
    for piece in pieces:
        ct = whole(piece)
        total = ct if total is None else total + ct
    return total
