"""From a graph to what is drawn of it: :func:`view_of`.

Every equation is one node, but for named points (``cr.insight.name``), which are the name of a
variable. Every use of a variable is one edge, with value and gradient where the graph was traced at
values. Numbers stand in the label of the operation that they are in. An equation that holds graphs
(the body of a loop, the branches of a condition) is drawn in a group with them.

Rests on ``labels.py`` (operations), ``names.py`` (variables), ``edge_text.py`` (numbers) and
``arranging.py`` (groups); ``folding.py`` folds what comes out.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from chainrule.core.graph import Equation, Graph, Literal, Var, VariableNumbers
from chainrule.core.show import names as letters
from chainrule.drawing.alike import Member, tidy
from chainrule.drawing.edge_text import EdgeTexts
from chainrule.drawing.labels import description, detail, is_inside, label, shape_text
from chainrule.drawing.names import line_of, names_of
from chainrule.drawing.placing import Placing
from chainrule.drawing.points import without_points
from chainrule.drawing.short import short
from chainrule.drawing.view import Edge, Group, Node, View


def view_of(
    graph: Graph,
    numbers: VariableNumbers | None = None,
    *,
    title: str = "",
    names: Mapping[Var, str] | None = None,
) -> View:
    """What is drawn of a graph: all of it, in groups that can be folded.

    Args:
        graph: any graph; one that was traced at values has numbers of its own.
        numbers: other values and cotangents of its variables. The reverse sweep of a graph whose
            output is not one number needs cotangents of the outputs to start from:
            ``Numbers(graph, inputs, cotangents)`` of ``chainrule.transforms.numbers``. Without
            them, only values are drawn.
        title: what stands above.
        names: of variables, also of graphs within it, in the place of those of its source.

    >>> import chainrule as cr
    >>> def f(a, b):
    ...     c = a + b
    ...     d = b + 1
    ...     return c * d
    >>> for edge in view_of(cr.trace(f)(2.0, 1.0)).edges:
    ...     print(f"{edge.start:>2} -> {edge.end}  {edge.variable} {edge.value} {edge.gradient}")
    i0 -> e0  a 2 2
    i1 -> e0  b 1 5
    i1 -> e1  b 1 5
    e0 -> e2  c 3 2
    e1 -> e2  d 2 3
    e2 -> o0  e 6 1
    """
    groups: list[Group] = []
    texts = EdgeTexts(graph.numbers if numbers is None else numbers, graph)
    level = _Level(graph, texts, groups, names=names)
    return View(tuple(level.nodes), tuple(level.edges), tuple(groups), title)


class _Level:
    """The drawing of one graph: the whole, or one that an equation holds.

    ``prefix`` makes its keys different from those of other graphs, ``group`` is around all of it.
    """

    def __init__(
        self,
        graph: Graph,
        texts: EdgeTexts,
        groups: list[Group],
        prefix: str = "",
        group: str = "",
        names: Mapping[Var, str] | None = None,
    ) -> None:
        self.nodes: list[Node] = []
        self.edges: list[Edge] = []
        self.inputs = graph.inputs
        self._texts, self._groups, self._prefix = texts, groups, prefix
        self._equations, self._outputs, points = without_points(graph)
        self._letters = _letters(graph)
        self._given = names or {}
        self._names = {**_given_names(graph), **points, **self._given}
        self._starts = {v: f"{prefix}i{n}" for n, v in enumerate(graph.inputs)} | {
            v: f"{prefix}e{n}" for n, e in self._equations for v in e.outputs
        }
        self._placing = Placing(
            [e for _, e in self._equations],
            [f"{prefix}e{n}" for n, _ in self._equations],
            groups,
            prefix,
            group,
        )
        self._draw_inputs()
        self._placing.gather(
            [m for n, e in self._equations for m in self._draw_equation(f"{prefix}e{n}", e)]
        )
        self._draw_outputs()
        self.nodes = [self._placing.placed(node) for node in self.nodes]

    def name(self, x: Var) -> str:
        """What a variable is called: by the user, or the letter of the text form."""
        return self._names.get(x) or self._letters[x]

    def _node(self, key: str, kind: str, text: str, below: str, told: Sequence[str]) -> None:
        self.nodes.append(Node(key, kind, _two_lines(text, below), "\n".join(told)))

    def _edge(self, x: Var, end: str) -> None:
        self.edges.append(Edge(self._starts[x], end, self.name(x), str(x.type), *self._texts.of(x)))

    def _draw_inputs(self) -> None:
        used: dict[Var, set[object]] = {v: set() for v in self.inputs}
        for n, e in self._equations:
            for x in e.inputs:
                if isinstance(x, Var) and x in used:
                    used[x].add(self._placing.part_of(f"{self._prefix}e{n}"))
        members: list[Member] = []
        for v in self.inputs:
            key, name, text = self._starts[v], self.name(v), self._texts.of(v)
            told = [f"{name}: {v.type}"]
            told += [f"value {text.value}"] if text.value else []
            told += [f"gradient {text.gradient}"] if text.gradient else []
            self._node(key, "input", name, shape_text(v.type), told)
            members.append(Member(key, name, (v.type, frozenset(used[v]))))
        self._placing.gather(members)

    def _draw_equation(self, key: str, e: Equation) -> list[Member]:
        """The node of an equation, the edges to it and the graphs in it; returns its constants."""
        tip, place, sweep = description(e), "", ""
        if e.source is not None:
            line, place, sweep = line_of(e.source), str(e.source), e.source.sweep
            tip = f"{tip}\n{line}" if line else tip
        named = [self._names[v] for v in e.outputs if v in self._names]
        text = _two_lines(label(e), " · ".join(filter(None, [detail(e), *named])))
        self.nodes.append(Node(key, "operation", text, tip, place, sweep=sweep))
        constants: list[Member] = []
        for i, x in enumerate(e.inputs):
            if isinstance(x, Var):
                self._edge(x, key)
            elif not is_inside(x):
                constants += self._constant(x, key, i)
        held = {name: value for name, value in e.params.items() if isinstance(value, Graph)}
        if held:
            around = self._placing.group_around(key, label(e))
            for name, graph in held.items():
                inner = self._placing.group_within(around, name) if len(held) > 1 else around
                self._draw_held(key, f"{key}.{name}.", graph, inner)
        return constants

    def _draw_held(self, node: str, prefix: str, graph: Graph, group: str) -> None:
        """A graph that an equation holds: the equation's node leads to its inputs."""
        texts = EdgeTexts(None, graph)
        level = _Level(graph, texts, self._groups, prefix, group, self._given)
        self.nodes += level.nodes
        self.edges += [
            Edge(node, f"{prefix}i{n}", level.name(v), str(v.type))
            for n, v in enumerate(level.inputs)
        ]
        self.edges += level.edges

    def _constant(self, x: Literal, end: str, operand: int) -> list[Member]:
        """An array that stands in an equation, as a node of its own.

        Within a group it stays there; others may be gathered in one.
        """
        key, text = f"{end}c{operand}", short(x.value)
        self._node(key, "constant", text, shape_text(x.type), [f"constant: {x.type}"])
        self.edges.append(Edge(key, end, "", str(x.type), text))
        if self._placing.is_grouped(end):
            self._placing.put_beside(key, end)
            return []
        return [Member(key, text, (x.type, self._placing.part_of(end), operand))]

    def _draw_outputs(self) -> None:
        members: list[Member] = []
        for n, x in enumerate(self._outputs):
            key = f"{self._prefix}o{n}"
            numbered = f"output {n}" if len(self._outputs) > 1 else "output"
            if isinstance(x, Var):
                name, told = self._names.get(x, numbered), f"{self.name(x)}: {x.type}"
                self._edge(x, key)
                start = self._starts[x]
                members.append(Member(key, name, (x.type, self._placing.part_of(start))))
            else:
                name, told = numbered, f"constant: {x.type}"
                self._node(f"{key}c", "constant", short(x.value), "", [told])
                self.edges.append(Edge(f"{key}c", key, "", str(x.type), short(x.value)))
                members.append(Member(key, name, (x.type, "constant")))
            self._node(key, "output", name, shape_text(x.type), [told])
        self._placing.gather(members)


def _two_lines(text: str, below: str) -> str:
    return f"{text}\n{below}" if below else text


def _letters(graph: Graph) -> dict[Var, str]:
    """The names of the text form: ``core/show.py``."""
    fresh = letters()
    made = [v for e in graph.equations for v in e.outputs]
    return {v: next(fresh) for v in (*graph.inputs, *made)}


def _given_names(graph: Graph) -> dict[Var, str]:
    """The user's names for arguments and results."""
    given = zip(graph.inputs, graph.input_names, strict=False)
    return {v: tidy(name) for v, name in given if name} | names_of(graph.equations)
