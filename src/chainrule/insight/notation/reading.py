"""From a graph to expressions, and from an expression back to a number.

Variables that are used once are written where they are used; what is used more often keeps a name,
so that a graph of n equations never grows beyond n short definitions.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from chainrule.core.errors import ArgumentError
from chainrule.core.graph import Equation, Graph, Literal, Var
from chainrule.core.trace import bind
from chainrule.insight.notation.expression import Apply, Constant, Expression, Symbol
from chainrule.insight.notation.latex import latex
from chainrule.insight.notation.names import numbered
from chainrule.insight.notation.text import text

READABLE = 24  # parts of an expression that is still read as one
REPEATED = 3  # parts of one that is rather repeated than named


@dataclass(frozen=True)
class Written:
    """Expressions of some variables of a graph.

    Attributes:
        definitions: symbols with what they stand for, each made of inputs and of earlier ones.
        results: an expression for each variable that was asked for.
    """

    definitions: tuple[tuple[Symbol, Expression], ...]
    results: tuple[Expression, ...]

    def __str__(self) -> str:
        lines = [f"{name.text} = {text(of)}" for name, of in self.definitions]
        return "\n".join([*lines, *map(text, self.results)])

    __repr__ = __str__

    def latex(self) -> str:
        """An aligned environment of all lines."""
        lines = [f"{name.latex} &= {latex(of)}" for name, of in self.definitions]
        lines += [f"&{latex(of)}" for of in self.results]
        return "\\begin{aligned}\n" + " \\\\\n".join(lines) + "\n\\end{aligned}"

    def _repr_latex_(self) -> str:
        return f"$$\n{self.latex()}\n$$"


def expression_of(
    graph: Graph,
    names: Mapping[Var, Symbol],
    variables: Sequence[Var | Literal] | None = None,
    *,
    readable: int = READABLE,
    repeated: int = REPEATED,
    fresh: str = "v",
) -> Written:
    """The outputs of a graph, or other variables, as expressions of named variables.

    Args:
        graph: the graph.
        names: symbols of variables, at least of those inputs that what is asked for depends on;
            another variable with a symbol gets a definition.
        variables: what to express; the graph's outputs if left out.
        readable: parts of an expression that is still written in one piece.
        repeated: parts of one that is rather written again than given a name.
        fresh: letter of the names for variables that need one: v₁, v₂, ...

    Raises:
        ArgumentError: an input that is needed has no name.

    >>> import chainrule as cr
    >>> from chainrule.insight.notation.names import symbol
    >>> graph = cr.trace(lambda a, b: (a + b) * (b + 1))(2.0, 1.0)
    >>> names = {v: symbol(n, v.type) for v, n in zip(graph.inputs, "ab")}
    >>> print(expression_of(graph, names))
    (a + b) · (b + 1)
    """
    wanted = list(graph.outputs if variables is None else variables)
    needed = _needed(graph, names, wanted)
    uses = Counter(x for e in needed for x in e.inputs if isinstance(x, Var))
    uses.update(x for x in wanted if isinstance(x, Var))
    limits = _Limits(readable, repeated)
    reader = _Reader(dict(names), uses, set(wanted), limits, fresh)
    for equation in needed:
        reader.read(equation)
    return Written(tuple(reader.definitions), tuple(reader.operand(x) for x in wanted))


def _needed(
    graph: Graph, names: Mapping[Var, Symbol], wanted: Sequence[Var | Literal]
) -> list[Equation]:
    """The equations that what is wanted depends on, in their order."""
    reached = {x for x in wanted if isinstance(x, Var)}
    needed: list[Equation] = []
    for equation in reversed(graph.equations):
        if reached.intersection(equation.outputs):
            needed.append(equation)
            reached.update(x for x in equation.inputs if isinstance(x, Var))
    unnamed = [i for i, v in enumerate(graph.inputs) if v in reached and v not in names]
    if unnamed:
        raise ArgumentError(
            f"the input {unnamed[0]} of the graph has no name; give names a symbol for each input"
        )
    return needed[::-1]


@dataclass(frozen=True)
class _Limits:
    """Parts of what is written in one piece, and of what is written more than once."""

    readable: int
    repeated: int


class _Reader:
    """Expressions of variables, while the equations are read in their order."""

    def __init__(
        self,
        names: dict[Var, Symbol],
        uses: Counter[Var],
        wanted: set[Var | Literal],
        limits: _Limits,
        fresh: str,
    ) -> None:
        self.definitions: list[tuple[Symbol, Expression]] = []
        self._names = names
        self._uses = uses
        self._wanted = wanted
        self._limits = limits
        self._fresh = fresh
        self._count = 0
        self._known: dict[Var, Expression] = dict(names)
        self._sizes: dict[Var, int] = dict.fromkeys(names, 1)
        self._constants: dict[Literal, Constant] = {}

    def operand(self, x: Var | Literal) -> Expression:
        if isinstance(x, Var):
            return self._known[x]
        return self._constants.setdefault(x, Constant(x.value, x.type))

    def read(self, equation: Equation) -> None:
        operands = tuple(map(self.operand, equation.inputs))
        size = 1 + sum(self._sizes[x] if isinstance(x, Var) else 1 for x in equation.inputs)
        for i, v in enumerate(equation.outputs):
            made = Apply(equation.primitive.name, operands, v.type, equation.params, i)
            self._keep(v, made, size, alone=len(equation.outputs) == 1)

    def _keep(self, v: Var, made: Apply, size: int, *, alone: bool) -> None:
        name = self._names.get(v)
        if name is None:
            repeated = self._uses[v] > 1 and (size > self._limits.repeated or not alone)
            if not repeated and (size <= self._limits.readable or v in self._wanted):
                self._known[v], self._sizes[v] = made, size
                return
            self._count += 1
            name = numbered(self._fresh, self._count, v.type)
        self.definitions.append((name, made))
        self._known[v], self._sizes[v] = name, 1


def evaluate_expression(expression: Expression, values: Mapping[str, Any]) -> Any:
    """The value of an expression, computed by the primitives as the interpreter does.

    Args:
        expression: the expression.
        values: the value of each symbol, by its text.

    Raises:
        ArgumentError: a symbol has no value.

    >>> import chainrule as cr
    >>> from chainrule.insight.notation.names import symbol
    >>> graph = cr.trace(lambda x: x * x + 1)(3.0)
    >>> names = {v: symbol("x", v.type) for v in graph.inputs}
    >>> evaluate_expression(expression_of(graph, names).results[0], {"x": 3.0})
    10.0
    """
    from chainrule.core.primitive import PRIMITIVES

    known: dict[int, Any] = {}
    called: dict[tuple[Any, ...], Any] = {}
    stack: list[tuple[Expression, bool]] = [(expression, False)]
    while stack:
        x, ready = stack.pop()
        if id(x) in known:
            continue
        if isinstance(x, Symbol):
            if x.text not in values:
                raise ArgumentError(f"the symbol {x.text} has no value; values has one for each")
            known[id(x)] = values[x.text]
        elif isinstance(x, Constant):
            known[id(x)] = x.value
        elif not ready:
            stack.append((x, True))
            stack.extend((o, False) for o in x.operands)
        else:
            primitive = PRIMITIVES[x.primitive]
            key = (x.primitive, *map(id, x.operands), id(x.params))
            if key not in called:
                called[key] = bind(primitive, [known[id(o)] for o in x.operands], x.params)
            known[id(x)] = called[key][x.result] if primitive.several else called[key]
    return known[id(expression)]
