"""The picture of a traced function as plain data: boxes and lines, each number with its moment.

Rests on ``drawing/`` for what is drawn and what is folded, on ``sweeping.py`` for when a number is
known. The derivative on a line is what comes back along it; a variable that is used several times
has a sum of these, which stands at its box.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from functools import cached_property
from typing import Any

import numpy as np

from chainrule.core.graph import Literal, Var
from chainrule.drawing.folding import folded
from chainrule.drawing.labels import shape_text
from chainrule.drawing.short import magnitude, short
from chainrule.drawing.view import Edge, Node, View
from chainrule.explorer.functions.sweeping import Moments, Stop
from chainrule.explorer.functions.traced import Array, Traced, sum_of
from chainrule.insight.notation.names import cotangent

Plain = Any
Use = tuple[Var, int, int]  # a variable, the equation that uses it, and as which operand
LONGEST_SUM = 5  # terms that are written out at a box


class Picture:
    """What is drawn of a traced function while some of its groups are open."""

    def __init__(self, traced: Traced, open: Collection[str] = ()) -> None:
        self._traced = traced
        self._whole = traced.view
        self.view: View = folded(self._whole, frozenset(open))
        self.moments = Moments(traced)
        self._visible = {node.key for node in self.view.nodes}
        self._outer = {group.key: group.group for group in self._whole.groups}
        self._group_of = {node.key: node.group for node in self._whole.nodes}

    def box(self, key: str) -> str:
        """The visible node that a node is drawn in."""
        return self._boxes[key]

    @cached_property
    def _boxes(self) -> dict[str, str]:
        return {key: self._standing(key) for key in self._group_of}

    def _standing(self, key: str) -> str:
        at, group = key, self._group_of[key]
        while at not in self._visible:
            at, group = group, self._outer[group]
        return at

    @cached_property
    def inside(self) -> dict[str, list[int]]:
        """The equations in each visible box."""
        found: dict[str, list[int]] = {}
        for n in range(len(self._traced.graph.equations)):
            found.setdefault(self.box(f"e{n}"), []).append(n)
        return found

    @cached_property
    def _starts(self) -> dict[Var, str]:
        graph = self._traced.graph
        inputs = {v: f"i{n}" for n, v in enumerate(graph.inputs)}
        return inputs | {v: f"e{n}" for n, e in enumerate(graph.equations) for v in e.outputs}

    def stops(self) -> list[Stop]:
        """The positions of the sweep."""
        folded = {node.key for node in self.view.nodes if node.kind == "group"}
        return self.moments.stops(lambda n: self.box(f"e{n}"), folded)

    def title(self, box: str) -> str:
        """What is written in a visible box, its first line."""
        label = next((node.label for node in self.view.nodes if node.key == box), "")
        return label.partition("\n")[0]

    # ---- boxes ----------------------------------------------------------------------------------

    def nodes(self) -> list[Plain]:
        """All boxes, with the first and last moments of what is computed in them, forwards and
        backwards.
        """
        return [self._node(node) for node in self.view.nodes]

    def _node(self, node: Node) -> Plain:
        equations = self.inside.get(node.key, [])
        outer = node.key.partition(".")[0]  # what is in a loop is computed with it
        if outer != node.key and outer[1:].isdigit():
            equations = [int(outer[1:])]
        made = [n + 1 for n in equations] or self._output_moment(node.key)
        back = [self.moments.back[n] for n in equations if n in self.moments.back]
        var = self._input(node.key)
        return {
            "key": node.key,
            "kind": node.kind,
            "label": self._label(node),
            "detail": node.detail,
            "group": node.group,
            "sweep": node.sweep,
            "at": [min(made), max(made)],
            "back": [min(back), max(back)] if back else [],
            "equation": equations[0] if len(equations) == 1 and outer == node.key else -1,
            "sums": self._sums(node.key, var),
        }

    def _input(self, key: str) -> Var | None:
        number = key[1:]
        inputs = self._traced.graph.inputs
        return inputs[int(number)] if key[0] == "i" and number.isdigit() else None

    def _constant(self, key: str) -> Literal | None:
        """The array with a name that a node stands for."""
        equation, mark, operand = key.partition("c")
        if not (mark and equation[0] == "e" and equation[1:].isdigit() and operand.isdigit()):
            return None
        x = self._traced.graph.equations[int(equation[1:])].inputs[int(operand)]
        return x if isinstance(x, Literal) and x in self._traced.symbols else None

    def _label(self, node: Node) -> str:
        """What is written in a box: of such an array its name, and not its numbers."""
        x = self._constant(node.key)
        return node.label if x is None else f"{self._traced.symbols[x].text}\n{shape_text(x.type)}"

    def _output_moment(self, key: str) -> list[int]:
        if key[0] != "o" or not key[1:].isdigit():
            return [0]
        x = self._traced.graph.outputs[int(key[1:])]
        return [self.moments.made[x] if isinstance(x, Var) else 0]

    def _sums(self, key: str, given: Var | None) -> list[Plain]:
        """The derivative in an argument, or in what is used more than once, as its terms come."""
        if given is not None:
            return self._sum(given)
        if key[0] != "e" or not key[1:].isdigit():
            return []
        made = self._traced.graph.equations[int(key[1:])].outputs
        return [line for v in made if len(self._traced.uses[v]) > 1 for line in self._sum(v)]

    def _sum(self, v: Var) -> list[Plain]:
        """What stands at the box of a variable, each line from its moment on."""
        name = cotangent(self._traced.symbols[v]).text
        terms: list[Array] = []
        found: list[Plain] = []
        for n, i in self._traced.uses[v]:
            term = self._traced.contribution(n, i)
            if term is None:
                continue
            terms.append(term)
            found.append({"name": name, "at": self.moments.given(n), "text": _sum_text(terms)})
        # several operands of one equation get theirs at one moment
        return [
            line
            for k, line in enumerate(found)
            if found[k + 1 : k + 2] == [] or found[k + 1]["at"] != line["at"]
        ]

    # ---- lines ----------------------------------------------------------------------------------

    def edges(self) -> list[Plain]:
        """All lines: value and derivative as short texts, each with the moment it is known."""
        seen: dict[tuple[str, str, str], int] = {}
        counts: dict[tuple[str, str, str], int] = {}
        for edge in self.view.edges:
            counts[_ends(edge)] = counts.get(_ends(edge), 0) + 1
        found: list[Plain] = []
        for edge in self.view.edges:
            ends = _ends(edge)
            k = seen[ends] = seen.get(ends, -1) + 1
            uses = self._uses.get(ends) or self._uses.get((edge.start, edge.end, ""), [])
            if len(uses) == counts[ends]:
                uses = [uses[k]]
            found.append(self._edge(edge, uses))
        return found

    @cached_property
    def _uses(self) -> dict[tuple[str, str, str], list[Use]]:
        """The uses of variables that each line stands for, by its ends and the variable's name;
        for lines of several variables also by the ends alone.
        """
        found: dict[tuple[str, str, str], list[Use]] = {}
        graph = self._traced.graph
        uses = [
            (x, n, i, self.box(f"e{n}"))
            for n, e in enumerate(graph.equations)
            for i, x in enumerate(e.inputs)
            if isinstance(x, Var)
        ]
        uses += [
            (x, -1, k, self.box(f"o{k}")) for k, x in enumerate(graph.outputs) if isinstance(x, Var)
        ]
        for x, n, i, end in uses:
            start = self.box(self._starts[x])
            for name in (self._traced.symbols[x].text, ""):
                found.setdefault((start, end, name), []).append((x, n, i))
        return found

    def _edge(self, edge: Edge, uses: Sequence[Use]) -> Plain:
        plain: dict[str, Plain] = {
            "start": edge.start, "end": edge.end, "variable": edge.variable, "type": edge.type,
            "value": edge.value, "at": 0, "gradient": "", "back": 0, "magnitude": None,
        }  # fmt: skip
        if not uses:
            x = self._constant(edge.start)
            return plain if x is None else {**plain, "variable": self._traced.symbols[x].text}
        variables = list(dict.fromkeys(x for x, _, _ in uses))
        plain["at"] = max(self.moments.made[x] for x in variables)
        plain["back"] = max(self.moments.given(n) for _, n, _ in uses)
        parts = [self._traced.contribution(n, i) for _, n, i in uses]
        with np.errstate(all="ignore"):
            if len(variables) == 1:
                total = sum_of(parts)
                plain["value"] = short(self._traced.value(variables[0]))
                plain["gradient"] = "" if total is None else short(total)
                plain["magnitude"] = None if total is None else magnitude(total)
            else:
                norms = [magnitude(x) for x in parts if x is not None]
                plain["magnitude"] = float(np.hypot.reduce(norms)) if norms else None
        return plain


def _ends(edge: Edge) -> tuple[str, str, str]:
    return edge.start, edge.end, edge.variable


def _sum_text(terms: Sequence[Array]) -> str:
    """``3 + 2 = 5``; of arrays that are not small only the sum."""
    with np.errstate(all="ignore"):
        total = short(sum_of(terms))
        if len(terms) == 1:
            return total
        small = np.size(terms[0]) == 1 and len(terms) <= LONGEST_SUM
        if not small:
            return f"{total}, {len(terms)} terms"
        texts = [short(t) for t in terms]
    signed = "".join(f" − {t[1:]}" if t.startswith("-") else f" + {t}" for t in texts[1:])
    return f"{texts[0]}{signed} = {total}"
