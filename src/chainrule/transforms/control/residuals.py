"""What a reverse loop needs of the forward one: a step's graph cut into two halves.

The graph of one step forwards and back is cut where it first depends on a cotangent. What the
second half reads of the first is kept for each step (the residuals), unless it is cheap to compute
again from the constants, the xs and what is kept anyway: views, sums and products of numbers cost
less than the memory they would go through.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from chainrule.core.graph import Equation, Graph, Literal, Var

_CHEAP = frozenset(
    {
        "add", "sub", "mul", "neg", "square", "copy", "convert", "select", "abs", "stop_gradient",
        "less", "less_equal", "greater", "greater_equal", "equal", "not_equal", "logical_not",
        "logical_and", "logical_or", "transpose", "reshape", "broadcast_to", "getitem",
        "concatenate", "name", "probe",
    }
)  # fmt: skip


@dataclass(frozen=True, eq=False)
class Halves:
    """A step forwards and back in two.

    ``first`` takes the inputs of the step to what is kept; ``second`` takes constants, xs, what was
    kept and the cotangents to the results.
    """

    inputs: tuple[Var, ...]
    cotangents: tuple[Var, ...]
    kept: tuple[Var, ...]
    first: Graph
    second: Graph


def split(joint: Graph, n_inputs: int, carry: tuple[int, int]) -> Halves:
    """Cut the graph of a step forwards and back.

    Args:
        joint: takes the inputs of the step, ``n_inputs`` of them, and cotangents.
        n_inputs: how many of its inputs are the step's.
        carry: where the carry stands in them, from and to; the backward loop knows it only if it
            is kept, unlike constants and xs.
    """
    inputs, cotangents = joint.inputs[:n_inputs], joint.inputs[n_inputs:]
    at_hand = (*inputs[: carry[0]], *inputs[carry[1] :])
    first, second = _by_dependence(joint, cotangents)
    needed = {x for e in second for x in e.inputs} | set(joint.outputs)
    again, kept = _recomputed(first, _cheap(first, inputs), needed)
    kept += [v for v in inputs[carry[0] : carry[1]] if v in needed]
    forward = Graph(inputs, leading_to(kept, first), tuple(kept))
    backward = Graph((*at_hand, *kept, *cotangents), (*again, *second), joint.outputs)
    return Halves(inputs, cotangents, tuple(kept), forward, backward)


def _cheap(equations: Sequence[Equation], inputs: Sequence[Var]) -> set[Var | Literal]:
    """All that cheap operations make of the inputs alone."""
    found: set[Var | Literal] = set(inputs)
    for e in equations:
        if e.primitive.name in _CHEAP and all(
            isinstance(x, Literal) or x in found for x in e.inputs
        ):
            found.update(e.outputs)
    return found


def _recomputed(
    first: Sequence[Equation], cheap: set[Var | Literal], needed: set[Var | Literal]
) -> tuple[list[Equation], list[Var]]:
    """The equations to run again and the values to keep; ``needed`` gains what the former read."""
    again: list[Equation] = []
    kept: list[Var] = []
    for e in reversed(first):
        wanted = [v for v in e.outputs if v in needed]
        if wanted and all(v in cheap for v in wanted):
            again.append(e)
            needed.update(e.inputs)
        else:
            kept += wanted
    return again[::-1], kept[::-1]


def leading_to(wanted: Sequence[Var], equations: Sequence[Equation]) -> tuple[Equation, ...]:
    """The equations that these values depend on."""
    needed: set[Var | Literal] = set(wanted)
    taken: list[Equation] = []
    for e in reversed(equations):
        if any(v in needed for v in e.outputs):
            needed.update(e.inputs)
            taken.append(e)
    return tuple(reversed(taken))


def needed(graph: Graph) -> Graph:
    """The same graph without equations that no result depends on."""
    results = [x for x in graph.outputs if isinstance(x, Var)]
    return Graph(graph.inputs, leading_to(results, graph.equations), graph.outputs)


def _by_dependence(graph: Graph, sources: Sequence[Var]) -> tuple[list[Equation], list[Equation]]:
    """The equations that do not depend on ``sources``, and those that do."""
    dependent: set[Var | Literal] = set(sources)
    first: list[Equation] = []
    second: list[Equation] = []
    for e in graph.equations:
        if any(x in dependent for x in e.inputs):
            dependent.update(e.outputs)
            second.append(e)
        else:
            first.append(e)
    return first, second
