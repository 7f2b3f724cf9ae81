"""Loops over the same steps become one, and loops lose what nobody reads.

Reverse mode runs a ``scan`` a second time to keep what the way back needs (see
``transforms/control/scan.py``). Here the second one takes over the first: its results are those of
both.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from chainrule.core.graph import Equation, Graph, Literal, Var
from chainrule.passes.cse import operand_key, share_common
from chainrule.passes.dce import eliminate_dead_code
from chainrule.passes.placing import placed

Operand = Var | Literal


def merge_scans(graph: Graph) -> Graph:
    """The same graph with each scan merged into an earlier one that takes the same steps.

    Two scans are one if they have length and direction in common, begin with the same carries, and
    the steps, seen as one graph of the same inputs, give the same new carries.
    """
    same: dict[Operand, Operand] = {}
    kept: list[Equation] = []
    for equation in graph.equations:
        inputs = tuple(same.get(x, x) for x in equation.inputs)
        current = Equation(
            equation.primitive, inputs, equation.outputs, equation.params, equation.source
        )
        place, merged = _merged_with_earlier(kept, current)
        if merged is None:
            kept.append(current)
        else:
            kept[place] = merged.equation
            same.update(merged.same)
    if len(kept) == len(graph.equations):
        return graph
    return Graph(graph.inputs, tuple(kept), tuple(same.get(x, x) for x in graph.outputs))


@dataclass(frozen=True)
class _Merged:
    equation: Equation
    same: dict[Operand, Operand]  # results of the later scan -> those that stand for them


def _merged_with_earlier(kept: Sequence[Equation], later: Equation) -> tuple[int, _Merged | None]:
    if later.primitive.name == "scan":
        for place, earlier in enumerate(kept):
            if earlier.primitive.name == "scan" and _same_operands(earlier, later):
                merged = _joined(earlier, later)
                if merged is not None:
                    return place, merged
    return -1, None


def _same_operands(a: Equation, b: Equation) -> bool:
    counts = ("constants", "carries", "length", "reverse")
    return [a.params[k] for k in counts] == [b.params[k] for k in counts] and [
        operand_key(x) for x in a.inputs
    ] == [operand_key(x) for x in b.inputs]


def _joined(a: Equation, b: Equation) -> _Merged | None:
    """Both scans as one, or None if the carries go different ways."""
    carries: int = a.params["carries"]
    first: Graph = a.params["body"]
    equations, outputs = placed(b.params["body"], first.inputs)
    both = share_common(
        Graph(first.inputs, (*first.equations, *equations), (*first.outputs, *outputs))
    )
    ours, theirs = both.outputs[: len(first.outputs)], both.outputs[len(first.outputs) :]
    if [operand_key(x) for x in ours[:carries]] != [operand_key(x) for x in theirs[:carries]]:
        return None
    outputs, values = list(a.outputs), list(ours)
    same: dict[Operand, Operand] = dict(zip(b.outputs[:carries], a.outputs, strict=False))
    for out, value in zip(b.outputs[carries:], theirs[carries:], strict=True):
        keys = [operand_key(x) for x in values[carries:]]
        if operand_key(value) in keys:
            same[out] = outputs[carries + keys.index(operand_key(value))]
        else:
            outputs.append(out)
            values.append(value)
    body = Graph(both.inputs, both.equations, tuple(values))
    params = {**a.params, "body": body}
    return _Merged(Equation(a.primitive, a.inputs, tuple(outputs), params, a.source), same)


def trim_scans(graph: Graph) -> Graph:
    """The same graph, its scans without ys that nobody reads and without idle inputs."""
    needed: set[Operand] = set(graph.outputs)
    kept: list[Equation] = []
    for equation in reversed(graph.equations):
        if equation.primitive.name == "scan":
            equation = _trimmed(equation, needed)
        needed.update(equation.inputs)
        kept.append(equation)
    if all(e is before for e, before in zip(reversed(kept), graph.equations, strict=True)):
        return graph
    return Graph(graph.inputs, tuple(reversed(kept)), graph.outputs)


def _trimmed(equation: Equation, needed: set[Operand]) -> Equation:
    params, inputs = equation.params, equation.inputs
    constants, carries = params["constants"], params["carries"]
    body: Graph = params["body"]
    live = _live_carries(body, equation, needed)
    results = [
        i for i, v in enumerate(equation.outputs) if i in live or (i >= carries and v in needed)
    ]
    body = eliminate_dead_code(
        Graph(body.inputs, body.equations, tuple(body.outputs[i] for i in results))
    )
    read = {x for e in body.equations for x in e.inputs} | set(body.outputs)
    used = [
        i
        for i, v in enumerate(body.inputs)
        if (i - constants in live if constants <= i < constants + carries else v in read)
    ]
    if len(used) == len(inputs) and len(results) == len(equation.outputs):
        return equation
    body = Graph(tuple(body.inputs[i] for i in used), body.equations, body.outputs)
    return Equation(
        equation.primitive,
        tuple(inputs[i] for i in used),
        tuple(equation.outputs[i] for i in results),
        {
            **params, "body": body, "constants": sum(i < constants for i in used),
            "carries": len(live),
        },
        equation.source,
    )  # fmt: skip


def _live_carries(body: Graph, equation: Equation, needed: set[Operand]) -> set[int]:
    """The carries that a result depends on, directly or through other carries."""
    constants, carries = equation.params["constants"], equation.params["carries"]
    wanted = {i for i, v in enumerate(equation.outputs) if v in needed}
    while True:
        roots = [body.outputs[i] for i in wanted]
        read = _reaching(body, roots)
        more = {i for i in range(carries) if body.inputs[constants + i] in read} - wanted
        if not more:
            return {i for i in wanted if i < carries}
        wanted |= more


def _reaching(graph: Graph, roots: Iterable[Operand]) -> set[Operand]:
    """All variables that ``roots`` depend on."""
    needed = set(roots)
    for e in reversed(graph.equations):
        if any(v in needed for v in e.outputs):
            needed.update(e.inputs)
    return needed
