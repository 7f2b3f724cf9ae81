"""The operations of a graph one by one, with their numbers, loops and branches looked into.

The walk is the interpreter's; what an equation does inside comes before the equation itself, with
the way there as text ("step 3 of scan").
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from chainrule.core.graph import Equation, Graph, Literal, Source, Var
from chainrule.core.interpreter import interpreted
from chainrule.transforms.control.shape import Shape

Inside = tuple[str, Graph, list[Any]]  # where, and a graph that runs there with these inputs


@dataclass(frozen=True, eq=False)
class Operation:
    """One equation with its operands and results, and where it stands."""

    equation: Equation
    operands: list[Any]
    results: tuple[Any, ...]
    path: tuple[str, ...] = ()
    source: Source | None = None  # its own, or that of the equation around it


def operations(
    graph: Graph,
    inputs: Sequence[Any],
    *,
    through_rules: bool,
    steps: int | None = None,
    path: tuple[str, ...] = (),
    source: Source | None = None,
) -> Iterator[Operation]:
    """The equations of a graph in the order in which they are computed.

    ``through_rules``: also those of functions with a derivative of their own. ``steps`` bounds how
    many steps of a loop are looked into.
    """
    known: dict[Var, Any] = dict(zip(graph.inputs, inputs, strict=True))
    for e in graph.equations:
        operands = [x.value if isinstance(x, Literal) else known[x] for x in e.inputs]
        here = e.source or source
        if e.primitive.several:
            for label, held, values in _inside(e, operands, steps, through_rules=through_rules):
                yield from operations(
                    held, values, through_rules=through_rules, steps=steps, path=(*path, label),
                    source=here,
                )  # fmt: skip
        result = e.primitive.value(*operands, **e.params)
        results = tuple(result) if e.primitive.several else (result,)
        known.update(zip(e.outputs, results, strict=True))
        yield Operation(e, operands, results, path, here)


def _inside(
    e: Equation, operands: list[Any], steps: int | None, *, through_rules: bool
) -> Iterator[Inside]:
    """What runs inside of an equation that holds graphs, as it does with these operands."""
    name, params = e.primitive.name, e.params
    if name == "checkpoint":
        yield "checkpoint", params["body"], operands
    elif name == "cond":
        branch = bool(operands[0])
        held = params["true" if branch else "false"]
        yield f"the {str(branch).lower()} branch of cond", held, operands[1:]
    elif name == "scan":
        yield from _steps_of_scan(operands, steps, **params)
    elif name == "while_loop":
        yield from _steps_of_while(operands, steps, **params)
    elif name == "custom" and through_rules and params.get("graph") is not None:
        yield str(params["call"]), params["graph"], operands


def _steps_of_scan(
    operands: list[Any], steps: int | None, *, body: Graph, **shape: Any
) -> Iterator[Inside]:
    parts = Shape(**shape)
    constants, carry, xs = parts.inputs(operands)
    run = interpreted(body)
    for number, t in enumerate(parts.order):
        if steps is not None and number >= steps:
            return
        values = [*constants, *carry, *(x[t] for x in xs)]
        yield f"step {t} of scan", body, values
        carry, _ = parts.outputs(run(values))


def _steps_of_while(
    operands: list[Any],
    steps: int | None,
    *,
    test: Graph,
    body: Graph,
    constants: int,
    **_slots: int,
) -> Iterator[Inside]:
    known, carry = operands[:constants], operands[constants:]
    holds, run = interpreted(test), interpreted(body)
    number = 0
    while (steps is None or number < steps) and holds([*known, *carry])[0]:
        yield f"step {number} of while_loop", body, [*known, *carry]
        carry = run([*known, *carry])
        number += 1
