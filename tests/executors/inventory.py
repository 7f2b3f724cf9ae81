"""What has no native form: every row of the table of cases, forward and reverse, looked through.

``python -m tests.executors.inventory`` writes the table of ``docs/native.md`` again.
"""

from __future__ import annotations

import re
import warnings
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

import numpy as np

import chainrule as cr
from chainrule.core.graph import Equation, Graph
from chainrule.core.trace import type_of
from chainrule.core.tree import flatten
from chainrule.executors.native.lowering import lowered
from chainrule.executors.native.schedule import KNOWN, is_native
from chainrule.passes.inline import inlined

from ..cases import CASES, Case

DOCUMENT = Path(__file__).parents[2] / "docs" / "native.md"
WHOLE = {"complex numbers", "half precision"}  # of which nothing is native
NEVER = "no native form of any type"
DIRECTIONS = ("forward", "reverse")


def graph_of(case: Case, direction: str) -> Graph | None:
    """The graph of a case, or of its reverse sweep; None if it has none."""
    if direction == "reverse" and (not case.argnums or case.constant):
        return None
    f = case.f if direction == "forward" else pullback_of(case)
    try:
        with warnings.catch_warnings(), np.errstate(all="ignore"):
            warnings.simplefilter("ignore")
            known = map(type_of, case.inputs) if case.by_types else case.inputs
            return inlined(cr.trace(f)(*known))
    except (cr.ChainruleError, TypeError, ValueError, AttributeError):
        return None  # this case has no derivative of that form


def pullback_of(case: Case):
    """The reverse sweep of a case as a function of its inputs."""

    def f(*inputs):
        def of_differentiable(*xs):
            full = list(inputs)
            for i, x in zip(case.argnums, xs, strict=True):
                full[i] = x
            return case.f(*full)

        out, pullback = cr.vjp(of_differentiable, *(inputs[i] for i in case.argnums))
        leaves = [np.ones_like(x) for x in flatten(out)[0]]
        return pullback(leaves[0] if len(leaves) == 1 else type(out)(leaves))

    return f


def left_over(graph: Graph) -> Iterator[Equation]:
    """The equations that run in the interpreter, inside of loops and branches, too."""
    for e in lowered(graph).equations:
        if not is_native(e):
            held = [x for x in e.params.values() if isinstance(x, Graph)]
            inside = [inner for part in held for inner in left_over(part)]
            yield from inside or [e]


def reason(equation: Equation) -> str:
    """Why an equation has no native form."""
    types = [x.type for x in (*equation.inputs, *equation.outputs)]
    for kind, name in (("c", "complex numbers"), ("f", "half precision"), ("iu", "small integers")):
        if any(t.dtype.kind in kind and t.dtype not in KNOWN for t in types):
            return name
    return ", ".join(map(str, types))


def table() -> str:
    """The table of ``docs/native.md``."""
    found: dict[str, set[str]] = defaultdict(set)
    native: set[str] = set()
    for case in CASES:
        for direction in DIRECTIONS:
            graph = graph_of(case, direction)
            if graph is None:
                continue
            native |= {e.primitive.name for e in lowered(graph).equations if is_native(e)}
            for equation in left_over(graph):
                found[reason(equation)].add(equation.primitive.name)
    for why in [why for why in found if "[" in why]:  # of certain types
        never = found[why] - native
        found[why] -= never
        found[NEVER] |= never
    found = {why: names for why, names in found.items() if names}
    for why in WHOLE & found.keys():
        found[why] = {"all"}
    rows = [f"| {why} | {' '.join(sorted(names))} |" for why, names in sorted(found.items())]
    return "\n".join(["| why | primitives |", "|---|---|", *rows])


def documented() -> str:
    """The table as it stands in the document."""
    return re.findall(r"^\|.*\|$(?:\n\|.*\|$)*", DOCUMENT.read_text(), re.MULTILINE)[-1]


if __name__ == "__main__":
    DOCUMENT.write_text(DOCUMENT.read_text().replace(documented(), table()))
