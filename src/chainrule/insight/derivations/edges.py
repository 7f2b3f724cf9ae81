"""What an equation gives to the cotangents of its operands: in symbols, and in numbers.

The symbols are read off the primitive's own rule: its pull is run on types, what it records is
written as an expression, and that is simplified. The number is what the same rule gives for the
values at hand; an expression is shown only if it has that number.
"""

from __future__ import annotations

import math
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from chainrule.core.errors import ChainruleError, GradientError
from chainrule.core.graph import ArrayType, Equation, Graph, Literal, Var
from chainrule.core.primitive import Joint
from chainrule.core.trace import TracedValue
from chainrule.insight.algebra.building import size
from chainrule.insight.algebra.simplify import Known, Simplified, simplified
from chainrule.insight.notation.expression import Apply, Constant, Expression, Symbol
from chainrule.insight.notation.names import cotangent
from chainrule.insight.notation.reading import evaluate_expression, expression_of
from chainrule.insight.notation.structure import index_text
from chainrule.insight.notation.text import text
from chainrule.insight.notation.writing import Kind, parts_of
from chainrule.transforms.trace import trace

Array = Any
LONGEST = 40  # what there is to read in a rule that is shown; longer ones are named
TREE = 400  # parts of a rule that the simplifier is asked to read
_ANY = sys.maxsize


@dataclass(frozen=True, eq=False)
class Contribution:
    """One edge of the graph, walked backwards: ``x̄ += ȳ · cos(x)``.

    Attributes:
        variable: the symbol of the operand x.
        index: entries of x̄ that are added to; None for all.
        expression: what is added.
        assumptions: what the expression holds for; true of the values at hand.
        value: its number, by the primitive's rule.
        error: relative difference between the expression's number and that of the rule.
    """

    variable: Symbol
    index: tuple[Any, ...] | None
    expression: Expression
    assumptions: tuple[Expression, ...]
    value: Array
    error: float

    @property
    def to(self) -> Symbol:
        """The symbol of the cotangent that is added to."""
        return cotangent(self.variable)

    @property
    def added(self) -> Array:
        """The number of the expression: ``value`` at the index."""
        return self.value if self.index is None else np.asarray(self.value)[self.index]

    def at(self, kind: Kind) -> str:
        """The index as it is written; "" for all entries."""
        return "" if self.index is None else index_text(self.index, (), kind)

    def __str__(self) -> str:
        return f"{self.to.text}{self.at('text')} += {text(self.expression)}"

    __repr__ = __str__


@dataclass(frozen=True, eq=False)
class Used:
    """An equation at given values: what a contribution is computed from.

    Attributes:
        equation: the equation.
        symbols: of its variables, and of arrays that stand in it.
        values: of its operands and results.
        cotangents: of its results, None where they are zero.
    """

    equation: Equation
    symbols: Mapping[Var | Literal, Symbol]
    values: Mapping[Var | Literal, Array]
    cotangents: tuple[Array | None, ...]

    def operands(self) -> list[Array]:
        """The operands' values."""
        return [self.values[x] for x in self.equation.inputs]

    def by_text(self) -> dict[str, Array]:
        """Values of all symbols that a rule is made of."""
        known = {self.symbols[x].text: y for x, y in self.values.items() if x in self.symbols}
        for v, ct in zip(self.equation.outputs, self.cotangents, strict=True):
            if ct is not None:
                known[cotangent(self.symbols[v]).text] = ct
        return known


def pulled(used: Used, wanted: Sequence[bool]) -> list[Array | None]:
    """What each operand's cotangent gets, in numbers, where it is wanted."""
    equation = used.equation
    several = equation.primitive.several
    cts = used.cotangents if several else used.cotangents[0]
    outs = tuple(used.values[v] for v in equation.outputs)
    out = outs if several else outs[0]
    with np.errstate(divide="ignore", invalid="ignore"):
        return _pull(equation, cts, out, wanted, used.operands())


def _pull(
    equation: Equation, ct: Any, out: Any, wanted: Sequence[bool], operands: Sequence[Any]
) -> list[Any]:
    derivative = equation.primitive.derivative
    if isinstance(derivative, Joint):
        return list(derivative.pull(ct, out, list(wanted), *operands, **equation.params))
    assert isinstance(derivative, tuple)
    parts: list[Any] = [None] * len(operands)
    for i, edge in enumerate(derivative):
        if wanted[i]:
            parts[i] = edge.pull(ct, out, *operands, **equation.params)
    return parts


def contributions(used: Used, wanted: Sequence[bool]) -> list[Contribution | None]:
    """What each operand's cotangent gets, in symbols and in numbers.

    Raises:
        GradientError: no way of writing the rule has the rule's number.
    """
    values = pulled(used, wanted)
    return [
        # a rule for all operands at once may answer for constants, too
        _contribution(used, i, value) if value is not None and wanted[i] else None
        for i, value in enumerate(values)
    ]


def _contribution(used: Used, i: int, value: Array) -> Contribution:
    x = used.equation.inputs[i]
    assert isinstance(x, Var)
    variable = used.symbols[x]
    if isinstance(value, TracedValue):  # within another derivation's trace
        raise GradientError("a derivation is made of numbers; call it outside of traced functions")
    known = used.by_text()
    for expression, assumptions in _readings(used, i):
        with np.errstate(all="ignore"):
            error = relative_error(evaluate_expression(expression, known), value)
        # a zero says nothing of how it came about
        sure = bool(np.any(np.asarray(value) != 0)) or _hold(assumptions, known)
        if error <= tolerance(value) and sure:
            short = parts_of(expression) <= TREE and size(expression) <= LONGEST
            index, shown = placed(expression, value) if short else (None, _by_name(used, i))
            return Contribution(variable, index, shown, assumptions, value, error)
    if any(isinstance(held, Graph) for held in used.equation.params.values()):
        return Contribution(variable, None, _by_name(used, i), (), value, 0.0)  # see its body
    raise GradientError(
        f"{used.equation.primitive.name}: what its rule gives to {variable.text} is not what the"
        " rule says in symbols; this is a bug in chainrule, please report it with the function"
    )


def tolerance(value: Array) -> float:
    """The relative error that rounding may make."""
    dtype = np.asarray(value).dtype
    return 1e5 * float(np.finfo(dtype).eps) if dtype.kind in "fc" else 0.0


def relative_error(found: Array, value: Array) -> float:
    """The largest difference relative to the largest entry; infinite where values are no numbers.

    What is infinite or NaN has to be so on both sides.
    """
    here, there = np.asarray(found), np.asarray(value)
    if here.shape != there.shape:
        return math.inf
    with np.errstate(all="ignore"):
        same = (here == there) | ((here != here) & (there != there))
        if bool(np.all(same)):
            return 0.0
        if there.dtype.kind not in "fc":
            return math.inf
        apart = float(np.max(np.where(same, 0, np.abs(here - there))))
        largest = float(np.max(np.abs(np.where(np.isfinite(there), there, 0)), initial=0.0))
    return apart / largest if largest else apart


# ---- a rule in symbols ---------------------------------------------------------------------------


def _readings(used: Used, i: int) -> Iterator[tuple[Expression, tuple[Expression, ...]]]:
    """The rule in symbols: simplified, and as it stands."""
    raw = _raw(used, i)
    if raw is not None:
        yield from readings(raw, used.equation, used.symbols, used.by_text())


def readings(
    raw: Expression,
    equation: Equation,
    symbols: Mapping[Var | Literal, Symbol],
    known: Mapping[str, Array],
) -> Iterator[tuple[Expression, tuple[Expression, ...]]]:
    """What a rule of an equation recorded, simplified, with what that assumes; then as it stands.

    Args:
        raw: what was recorded, of ``symbols`` and their cotangents or tangents.
        equation: whose rule it is.
        symbols: of the equation's variables.
        known: the number of each symbol in ``raw``, by its text.
    """
    definition = _definition(equation, symbols)
    short = _simplified(raw, definition, known) if parts_of(raw) <= TREE else None
    if short is not None and size(short.expression) <= LONGEST:
        yield _of_shape(short.expression, raw.type), short.assumptions
    yield raw, ()


def _simplified(
    raw: Expression, definition: tuple[Known, ...], known: Mapping[str, Array]
) -> Simplified | None:
    """A shorter form that can be computed; None where the simplifier has none.

    It is a proposal: what is written shorter may leave more to broadcasting than a function of
    whole arrays does, and then it is not taken.
    """
    try:
        short = simplified(raw, definition)
        with np.errstate(all="ignore"):
            evaluate_expression(_of_shape(short.expression, raw.type), known)
    except (ValueError, IndexError, TypeError, AssertionError):
        return None
    return short


def _raw(used: Used, i: int) -> Expression | None:
    """The rule of one edge as it records itself; None of what holds a program."""
    equation = used.equation
    if any(isinstance(x, Graph) for x in equation.params.values()):
        return None  # a program, whose body is shown instead
    seen = [x for x in dict.fromkeys(equation.inputs) if x in used.symbols]
    given = [k for k, ct in enumerate(used.cotangents) if ct is not None]
    types = [equation.outputs[k].type for k in given] + [v.type for v in equation.outputs]
    types = [ArrayType(t.shape, t.dtype) for t in types]
    wanted = [j == i for j in range(len(equation.inputs))]

    def rule(*xs: Any) -> Any:
        cts: list[Any] = [None] * len(equation.outputs)
        for k, x in zip(given, xs, strict=False):
            cts[k] = x
        outs = xs[len(given) : len(types)]
        at = dict(zip(seen, xs[len(types) :], strict=True))
        operands = [at[x] if x in at else used.values[x] for x in equation.inputs]
        several = equation.primitive.several
        ct, out = (tuple(cts), tuple(outs)) if several else (cts[0], outs[0])
        return _pull(equation, ct, out, wanted, operands)[i]

    try:
        graph = trace(rule)(*types, *(x.type for x in seen))
    except ChainruleError:
        return None
    symbols = [cotangent(used.symbols[equation.outputs[k]]) for k in given]
    symbols += [used.symbols[v] for v in (*equation.outputs, *seen)]
    names = dict(zip(graph.inputs, symbols, strict=True))
    # one object for what is used often, so that it is not computed twice
    return expression_of(graph, names, readable=_ANY, repeated=_ANY).results[0]


def _definition(equation: Equation, symbols: Mapping[Var | Literal, Symbol]) -> tuple[Known, ...]:
    """What the result is, for the simplifier: ``1 - y²`` is shorter than ``1 - tanh(x)²``."""
    if equation.primitive.several:
        return ()
    out = equation.outputs[0]
    return (Known(symbols[out], applied(equation, symbols)[0]),)


def applied(equation: Equation, symbols: Mapping[Var | Literal, Symbol]) -> tuple[Apply, ...]:
    """An equation's results as expressions of its operands."""
    operands = tuple(
        symbols[x] if x in symbols or isinstance(x, Var) else Constant(x.value, x.type)
        for x in equation.inputs
    )
    name, params = equation.primitive.name, equation.params
    return tuple(Apply(name, operands, v.type, params, k) for k, v in enumerate(equation.outputs))


def _of_shape(x: Expression, type: ArrayType) -> Expression:
    """What simplifying left to broadcasting, written out."""
    if x.type.shape == type.shape:
        return x
    return Apply("broadcast_to", (x,), type, {"shape": type.shape})


def _by_name(used: Used, i: int) -> Expression:
    """(∂y/∂x)ᵀ ȳ: the edge by name."""
    x = used.symbols[used.equation.inputs[i]]
    given = zip(used.equation.outputs, used.cotangents, strict=True)
    results = [used.symbols[v] for v, ct in given if ct is not None]
    y, ct = _together(results), _together([cotangent(y) for y in results])
    name = Symbol(
        f"(∂{y.text}/∂{x.text})ᵀ",
        rf"\left(\frac{{\partial {y.latex}}}{{\partial {x.latex}}}\right)^{{\top}}",
        ArrayType((1, 1), y.type.dtype),
    )
    return Apply("matmul", (name, ct), x.type)


def _together(symbols: Sequence[Symbol]) -> Symbol:
    """Several symbols as one: (y, z)."""
    if len(symbols) == 1:
        return symbols[0]
    text, latex = (
        ", ".join(names) for names in zip(*((s.text, s.latex) for s in symbols), strict=True)
    )
    return Symbol(f"({text})", f"({latex})", symbols[0].type)


def _hold(assumptions: Sequence[Expression], known: dict[str, Array]) -> bool:
    return all(bool(np.all(evaluate_expression(a, known))) for a in assumptions)


def placed(x: Expression, value: Array) -> tuple[tuple[Any, ...] | None, Expression]:
    """Entries that are added to stand on the left: ``x̄[1:] += ȳ``."""
    if not isinstance(x, Apply) or x.primitive != "scatter_add" or len(x.operands) != 1:
        return None, x
    if x.type.shape != np.shape(value):
        return None, x
    return tuple(x.params["index"]), x.operands[0]
