"""What a primitive is, and the one registry of them.

A primitive states everything about one operation in one place: its value (NumPy), its type rule,
its local derivative and how it is batched. The local derivative is the linear map that sits on an
input edge of the graph. It is stated once, with its two uses:

* ``push``: forward mode pushes a tangent along the edge (the map applied);
* ``pull``: reverse mode pulls a cotangent back along it (the map transposed).

Both are called as ``use(t, out, *inputs, **params)``, with the value ``out`` that the primitive
computed. A primitive with ``several`` results has tuples where others have one value: of values,
types, tangents and cotangents (None where one is zero). Control flow is made of such primitives.

The batch rule computes the operation for many examples at once: ``batch(batched, size, *inputs,
**params)``, where those inputs whose flag in ``batched`` is true have an axis of ``size`` examples
first, and so has the result. With ``several`` results it returns ``(results, flags)``.

Rules are written with functions of ``chainrule.ops`` or Python operators, never with raw NumPy
calls, so that they can themselves be traced: the derivative of a derivative needs nothing more.

The primitives themselves are in ``chainrule.ops``; ``tracer.py`` looks them up.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, NamedTuple, cast, overload

from chainrule.core.errors import NoRuleError
from chainrule.core.graph import ArrayType
from chainrule.core.trace import bind

Rule = Callable[..., Any]

# What a rule may be given as: spelled out by number of arguments, so that the lambdas of the rule
# tables are typed. Functions with *args or keyword-only parameters are a `Rule`, by an overload.
_A = Any
LambdaRule = (
    Callable[[_A], _A]
    | Callable[[_A, _A], _A]
    | Callable[[_A, _A, _A], _A]
    | Callable[[_A, _A, _A, _A], _A]
    | Callable[[_A, _A, _A, _A, _A], _A]
)
_T = ArrayType
TypeRule = Callable[..., ArrayType] | Callable[..., tuple[ArrayType, ...]]
LambdaTypeRule = Callable[[_T], _T] | Callable[[_T, _A], _T] | Callable[[_T, _A, _A], _T]


class Edge(NamedTuple):
    """The local derivative in one input: a linear map, applied and transposed."""

    push: Rule
    pull: Rule


@overload
def edge(push: LambdaRule, pull: LambdaRule) -> Edge: ...
@overload
def edge(push: Rule, pull: Rule) -> Edge: ...
def edge(push: LambdaRule | Rule, pull: LambdaRule | Rule) -> Edge:
    """An :class:`Edge` from two functions of any number of arguments."""
    return Edge(cast("Rule", push), cast("Rule", pull))


@dataclass(frozen=True, slots=True)
class Joint:
    """The local derivative in all inputs at once, for primitives with any number of inputs.

    ``push(tangents, out, *inputs, **params)`` takes one tangent (or None, for zero) an input;
    ``pull(ct, out, wanted, *inputs, **params)`` returns one cotangent an input, and may leave out
    (as None) those whose flag in ``wanted`` is false.
    """

    push: Rule
    pull: Rule


@dataclass(frozen=True, slots=True)
class PiecewiseConstant:
    """The derivative is zero wherever it exists: comparisons, floor, argmax, integer results.

    A derivative does not follow such a value: while differentiating, it is a plain constant.
    """


@dataclass(frozen=True, slots=True)
class NoRule:
    """There is no derivative or batch rule, and why."""

    why: str


PIECEWISE_CONSTANT = PiecewiseConstant()

Derivative = tuple[Edge, ...] | Joint | PiecewiseConstant | NoRule


@dataclass(frozen=True, eq=False)
class Primitive:
    """One operation of the graph: its name, value, type rule, local derivative and batch rule."""

    name: str
    value: Rule
    type_rule: TypeRule
    derivative: Derivative
    batch: Rule | NoRule
    several: bool = False  # results: value and type rule give tuples, a record each of them
    types_only: bool = False  # all that the derivative needs of the result and of the first input
    is_constant: bool = False  # derivative is PIECEWISE_CONSTANT; a plain flag for the hot path

    def __post_init__(self) -> None:
        object.__setattr__(self, "is_constant", self.derivative is PIECEWISE_CONSTANT)

    def __call__(self, *inputs: Any, **params: Any) -> Any:
        """Apply the primitive to plain or traced values; rules call primitives like functions."""
        return bind(self, inputs, params)

    def __repr__(self) -> str:
        return self.name


NO_BATCH = NoRule("none was given; state it beside the derivative")

PRIMITIVES: dict[str, Primitive] = {}
"""Every primitive, by name."""

NUMPY: dict[Any, Primitive | Callable[..., Any]] = {}
"""NumPy function or ufunc -> the primitive, or composition of primitives, that stands for it."""

CONSTANT: set[Any] = set()
"""The keys of ``NUMPY`` whose composition no derivative follows: whole numbers, truth values."""

REFUSED: dict[Any, str] = {}
"""NumPy function that does not work on traced values -> why, and what to write instead."""

OFFERED: dict[str, tuple[str, ...]] = {}
"""Module of SciPy -> the names of its functions that ``chainrule.scipy`` has for traced values."""


@overload
def primitive(
    name: str,
    value: LambdaRule,
    type_rule: LambdaTypeRule,
    derivative: Derivative,
    *,
    batch: Rule | NoRule = ...,
) -> Primitive: ...
@overload
def primitive(
    name: str,
    value: Rule,
    type_rule: TypeRule,
    derivative: Derivative,
    *,
    batch: Rule | NoRule = ...,
    several: bool = False,
    types_only: bool = False,
) -> Primitive: ...
def primitive(
    name: str,
    value: LambdaRule | Rule,
    type_rule: LambdaTypeRule | TypeRule,
    derivative: Derivative,
    *,
    batch: Rule | NoRule = NO_BATCH,
    several: bool = False,
    types_only: bool = False,
) -> Primitive:
    """State a primitive and enter it into the registry; its name must be new."""
    if name in PRIMITIVES:
        raise ValueError(f"a primitive named {name!r} exists already")
    rules = cast("Rule", value), cast("TypeRule", type_rule), derivative, batch
    PRIMITIVES[name] = Primitive(name, *rules, several=several, types_only=types_only)
    return PRIMITIVES[name]


def missing_rule(lacking: Primitive, transformation: str) -> NoRuleError:
    """The error for a transformation that ``lacking`` has no rule for."""
    rule = lacking.batch if transformation == "vmap" else lacking.derivative
    why = rule.why if isinstance(rule, NoRule) else "no rule given"
    return NoRuleError(f"{lacking.name} has no rule for {transformation}: {why}")


def batch_rule(primitive: Primitive) -> Rule:
    """The batch rule of a primitive; an error if it has none."""
    if isinstance(primitive.batch, NoRule):
        raise missing_rule(primitive, "vmap")
    return primitive.batch
