"""The derivation of backpropagation for one network, read off its graph.

Three parts: the forward equations; the four equations BP1 to BP4 for any activation and cost, which
are the reverse sweep over a graph whose functions are unknown (``sweep.py``); and what these become
with the network's own activations and cost, whose derivatives come from their graphs
(``functions.py``) and are simplified (``insight/algebra``). Each equation is found for each layer;
layers with the same one share a line. Each is evaluated at numbers of the network (``points.py``)
before it becomes a line.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from chainrule.insight.algebra.building import Key, key, make, replaced, size, substituted, whole
from chainrule.insight.algebra.rules import tidied
from chainrule.insight.algebra.simplify import Simplified, simplified
from chainrule.insight.derivations.functions import (
    Formula,
    activation_formula,
    cost_formula,
    is_elementwise,
    name_of,
)
from chainrule.insight.derivations.lines import Derivation, Line
from chainrule.insight.derivations.points import AGAINST, Point, error_of, points_of
from chainrule.insight.derivations.sweep import Equations, equations_of_sweep, vector
from chainrule.insight.derivations.symbols import Names
from chainrule.insight.notation.expression import Apply, Expression, Symbol
from chainrule.insight.notation.text import text
from chainrule.nn.activations import identity
from chainrule.nn.stack import Stack

Array = Any
Place = tuple[str, int]
FORWARD = "Forward"
GENERAL = "Backward, for any activation and any cost"


@dataclass(frozen=True)
class _Equation:
    """An equation of one layer, in numbered symbols."""

    left: Expression
    right: Expression
    reason: str
    assumptions: tuple[Expression, ...] = ()


@dataclass
class _Lines:
    """Lines as they are found."""

    names: Names
    points: Sequence[Point]
    lines: list[Line] = field(default_factory=list[Line])

    def add(self, section: str, equations: dict[int, _Equation]) -> None:
        """One line for all layers whose equations read the same with letters for numbers."""
        depth = self.names.depth
        everywhere = len(equations) == depth > 1 and self._alike(equations, self.names.for_any)
        in_letters = self.names.for_any if everywhere else self.names.general
        groups: dict[str, list[int]] = {}
        for n, e in equations.items():
            groups.setdefault(self._shown(e, n, in_letters), []).append(n)
        for layers in groups.values():
            first = equations[layers[0]]
            error = max(
                error_of(
                    equations[n].left, equations[n].right, equations[n].assumptions, self.points
                )
                for n in layers
            )
            left, right, *assumptions = (
                in_letters(x, layers[0]) for x in (first.left, first.right, *first.assumptions)
            )
            self.lines.append(
                Line(
                    left,
                    right,
                    first.reason,
                    error,
                    AGAINST,
                    where=_where(layers, depth),
                    section=section,
                    assumptions=tuple(assumptions),
                    layers=tuple(layers),
                )
            )

    def add_input(self, stack: Stack) -> None:
        """What layer 1 gets."""
        kind = vector(stack.sizes[0])
        x = Symbol("x", "x", kind)
        if stack.prepare is not identity:
            name = name_of(stack.prepare, "prepared")
            x = Symbol(f"{name}(x)", rf"\text{{{name}}}(x)", kind)
        a0 = self.names.of("a", 0, kind)
        values = [{**p.values, x.text: p.values[a0.text]} for p in self.points]
        points = [Point(p.title, v, p.unsure) for p, v in zip(self.points, values, strict=True)]
        error = error_of(a0, x, (), points)
        self.lines.append(Line(a0, x, "the input", error, AGAINST, section=FORWARD))

    def _alike(
        self, equations: dict[int, _Equation], in_letters: Callable[[Expression, int], Expression]
    ) -> bool:
        return len({self._shown(e, n, in_letters) for n, e in equations.items()}) == 1

    def _shown(
        self, e: _Equation, n: int, in_letters: Callable[[Expression, int], Expression]
    ) -> str:
        return (
            " ".join(text(in_letters(x, n)) for x in (e.left, e.right, *e.assumptions)) + e.reason
        )


def _where(layers: Sequence[int], depth: int) -> str:
    """For which layers, in words: only the last one is called L."""
    if list(layers) == [depth]:
        return ""
    if list(layers) == list(range(1, depth + 1)):
        return "l = 1, ..., L"
    if list(layers) == list(range(1, depth)):
        return "l = 1, ..., L-1"
    return "l = " + ", ".join(map(str, layers))


def network_derivation(stack: Stack, example: tuple[Array, Array] | None) -> Derivation:
    """The derivation for a network, checked at random parameters and at its own."""
    names = Names(depth=stack.depth, mixed=len(set(stack.activations.values())) > 1)
    elementwise = {n: is_elementwise(f, stack.sizes[n]) for n, f in stack.activations.items()}
    equations = equations_of_sweep(stack.sizes, elementwise, names)
    lines = _Lines(names, points_of(stack, elementwise, names, example))
    formulas = _formulas(stack, names, elementwise)
    cost = cost_formula(stack.cost, equations.left["a", stack.depth], _targets(stack))
    kinds = ", ".join(dict.fromkeys(f.name for f in formulas.values()))
    section = f"This network: {kinds}; {cost.name} cost"
    _forward(lines, equations, stack)
    _general(lines, equations, elementwise)
    _special(lines, equations, formulas, elementwise, cost, section)
    sizes = " → ".join(map(str, stack.sizes))
    title = f"Backpropagation in the network {sizes}, L = {stack.depth}: {kinds}; {cost.name} cost"
    return Derivation(title, tuple(lines.lines))


def _targets(stack: Stack) -> Symbol:
    return Symbol("y", "y", vector(stack.sizes[-1]))


def _formulas(stack: Stack, names: Names, elementwise: Mapping[int, bool]) -> dict[int, Formula]:
    """The activation of each layer in its symbols; equal ones are derived once."""
    found: dict[int, Formula] = {}
    first: dict[Any, int] = {}
    for n, f in stack.activations.items():
        kind = vector(stack.sizes[n])
        same = first.setdefault((f, kind), n)
        z, a, v = (names.of(family, n, kind) for family in ("z", "a", "any"))
        if same == n:
            found[n] = activation_formula(f, z, a, v, elementwise=elementwise[n])
        else:
            old = (names.of(family, same, kind).text for family in ("z", "a", "any"))
            found[n] = found[same].with_symbols(dict(zip(old, (z, a, v), strict=True)))
    return found


# ---- for any activation and cost -----------------------------------------------------------------


def _forward(lines: _Lines, equations: Equations, stack: Stack) -> None:
    layers = range(1, lines.names.depth + 1)
    lines.add_input(stack)
    lines.add(FORWARD, {n: _at(equations, ("z", n), "weighted input") for n in layers})
    lines.add(FORWARD, {n: _at(equations, ("a", n), "activation") for n in layers})
    cost = Symbol("C(a^L, y)", "C(a^{L}, y)", equations.left["cost", 0].type)
    reason = "cost of one example"
    lines.add(FORWARD, {lines.names.depth: _Equation(equations.left["cost", 0], cost, reason)})


def _general(lines: _Lines, equations: Equations, elementwise: dict[int, bool]) -> None:
    depth = lines.names.depth
    hidden = range(1, depth)
    through = {n: "entry by entry" if elementwise[n] else "of vectors" for n in elementwise}
    lines.add(
        GENERAL,
        {
            n: _Equation(
                equations.left["delta", n],
                lines.names.of("delta_z", n, equations.left["z", n].type),
                "what the error of a layer is",
            )
            for n in elementwise
        },
    )
    last = _at(equations, ("delta", depth), f"BP1: chain rule, {through[depth]}")
    lines.add(GENERAL, {depth: last})
    lines.add(
        GENERAL,
        {n: _at(equations, ("delta_a", n), "chain rule through the next z") for n in hidden},
    )
    lines.add(
        GENERAL,
        {
            n: _Equation(
                equations.left["delta", n],
                _error_of_layer(equations, n),
                f"BP2: chain rule, {through[n]}",
            )
            for n in hidden
        },
    )
    _gradients(lines, equations, GENERAL, ("BP3: b is added to z", "BP4: z is linear in W"))


def _gradients(lines: _Lines, equations: Equations, section: str, reasons: tuple[str, str]) -> None:
    layers = range(1, lines.names.depth + 1)
    for family, reason in zip(("nabla_b", "nabla_w"), reasons, strict=True):
        lines.add(section, {n: _at(equations, (family, n), reason) for n in layers})


def _at(equations: Equations, place: Place, reason: str) -> _Equation:
    return _Equation(equations.left[place], tidied(equations.right[place]), reason)


def _error_of_layer(equations: Equations, n: int) -> Expression:
    """BP2: the error of a hidden layer by that of the next one."""
    error = tidied(equations.right["delta", n])
    return substituted(
        error, {equations.left["delta_a", n].text: tidied(equations.right["delta_a", n])}
    )


# ---- for this network ----------------------------------------------------------------------------


def _special(
    lines: _Lines,
    equations: Equations,
    formulas: dict[int, Formula],
    elementwise: dict[int, bool],
    cost: Formula,
    section: str,
) -> None:
    depth, left = lines.names.depth, equations.left
    activations = {
        n: _is(left["a", n], f.value, f"{f.name} activation") for n, f in formulas.items()
    }
    lines.add(section, activations)
    lines.add(section, {depth: _is(left["cost", 0], cost.value, f"{cost.name} cost")})
    slopes = {n: _derivative(equations, n, f, elementwise[n]) for n, f in formulas.items()}
    lines.add(section, slopes)
    reason = f"read off the graph of the {cost.name} cost"
    lines.add(section, {depth: _is(left["delta_a", depth], cost.derivative, reason)})
    output = substituted(
        tidied(equations.right["delta", depth]),
        {left["delta_a", depth].text: cost.derivative.expression},
    )
    known = (*cost.derivative.assumptions, *formulas[depth].derivative.assumptions)
    _steps(lines, section, {depth: (left["delta", depth], output, known)}, formulas, "BP1")
    hidden = {
        n: (left["delta", n], _error_of_layer(equations, n), formulas[n].derivative.assumptions)
        for n in range(1, depth)
    }
    _steps(lines, section, hidden, formulas, "BP2")
    _gradients(lines, equations, section, ("BP3, as it is", "BP4, as it is"))


def _is(left: Expression, found: Simplified, reason: str) -> _Equation:
    return _Equation(left, found.expression, reason, found.assumptions)


def _derivative(equations: Equations, n: int, f: Formula, elementwise: bool) -> _Equation:
    names = equations.names
    kind = equations.left["z", n].type
    reason = f"read off the graph of {f.name}"
    if elementwise:
        left: Expression = names.of("slope", n, kind)
    else:
        square = type(kind)((*kind.shape, *kind.shape), kind.dtype)
        turned = make("transpose", names.of("jacobian", n, square), order=(1, 0))
        left = make("matmul", turned, names.of("any", n, kind))
        reason += ", for any v"
    return _is(left, f.derivative, reason)


_Start = tuple[Symbol, Expression, tuple[Expression, ...]]


def _steps(
    lines: _Lines,
    section: str,
    starts: dict[int, _Start],
    formulas: dict[int, Formula],
    law: str,
) -> None:
    """Put the derivatives into BP1 or BP2, simplify, use that targets sum to 1 if that helps."""
    names = lines.names
    found: tuple[dict[int, _Equation], ...] = ({}, {}, {})
    for n, (left, right, known) in starts.items():
        put_in = with_derivative(right, n, formulas[n], names)
        shorter = simplified(put_in)
        known = _distinct((*known, *shorter.assumptions))
        plain = tidied(put_in)
        last = shorter.expression if size(shorter.expression) < size(plain) else plain
        if text(put_in) != text(last):
            found[0][n] = _Equation(left, put_in, f"these put into {law}", known)
            found[1][n] = _Equation(left, last, "simplified", known)
        else:
            found[1][n] = _Equation(left, last, f"these put into {law}", known)
        total = make("sum", Symbol("y", "y", left.type), axes=(0,))
        if n == names.depth and _contains(last, key(total)):
            whole_again = simplified(last, facts={key(total): whole(1)}).expression
            sums = (*known, make("equal", total, whole(1)))
            found[2][n] = _Equation(left, whole_again, "targets are probabilities", sums)
    for equations in found:
        if equations:
            lines.add(section, equations)


def with_derivative(x: Expression, n: int, f: Formula, names: Names) -> Expression:
    """``x`` with a formula in the place of the slope, or of the transposed Jacobian's product."""
    slope = names.of("slope", n, f.derivative.expression.type)
    jacobian = names.of("jacobian", n, slope.type)
    direction = names.of("any", n, slope.type)

    def put_in(y: Expression) -> Expression | None:
        if isinstance(y, Symbol) and y.text == slope.text:
            return f.derivative.expression
        if isinstance(y, Apply) and y.primitive == "matmul":
            turned = y.operands[0]
            if isinstance(turned, Apply) and turned.primitive == "transpose":
                inner = turned.operands[0]
                if isinstance(inner, Symbol) and inner.text == jacobian.text:
                    return substituted(f.derivative.expression, {direction.text: y.operands[1]})
        return None

    return replaced(x, put_in)


def _contains(x: Expression, wanted: Key) -> bool:
    return key(x) == wanted or (
        isinstance(x, Apply) and any(_contains(y, wanted) for y in x.operands)
    )


def _distinct(conditions: Sequence[Expression]) -> tuple[Expression, ...]:
    return tuple({key(x): x for x in conditions}.values())
