"""One call of a function with rules of its own: containers on the user's side, leaves on ours.

Rules are the user's, so what they return is checked here: structure, shapes, dtypes, and that it
depends on nothing traced but what they were given. What is no array of floats has a tangent of
zeros, and what a rule says of its cotangent is not read.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, cast

import numpy as np

from chainrule.core.errors import ChainruleError, EscapedTracerError, ShapeError, TraceError
from chainrule.core.graph import ArrayType, Graph
from chainrule.core.trace import Trace, TracedValue, shape_of, type_of
from chainrule.core.tree import (
    Structure,
    flatten,
    flatten_up_to,
    leaf_names,
    structure_text,
    unflatten,
)
from chainrule.ops.elementwise import copied
from chainrule.transforms.control.body import is_float
from chainrule.transforms.custom.arguments import Arguments, name_of
from chainrule.transforms.directions import checked
from chainrule.transforms.recording import checked_value, record
from chainrule.transforms.trace import captures_traced, freeze

Leaves = Sequence[Any]


@dataclass(frozen=True)
class Rules:
    """The derivative of a function, as functions of containers; each may be missing.

    ``push(out, primals, tangents)`` gives the tangent of the result. ``pull(out, primals,
    residuals, ct)`` gives one cotangent for each argument. ``forward(*primals)`` gives the result
    and the residuals, which are None without it. ``stated_by`` has the user's functions that these
    are made of, each with what it is: whoever looks for a mistake reads them.
    """

    push: Callable[[Any, Any, Any], Any] | None = None
    pull: Callable[[Any, Any, Any, Any], Any] | None = None
    forward: Callable[..., Any] | None = None
    stated_by: tuple[tuple[str, Callable[..., Any]], ...] = ()


@dataclass(frozen=True, eq=False)
class Call:
    """A function with rules, called with arguments of one structure; everything in leaves."""

    f: Callable[..., Any]
    rules: Rules
    arguments: Arguments

    def __str__(self) -> str:
        return name_of(self.f)

    def value(self, inputs: Leaves) -> tuple[list[Any], Structure]:
        """The result of the function, and its structure."""
        out, structure = flatten(self.f(*self.arguments.filled(inputs)))
        out = [checked_value(x, f"{self} returned") for x in out]
        require_closed(out, inputs, str(self))
        return out, structure

    def traced(self, types: Sequence[ArrayType]) -> tuple[Graph, Structure]:
        """The graph of the function, by the types of its inputs, and the result's structure."""

        def of_leaves(*inputs: Any) -> Any:
            return self.f(*self.arguments.filled(inputs))

        try:
            recording = record(of_leaves, types, trace=Trace(differentiates=False, sources=True))
        except (TypeError, AttributeError, NotImplementedError) as error:
            raise TraceError(
                f"{self} is called where types are known and no values (inside cr.compile, cr.vmap"
                " or a loop), so it must be written with what can be traced; outside of these it"
                f" may be any Python. {error}"
            ) from error
        graph = freeze(recording)
        if captures_traced(graph):
            raise _closes_over(str(self))
        return graph, recording.structure

    def traced_if_possible(self, types: Sequence[ArrayType]) -> tuple[Graph, Structure] | None:
        """The graph of the function, unless it needs values."""
        try:
            return self.traced(types)
        except (TraceError, ValueError, LookupError, ArithmeticError):
            return None

    def push(self, out: Any, inputs: Leaves, tangents: Leaves) -> list[Any]:
        """The tangents of the result, whose value is ``out``; None for what is no float."""
        assert self.rules.push is not None
        rule, primals = f"the rule of {self}", self.arguments.filled(inputs)
        given = self.arguments.directions(directions(tangents, inputs))
        tangent = _ruled(rule, self.rules.push, out, primals, given)
        values, structure = flatten(out)
        what = f"tangent that {rule} returned for its result"
        pushed = _checked_leaves(structure, tangent, values, what)
        require_closed(pushed, (*values, *inputs, *tangents), rule)
        return pushed

    def forward(self, inputs: Leaves) -> tuple[Any, Any]:
        """The result, as the function's own container, and the residuals."""
        assert self.rules.forward is not None
        what = f"the forward rule of {self}"
        pair = pair_of(_ruled(what, self.rules.forward, *self.arguments.filled(inputs)), what)
        require_closed(flatten(pair)[0], inputs, what)
        return pair

    def pull(self, out: Any, inputs: Leaves, residuals: Any, cts: Leaves) -> list[Any]:
        """The cotangents of the inputs, given those of the result; None for zero."""
        assert self.rules.pull is not None
        values, structure = flatten(out)
        primals = self.arguments.filled(inputs)
        given = unflatten(structure, directions(cts, values))
        rule = f"the backward rule of {self}"
        back = _ruled(rule, self.rules.pull, out, primals, residuals, given)
        what = f"cotangent that {rule} returned for argument"
        full = flatten(primals)[0]
        pulled = _checked_leaves(
            self.arguments.structure, self._for_each_argument(back), full, what
        )
        known = (*values, *inputs, *cts, *flatten(residuals)[0])
        require_closed(pulled, known, rule)
        return self.arguments.arrays(pulled)

    def _for_each_argument(self, back: Any) -> tuple[Any, ...]:
        """The cotangents with None for each leaf of an argument whose cotangent is None."""
        arguments = self.arguments.structure.children()
        given = cast("tuple[Any, ...] | None", back if isinstance(back, tuple) else None)
        if given is None or len(given) != len(arguments):
            found = "no tuple" if given is None else f"a tuple of {len(given)}"
            raise ShapeError(
                f"the backward rule of {self} must return a tuple with one cotangent for each of"
                f" its {len(arguments)} arguments (None for zero), got {found}"
            )
        return tuple(
            unflatten(argument, [None] * argument.num_leaves) if ct is None else ct
            for ct, argument in zip(given, arguments, strict=True)
        )


def _ruled(what: str, rule: Callable[..., Any], *args: Any) -> Any:
    """What a rule returns."""
    try:
        return rule(*args)
    except EscapedTracerError as error:
        raise _closes_over(what) from error
    except (TypeError, AttributeError, NotImplementedError) as error:
        if isinstance(error, ChainruleError) or not by_types(args):
            raise
        raise TraceError(
            f"{what} is traced, since here types are known and no values: {error}"
        ) from error


def by_types(args: Leaves) -> bool:
    """Whether a traced value among the arguments has a type alone."""
    for x in flatten(tuple(args))[0]:
        while isinstance(x, TracedValue):
            x = x.value
        if isinstance(x, ArrayType):
            return True
    return False


def directions(given: Leaves, values: Leaves) -> list[Any]:
    """Tangents or cotangents as a rule may write into them, zeros for None and for no floats."""
    return [
        np.zeros(shape_of(x), type_of(x).dtype if is_float(type_of(x)) else np.float64)[()]
        if t is None or not is_float(type_of(x))
        else copied(t)
        for t, x in zip(given, values, strict=True)
    ]


def _checked_leaves(structure: Structure, tree: Any, values: Leaves, what: str) -> list[Any]:
    """The leaves of tangents or cotangents of these values; None for zero and for no floats."""
    leaves = flatten_up_to(structure, tree, f"the {what}")

    def fitting(i: int, t: Any, x: Any) -> Any:
        if t is None or not _has_direction(x):
            return None
        if type(t) is type(x) and type_of(t) == type_of(x):
            return t
        return checked(t, x, f"{what} {leaf_names(structure)[i]}".rstrip(), "value")

    return [fitting(i, t, x) for i, (t, x) in enumerate(zip(leaves, values, strict=True))]


def _has_direction(x: Any) -> bool:
    known = isinstance(x, (np.ndarray, np.generic, TracedValue, float, complex))
    return known and is_float(type_of(x))


def pair_of(result: Any, what: str) -> tuple[Any, Any]:
    """The two results of a rule."""
    pair = cast("tuple[Any, ...]", result if isinstance(result, tuple) else ())
    if len(pair) != 2:
        raise ShapeError(f"{what} must return a pair")
    return pair


def require_same(out: Any, value: Any, what: str) -> None:
    """Raise unless the result that a rule returned is like the function's."""
    (leaves, structure), (values, wanted) = flatten(out), flatten(value)
    shapes, known = ([*map(shape_of, xs)] for xs in (leaves, values))
    if structure != wanted or shapes != known:
        raise ShapeError(
            f"{what} returned {structure_text(structure)} of shapes {shapes}, the function"
            f" {structure_text(wanted)} of {known}; they must agree"
        )


def require_closed(results: Leaves, inputs: Leaves, what: str) -> None:
    """Raise if results depend on a recording that no input belongs to."""
    if _recordings(results) - _recordings(inputs):
        raise _closes_over(what)


def _recordings(values: Leaves) -> set[Trace]:
    """The recordings that values belong to, themselves and at the levels below."""
    found: set[Trace] = set()
    for x in values:
        while isinstance(x, TracedValue):
            found.add(x.recorder)
            x = x.value
    return found


def _closes_over(what: str) -> TraceError:
    return TraceError(
        f"{what} uses a traced value of the function around it, in which it has no derivative;"
        " pass it as an argument (or cr.stop_gradient of it, where it is to be a constant)"
    )
