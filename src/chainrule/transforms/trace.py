"""From a function to its computational graph.

``cr.trace(f)(*args)`` runs ``f`` once on traced values and freezes what happened into a
:class:`~chainrule.core.graph.Graph`. With arrays as arguments, Python control flow follows their
values and the graph is of the path taken; with :class:`~chainrule.core.graph.ArrayType` s in their
place nothing is computed, and a branch on a value is an error.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Sequence
from dataclasses import replace
from types import FunctionType
from typing import Any

from chainrule.core.graph import NO_PARAMS, ArrayType, Equation, Graph, Literal, Source, Var
from chainrule.core.trace import Trace, TracedValue, is_of_library, type_of, user_source
from chainrule.core.tracebacks import users_frames
from chainrule.core.tree import flatten, leaf_names, unflatten
from chainrule.transforms.numbers import Numbers
from chainrule.transforms.recording import Recording, checked_value, record, require_function


def freeze(recording: Recording) -> Graph:
    """A recording as an immutable graph."""
    recording.trace.check_constants()
    types = list(map(type_of, recording.inputs))
    variables: dict[int, Var] = {i: Var(t) for i, t in enumerate(types)}
    inputs = tuple(variables.values())
    equations: list[Equation] = []
    for primitive, indices, values, params, index, out, source in recording.trace.records:
        operands = tuple(
            variables[i] if i >= 0 else Literal(value, type_of(value))
            for i, value in zip(indices, values, strict=True)
        )
        made = [Var(type_of(x)) for x in (out if primitive.several else (out,))]
        variables.update(enumerate(made, start=index))
        results = tuple(made)
        equations.append(Equation(primitive, operands, results, params or NO_PARAMS, source))
    outputs = tuple(
        variables[i] if i >= 0 else Literal(value, type_of(value))
        for i, value in zip(recording.output_indices, recording.outputs, strict=True)
    )
    return Graph(inputs, tuple(equations), outputs)


def argument_names(f: Callable[..., Any], count: int) -> list[str]:
    """The names by which the function calls its first ``count`` arguments; "" for ``*args``."""
    while isinstance(f, FunctionType) and is_of_library(f.__code__.co_filename):
        inner = inspect.getclosurevars(f).nonlocals.get("f")  # of grad, vmap: the user's function
        if inner is None:
            break
        f = inner
    try:
        parameters = inspect.signature(f).parameters.values()
    except (TypeError, ValueError):  # some functions that are not written in Python
        parameters = ()
    named = [p.name for p in parameters if p.kind in (p.POSITIONAL_ONLY, p.POSITIONAL_OR_KEYWORD)]
    return [*named, *[""] * count][:count]


def input_names(f: Callable[..., Any], args: Sequence[Any], kwargs: dict[str, Any]) -> list[str]:
    """A name for each leaf of the arguments, as the function calls it: ``params[0]['weights']``.

    Empty for arguments without names of their own.
    """
    roots = argument_names(f, len(args))
    return [
        root and root + leaf
        for root, arg in [*zip(roots, args, strict=True), *sorted(kwargs.items())]
        for leaf in leaf_names(flatten(arg)[1])
    ]


def _is_option(x: Any) -> bool:
    """Whether a leaf of the arguments is left as it is: a text or a function, no array or number.

    ``cr.compile`` keeps booleans so, too, since it makes a graph for each of their values.
    """
    return isinstance(x, str) or callable(x)


def captures_traced(graph: Graph) -> bool:
    """Whether traced values of an outer function stand in the graph: good for one call only."""
    operands = [x for e in graph.equations for x in e.inputs] + list(graph.outputs)
    return any(isinstance(x, Literal) and isinstance(x.value, TracedValue) for x in operands)


def record_graph(f: Callable[..., Any], *args: Any, **kwargs: Any) -> Recording:
    """Run ``f`` once with every array among its arguments traced, for a graph."""
    leaves, structure = flatten((args, kwargs))
    traced = [checked_value(x, "the function was called with") for x in leaves if not _is_option(x)]

    def of_leaves(*xs: Any) -> Any:
        values = iter(xs)
        filled = [x if _is_option(x) else next(values) for x in leaves]
        positional, named = unflatten(structure, filled)
        return f(*positional, **named)

    return record(of_leaves, traced, trace=Trace(differentiates=False, sources=True))


def _outside(graph: Graph, called: Source | None) -> Graph:
    """The graph with the line marked that called for it: it is no line of the traced function."""
    if called is None or all(e.source != called for e in graph.equations):
        return graph
    marked = called._replace(outside=True)
    equations = [replace(e, source=marked) if e.source == called else e for e in graph.equations]
    return replace(graph, equations=tuple(equations))


def trace(f: Callable[..., Any]) -> Callable[..., Graph]:
    """The computational graph of ``f`` at given arguments.

    Args:
        f: a function of NumPy arrays, or of nested containers of them.

    Returns:
        A function of the same arguments that returns the :class:`~chainrule.core.graph.Graph`; its
        inputs are the leaves of the arguments in order, its outputs those of the result; texts and
        functions among the arguments are options, and no inputs. Each
        equation knows the line of the user's that it comes from (``source``); traced at values, the
        graph knows the value and the cotangent of every variable (``graph.numbers``).
        Derivatives are graphs too: ``cr.trace(cr.grad(f))(x)``.

    >>> import numpy as np, chainrule as cr
    >>> print(cr.trace(lambda W, x: np.tanh(W @ x))(np.ones((3, 2)), np.ones(2)))
    graph(a: float64[3, 2], b: float64[2])
      c: float64[3] = matmul a b
      d: float64[3] = tanh c
      return d
    """
    require_function(f, "trace")

    def graph_of(*args: Any, **kwargs: Any) -> Graph:
        called = user_source()
        with users_frames:
            recording = record_graph(f, *args, **kwargs)
            leaves = [x for arg in (args, kwargs) for x in flatten(arg)[0]]
            called_so = zip(leaves, input_names(f, args, kwargs), strict=True)
            names = tuple(name for x, name in called_so if not _is_option(x))
            graph = replace(_outside(freeze(recording), called), input_names=names)
            if any(isinstance(x, (ArrayType, TracedValue)) for x in recording.inputs):
                return graph
            return replace(graph, numbers=Numbers(graph, recording.inputs))

    return graph_of
