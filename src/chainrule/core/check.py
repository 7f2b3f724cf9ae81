"""Every invariant of a graph, in one function.

A graph is well formed if each variable is defined once and before it is used, each equation has the
inputs that its primitive's type rule accepts, and each output has the type that the rule gives.
Transformations and passes are tested by calling :func:`check_graph` on what they return.
"""

from __future__ import annotations

from chainrule.core.errors import ChainruleError, GraphError
from chainrule.core.graph import ArrayType, Equation, Graph, Literal, Var
from chainrule.core.primitive import PRIMITIVES


def check_graph(graph: Graph) -> Graph:
    """Return ``graph`` if it keeps every invariant.

    Raises:
        GraphError: names the equation, by number and text, and what is wrong with it.

    >>> import chainrule as cr
    >>> len(check_graph(cr.trace(lambda x: x * x)(3.0)).equations)
    1
    """
    defined: set[Var] = set()
    for v in graph.inputs:
        _define(v, defined, "the inputs")
    for number, equation in enumerate(graph.equations):
        where = f"equation {number} ({equation.primitive.name})"
        _require_known(equation.inputs, defined, where)
        _check_types(equation, where)
        for v in equation.outputs:
            _define(v, defined, where)
    _require_known(graph.outputs, defined, "the outputs")
    return graph


def _define(v: Var, defined: set[Var], where: str) -> None:
    if v in defined:
        raise GraphError(f"{where}: a variable of type {v.type} is defined a second time")
    defined.add(v)


def _require_known(operands: tuple[Var | Literal, ...], defined: set[Var], where: str) -> None:
    for position, x in enumerate(operands):
        if isinstance(x, Var) and x not in defined:
            raise GraphError(f"{where}: operand {position} ({x.type}) is used before it is defined")


def _check_types(equation: Equation, where: str) -> None:
    primitive = equation.primitive
    if PRIMITIVES.get(primitive.name) is not primitive:
        raise GraphError(f"{where}: the primitive is not the registered one of that name")
    try:
        expected = primitive.type_rule(*(x.type for x in equation.inputs), **equation.params)
    except (ChainruleError, ValueError, TypeError, LookupError) as error:
        raise GraphError(f"{where}: {error}") from error
    found = tuple(v.type for v in equation.outputs)
    wanted = expected if isinstance(expected, tuple) else (expected,)
    if len(found) != len(wanted) or not all(map(_same, found, wanted)):
        raise GraphError(f"{where}: the type rule gives {expected}, the graph says {found}")
    for name, held in equation.params.items():
        if isinstance(held, Graph):
            _check_inner(held, f"{where}, {name}")


def _check_inner(graph: Graph, where: str) -> None:
    try:
        check_graph(graph)
    except GraphError as error:
        raise GraphError(f"{where}: {error}") from error


def _same(a: ArrayType, b: ArrayType) -> bool:
    return a.shape == b.shape and a.dtype == b.dtype
