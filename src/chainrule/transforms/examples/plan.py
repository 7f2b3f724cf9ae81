"""What the gradient of one example is made of, as a graph: parameters and example -> factors."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from chainrule.core.graph import Graph
from chainrule.core.trace import Trace, shape_of
from chainrule.transforms.batching import evaluate_batched
from chainrule.transforms.derived import seed_of
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
class Plan:
    """``graph`` gives the values of all factors; in ``pieces`` stands the number of each.

    There is a list of pieces, and a choice how to take their norm, for each parameter.
    """

    graph: Graph
    pieces: list[list[Piece]]
    choices: list[Choice]

    def batched(self, inputs: Sequence[Any], flags: Sequence[bool], size: int) -> list[list[Piece]]:
        """The pieces with values for many examples, whose axis is labelled ``BATCH``."""
        values, found = evaluate_batched(self.graph, inputs, flags, size)

        def known(f: Factor) -> Factor:
            labels = (BATCH, *f.labels) if found[f.value] else f.labels
            return Factor(values[f.value], labels)

        return [
            [Piece(p.shape, tuple(map(known, p.factors)), p.materialised) for p in pieces]
            for pieces in self.pieces
        ]


def plan_of(loss: Callable[..., Any], parameters: Sequence[Any], example: Sequence[Any]) -> Plan:
    """Record a loss of leaves, ``loss(*parameters, *example)``, and its sweep backwards.

    The example is given by types, so that the graph is that of any.
    """
    trace = Trace(differentiates=False, sources=True)
    n = len(parameters)
    depends = Dependence(trace, n, n + len(example))
    numbered: list[list[Piece]] = []
    choices: list[Choice] = []

    def factors(*leaves: Any) -> list[Any]:
        data = leaves[n:]
        inner = Trace(differentiates=True)
        recording = record(lambda *p: loss(*p, *data), leaves[:n], trace=inner)
        found = pieces_of(recording, seed_of(recording, "per_example_norms"), depends)
        values: list[Any] = []

        def number(f: Factor) -> Factor:
            values.append(f.value)
            return Factor(len(values) - 1, f.labels)

        for pieces in map(_gathered, found):
            choices.append(choose(pieces))
            numbered.append(
                [Piece(p.shape, tuple(map(number, p.factors)), p.materialised) for p in pieces]
            )
        return values

    graph = freeze(record(factors, [*parameters, *example], trace=trace))
    return Plan(graph, numbered, choices)


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
        (tuple(names.get(a, a) for a in f.labels), shape_of(f.value)) for f in piece.factors
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
        Factor(np.stack([p.factors[k].value for p in same]), (label, *f.labels))
        for k, f in enumerate(first.factors)
    )
    return Piece(first.shape, factors, first.materialised)
