"""A graph number by number: nodes are single entries of arrays, edges their local derivatives.

The edge from an entry of an operand to an entry of the result of the same equation carries the
partial derivative of the one in the other: the entries of a sparse Jacobian of the equation alone.
What ``np.where`` or an index does not take at these values has no edge, nor has what is multiplied
by a constant 0.
Only what lies between one input and one output of the graph is kept. ``paths.py`` walks it.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, cast

import numpy as np

from chainrule.core.errors import ArgumentError, DTypeError
from chainrule.core.graph import Equation, Graph, Literal, Var, VariableNumbers
from chainrule.core.trace import Trace, bind
from chainrule.sparse.compressed import walked
from chainrule.sparse.pattern import pattern_of
from chainrule.sparse.plan import SparsePlan, plan_jacobian
from chainrule.transforms.recording import record
from chainrule.transforms.sweeps import uncounted
from chainrule.transforms.trace import freeze
from chainrule.transforms.vjp import record_for, vjp

Array = Any
Index = tuple[int, ...]

MOST_EDGES = 3_000_000


@dataclass(frozen=True, eq=False)
class LocalDerivative:
    """All edges from one operand of an equation to one result of it.

    ``rows`` and ``columns`` are flat indices into result and operand, ``values`` the derivatives.
    """

    equation: Equation
    operand: Var
    result: Var
    rows: Array
    columns: Array
    values: Array


@dataclass(frozen=True, eq=False)
class Point:
    """One number of a graph: a variable, and the flat index of the entry."""

    variable: Var
    entry: int


def with_numbers(graph: Graph) -> VariableNumbers:
    """The numbers of a graph, which it has if it was traced at values."""
    if graph.numbers is None:
        raise ArgumentError(
            "the graph was traced by types and has no numbers; trace it at arrays: cr.trace(f)(x)"
        )
    return graph.numbers


def input_point(graph: Graph, given: Any) -> Point:
    """The input that a number, a name, or a pair of one of these and an index stands for.

    Without an index, the entry of the largest gradient.
    """
    which, index = _with_index(given)
    shown = [name or str(i) for i, name in enumerate(graph.input_names or [""] * len(graph.inputs))]
    number: int = shown.index(which) if which in shown else _whole(which)
    if not -len(shown) <= number < len(shown):
        raise ArgumentError(f"the inputs of the graph are {', '.join(shown)}; not {which!r}")
    variable: Var = graph.inputs[number]
    if variable.type.dtype.kind != "f":
        raise DTypeError(
            f"input {shown[number]} is {variable.type}; paths are of real floating-point numbers"
        )
    return Point(variable, _entry(variable, index, f"input {shown[number]}"))


def output_point(graph: Graph, given: Any) -> Point:
    """The output that a number, or a pair of a number and an index, stands for."""
    which, index = _with_index(given)
    number = _whole(which)
    if not -len(graph.outputs) <= number < len(graph.outputs):
        raise ArgumentError(f"the graph has {len(graph.outputs)} outputs; not {which}")
    variable: Var | Literal = graph.outputs[number]
    if isinstance(variable, Literal) or variable.type.dtype.kind != "f":
        raise DTypeError(
            f"output {which} is {variable.type}"
            f"{', a constant' if isinstance(variable, Literal) else ''}; paths end in a real number"
            " that depends on the inputs"
        )
    if index is None and variable.type.size != 1:
        raise ArgumentError(
            f"output {which} is {variable.type}; say which entry, as output=({which}, (0, ...)), or"
            " let the function return one number"
        )
    return Point(variable, _entry(variable, index, f"output {which}"))


def _with_index(given: Any) -> tuple[Any, Any]:
    return cast("tuple[Any, Any]", given) if isinstance(given, tuple) else (given, None)


def _whole(which: Any) -> int:
    """A number as it is; what is none is out of every range."""
    return which if isinstance(which, int) else sys.maxsize


def _entry(variable: Var, index: Any, what: str) -> int:
    shape = variable.type.shape
    if index is None:
        return -1 if variable.type.size != 1 else 0
    places = (index,) if isinstance(index, int) else tuple(index)
    inside = len(places) == len(shape) and all(
        -n <= i < n for i, n in zip(places, shape, strict=True)
    )
    if not inside:
        raise ArgumentError(f"{what} has shape {shape}; {index} is no index of an entry of it")
    wrapped = [i % n for i, n in zip(places, shape, strict=True)]
    return int(np.ravel_multi_index(wrapped, shape)) if shape else 0


def between(graph: Graph, start: Var, end: Var) -> list[Equation]:
    """The equations on some way from one variable to another."""
    reached: set[Var] = {start}
    ahead: list[Equation] = []
    for e in graph.equations:
        if not e.primitive.is_constant and any(x in reached for x in e.inputs):
            reached.update(v for v in e.outputs if v.type.dtype.kind == "f")
            ahead.append(e)
    wanted: set[Var] = {end}
    kept: list[Equation] = []
    for e in reversed(ahead):
        if any(v in wanted for v in e.outputs):
            wanted.update(x for x in e.inputs if isinstance(x, Var) and x in reached)
            kept.append(e)
    return kept[::-1]


def local_derivatives(graph: Graph, start: Var, end: Var) -> list[LocalDerivative]:
    """All edges between two variables, equation by equation in the graph's order.

    Raises:
        ArgumentError: there are more than ``MOST_EDGES``.
    """
    numbers = with_numbers(graph)
    kept = between(graph, start, end)
    relevant = {start, *(v for e in kept for v in e.outputs)}
    found: list[LocalDerivative] = []
    edges = 0
    with uncounted():
        for e in kept:
            for place, x in enumerate(e.inputs):
                if isinstance(x, Var) and x in relevant:
                    found += _of_operand(e, place, x, numbers)
                    edges += sum(d.values.size for d in found[-len(e.outputs) :])
            _require_few(edges)
    return found


def _require_few(edges: int) -> None:
    if edges > MOST_EDGES:
        raise ArgumentError(
            f"between this input and output there are more than {MOST_EDGES:,} local derivatives of"
            " single numbers; look at fewer examples or smaller arrays"
        )


def single_derivatives(graph: Graph) -> list[LocalDerivative]:
    """The edges between single real numbers: one for each use of a variable.

    >>> import chainrule as cr
    >>> graph = cr.trace(lambda a, b: a * b)(2.0, 3.0)
    >>> [float(d.values[0]) for d in single_derivatives(graph)]
    [3.0, 2.0]
    """
    numbers = with_numbers(graph)

    def is_single(x: Var | Literal) -> bool:
        return isinstance(x, Var) and x.type.size == 1 and x.type.dtype.kind == "f"

    found: list[LocalDerivative] = []
    with uncounted():
        for e in graph.equations:
            if e.primitive.is_constant or not all(map(is_single, e.outputs)):
                continue
            for place, x in enumerate(e.inputs):
                if isinstance(x, Var) and is_single(x):
                    found += _of_operand(e, place, x, numbers)
    return found


def _of_operand(e: Equation, place: int, x: Var, numbers: VariableNumbers) -> list[LocalDerivative]:
    """The derivatives of the results of an equation in one operand.

    An operand that stands there twice has an edge from each place, as the product rule has a term
    for each factor.
    """
    values = [numbers.value(y) for y in e.inputs]
    here = np.asarray(values[place])[()]
    found: list[LocalDerivative] = []
    for number, v in enumerate(e.outputs):
        if v.type.dtype.kind != "f":
            continue

        def result(operands: Sequence[Any], number: int = number) -> Any:
            results = bind(e.primitive, operands, e.params)
            return results[number] if e.primitive.several else results

        def alone(moved: Any, result: Any = result) -> Any:
            return result([*values[:place], moved, *values[place + 1 :]])

        if v.type.size == x.type.size == 1:
            _, pullback = vjp(alone, here)
            slope = np.ravel(pullback(np.ones(v.type.shape, v.type.dtype)[()])[0]).astype(float)
            nowhere = np.zeros(1, int)
            found.append(LocalDerivative(e, x, v, nowhere, nowhere, slope))
        else:
            plan = _plan(e, place, values, result)
            recording, _ = record_for(alone, [here], has_aux=False)
            matrix = plan.filled(walked(recording, plan)).tocoo()
            rows, columns = matrix.row, matrix.col
            found.append(LocalDerivative(e, x, v, rows, columns, matrix.data.astype(float)))
    return found


def _plan(
    e: Equation, place: int, values: Sequence[Any], result: Callable[[Sequence[Any]], Any]
) -> SparsePlan:
    """Where there are edges from one operand, and the sweeps for their derivatives.

    A factor that is a variable leaves its edge there also where it happens to be 0, like a pixel.
    """
    free = [
        i for i, x in enumerate(e.inputs) if isinstance(x, Var) and (i == place or _is_float(x))
    ]

    def of_free(*xs: Any) -> Any:
        given = dict(zip(free, xs, strict=True))
        return result([given.get(i, value) for i, value in enumerate(values)])

    graph = freeze(
        record(of_free, [e.inputs[i].type for i in free], trace=Trace(differentiates=False))
    )
    pattern = pattern_of(graph, [free.index(place)], {})
    _require_few(pattern.nnz)  # before the colouring, which would take far longer
    return plan_jacobian(pattern, "auto")


def _is_float(x: Var) -> bool:
    return x.type.dtype.kind in "fc"


def entry_text(variable: Var, entry: int) -> str:
    """The index of an entry as it stands after a name, "" for a single number.

    >>> from chainrule.core.graph import ArrayType
    >>> entry_text(Var(ArrayType((2, 3), "float64")), 4)
    '[1, 1]'
    """
    if variable.type.shape == ():
        return ""
    return str([int(i) for i in np.unravel_index(entry, variable.type.shape)])
