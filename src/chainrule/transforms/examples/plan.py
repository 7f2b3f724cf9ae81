"""What the gradient of one example is made of, as a graph: parameters and example -> factors."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from chainrule.core.graph import Graph
from chainrule.core.trace import Trace
from chainrule.transforms.batching import evaluate_batched
from chainrule.transforms.derived import seed_of
from chainrule.transforms.examples.anchors import View, anchors_of
from chainrule.transforms.examples.choice import Choice, choose
from chainrule.transforms.examples.contraction import Factor
from chainrule.transforms.examples.pieces import Piece, new_label
from chainrule.transforms.examples.walk import Dependence, pieces_of
from chainrule.transforms.recording import record
from chainrule.transforms.trace import freeze

BATCH = 1 << 30
"""The label of the axis of examples."""
_MANY = 4  # pieces of one form from which on they are stacked: their pairs would be too many


@dataclass(frozen=True)
class Part:
    """The gradient of a part of a parameter: a sum of pieces, and how to take its norm."""

    view: View
    pieces: list[Piece]
    choice: Choice

    @property
    def materialised(self) -> bool:
        """Whether a piece is a whole gradient."""
        return any(p.materialised for p in self.pieces)


@dataclass(frozen=True)
class Plan:
    """``graph`` gives the values of all factors; in the pieces stands the number of each."""

    graph: Graph
    parts: list[Part]

    def batched(self, inputs: Sequence[Any], flags: Sequence[bool], size: int) -> list[list[Piece]]:
        """For each part its pieces, with the axis of examples labelled ``BATCH``."""
        values, found = evaluate_batched(self.graph, inputs, flags, size)

        def known(f: Factor) -> Factor:
            labels = (BATCH, *f.labels) if found[f.value] else f.labels
            return Factor(values[f.value], labels, f.rows)

        return [
            [Piece(p.shape, tuple(map(known, p.factors)), p.materialised) for p in part.pieces]
            for part in self.parts
        ]


def plan_of(loss: Callable[..., Any], parameters: Sequence[Any], example: Sequence[Any]) -> Plan:
    """Record a loss of leaves, ``loss(*parameters, *example)``, and its sweep backwards.

    The example is given by types, so that the graph is that of any.
    """
    trace = Trace(differentiates=False, sources=True)
    n = len(parameters)
    depends = Dependence(trace, n, n + len(example))
    parts: list[Part] = []

    def factors(*leaves: Any) -> list[Any]:
        data = leaves[n:]
        inner = Trace(differentiates=True)
        recording = record(lambda *p: loss(*p, *data), leaves[:n], trace=inner)
        anchors = anchors_of(recording)
        found = pieces_of(recording, anchors, seed_of(recording, "per_example_norms"), depends)
        values: list[Any] = []

        def numbered(piece: Piece) -> Piece:
            first = len(values)
            values.extend(f.value for f in piece.factors)
            numbers = (replace(f, value=first + k) for k, f in enumerate(piece.factors))
            return Piece(piece.shape, tuple(numbers), piece.materialised)

        for view, pieces in zip(anchors.views.values(), map(_gathered, found), strict=True):
            parts.append(Part(view, [*map(numbered, pieces)], choose(pieces)))
        return values

    return Plan(freeze(record(factors, [*parameters, *example], trace=trace)), parts)


def _gathered(pieces: Sequence[Piece]) -> list[Piece]:
    """The same sum with fewer pieces: single factors are added, many of one form are stacked."""
    groups: dict[Any, list[Piece]] = {}
    for piece in pieces:
        groups.setdefault(_form(piece), []).append(piece)
    result: list[Piece] = []
    for same in groups.values():
        if len(same[0].factors) == 1:
            result.append(_added(same))
        elif len(same) >= _MANY:
            result.append(_stacked(same))
        else:
            result += same
    return result


def _form(piece: Piece) -> Any:
    """Labels and shapes of the factors, whatever the labels that are summed over are called."""
    names: dict[int, int] = {}
    for f in piece.factors:
        for a in f.labels:
            if a < 0:
                names.setdefault(a, -1 - len(names))
    return piece.materialised, tuple(
        (tuple(names.get(a, a) for a in f.labels), f.shape, f.rows) for f in piece.factors
    )


def _added(same: Sequence[Piece]) -> Piece:
    first = same[0]
    value = first.factors[0].value
    for piece in same[1:]:
        value = value + piece.factors[0].value
    return Piece(first.shape, (Factor(value, first.factors[0].labels),), first.materialised)


def _stacked(same: Sequence[Piece]) -> Piece:
    first, label = same[0], new_label()
    factors = tuple(
        Factor(np.stack([p.factors[k].value for p in same]), (label, *f.labels), f.rows)
        for k, f in enumerate(first.factors)
    )
    return Piece(first.shape, factors, first.materialised)
