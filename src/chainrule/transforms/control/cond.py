"""``cond``: one of two branches, each a graph. Its derivative is the derivative of the branch.

One of several, by an index, is a tree of such choices.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import lru_cache
from typing import Any, cast

import numpy as np

from chainrule.core.errors import ArgumentError, ShapeError
from chainrule.core.graph import ArrayType, Graph
from chainrule.core.interpreter import Make, interpreted
from chainrule.core.primitive import Joint, primitive
from chainrule.core.trace import TracedValue, type_of
from chainrule.core.tracebacks import users_frames
from chainrule.core.tree import flatten, structure_text, unflatten
from chainrule.ops.index import Slot
from chainrule.ops.indexing import getitem
from chainrule.transforms.control.batch import batch_cond
from chainrule.transforms.control.body import (
    as_array,
    cotangents_of,
    graph_of,
    is_float,
    is_predicate,
    strong_type,
    tangents_of,
    trace_body,
    with_inputs,
)

Flags = tuple[bool, ...]
Branch = Callable[..., Any]
_NOTHING = object()  # in place of an operand that was not given
_VALUES = (int, float, complex, np.ndarray, np.generic, TracedValue)


def prepared(make: Make, *, true: Graph, false: Graph) -> Callable[..., tuple[Any, ...]]:
    """The choice as a function of its inputs, its branches made executable by ``make``."""
    if_true, if_false = make(true), make(false)

    def run(pred: Any, *operands: Any) -> tuple[Any, ...]:
        return _strong((if_true if pred else if_false)(operands), true if pred else false)

    return run


def _strong(results: Sequence[Any], branch: Graph) -> tuple[Any, ...]:
    return tuple(as_array(x, v.type) for x, v in zip(results, branch.outputs, strict=True))


def _value(pred: Any, *operands: Any, true: Graph, false: Graph) -> tuple[Any, ...]:
    branch = true if pred else false
    return _strong(interpreted(branch)(operands), branch)


def _types(pred: ArrayType, *operands: ArrayType, true: Graph, false: Graph) -> Any:
    is_predicate(pred, "cond: the predicate")
    for name, graph in (("true", true), ("false", false)):
        _require_operands(operands, graph, f"cond: the {name} branch")
    return tuple(x.type for x in true.outputs)


def _require_operands(operands: Sequence[ArrayType], graph: Graph, what: str) -> None:
    wanted = [v.type for v in graph.inputs]
    if [(t.shape, t.dtype) for t in operands] != [(t.shape, t.dtype) for t in wanted]:
        raise ShapeError(f"{what} takes {wanted}, got {list(operands)}")


@lru_cache(maxsize=1024)
def _tangent_graph(branch: Graph, flags: Flags) -> Graph:
    types = [v.type for v in branch.inputs]

    def tangents(*values: Any) -> Any:
        given = iter(values[len(types) :])
        directions = [next(given) if flag else None for flag in flags]
        return tangents_of(branch, values[: len(types)], directions)[1]

    return graph_of(tangents, [*types, *(t for t, flag in zip(types, flags, strict=True) if flag)])


def _push(tangents: Sequence[Any], _out: Any, *inputs: Any, true: Graph, false: Graph) -> Any:
    directions = [
        t if is_float(type_of(x)) else None for t, x in zip(tangents, inputs, strict=True)
    ][1:]
    flags = tuple(t is not None for t in directions)
    given = [t for t in directions if t is not None]
    graphs = {"true": _tangent_graph(true, flags), "false": _tangent_graph(false, flags)}
    return list(cond_p(*inputs, *given, **graphs))


@lru_cache(maxsize=1024)
def _cotangent_graph(branch: Graph, flags: Flags, wanted: Flags) -> Graph:
    types = [v.type for v in branch.inputs]
    outputs = [x.type for x in branch.outputs]

    def cotangents(*values: Any) -> Any:
        given = iter(values[len(types) :])
        cts = [next(given) if flag else None for flag in flags]
        return cotangents_of(branch, values[: len(types)], cts, wanted)

    arriving = [t for t, flag in zip(outputs, flags, strict=True) if flag]
    return graph_of(cotangents, [*types, *arriving])


def _pull(
    cts: Sequence[Any], _out: Any, wanted: Sequence[bool], *inputs: Any, true: Graph, false: Graph
) -> list[Any]:
    flags = tuple(ct is not None for ct in cts)
    useful = tuple(want and is_float(type_of(x)) for want, x in zip(wanted, inputs, strict=True))
    given = [ct for ct in cts if ct is not None]
    graphs = {
        "true": _cotangent_graph(true, flags, useful[1:]),
        "false": _cotangent_graph(false, flags, useful[1:]),
    }
    pulled = iter(cond_p(*inputs, *given, **graphs))
    return [next(pulled) if use else None for use in useful]


cond_p = primitive("cond", _value, _types, Joint(_push, _pull), batch=batch_cond, several=True)


def cond(pred: Any, true_f: Any, false_f: Any = _NOTHING, *operands: Any) -> Any:
    """``true_f(*operands)`` where ``pred`` is true, else ``false_f(*operands)``; one of them runs.

    With a list of functions, ``cond(index, [f0, f1, f2], *operands)``, the one at ``index`` runs;
    negative numbers count from the end. Unlike an ``if``, it can be compiled with a predicate or
    index that is not known before, and unlike ``np.where`` it does not compute all sides.

    Args:
        pred: one boolean; or the index, one integer.
        true_f, false_f: functions of the operands whose results agree in structure, shapes and
            dtypes. They may close over arrays and traced values.
        operands: arrays, or nested containers of them.

    Raises:
        ShapeError: the results of the branches differ.
        ArgumentError: the predicate is not one boolean, the index not one integer.
        IndexError: the index is out of range, as for a list.

    >>> import numpy as np, chainrule as cr
    >>> f = lambda x: cr.cond(x > 0, np.sqrt, lambda y: 0 * y, x)
    >>> f(4.0), cr.grad(f)(4.0), cr.grad(f)(-4.0)
    (np.float64(2.0), np.float64(0.25), np.float64(0.0))
    >>> cr.cond(-1, [np.sin, np.cos, np.exp], 0.0)
    np.float64(1.0)
    """
    with users_frames:
        if isinstance(true_f, (list, tuple)):
            given = operands if false_f is _NOTHING else (false_f, *operands)
            return _by_index(pred, cast("Sequence[Branch]", true_f), given)
        if not callable(false_f):
            raise ArgumentError(
                "cond takes a predicate and two functions, or an index and a list of functions"
            )
        return _of_two(pred, true_f, cast("Branch", false_f), operands)


def _by_index(index: Any, branches: Sequence[Branch], operands: Sequence[Any]) -> Any:
    """A tree of choices between two."""
    n = len(branches)
    if n == 0:
        raise ArgumentError("cond: a list of functions must have at least one branch")
    kind = type_of(index) if isinstance(index, _VALUES) else None
    if kind is None or kind.shape or kind.dtype.kind not in "iu":
        raise ArgumentError(f"cond: an index must be one integer, not {kind or index!r}")
    # read from an array, so it is checked and counted from the end
    place = getitem(np.arange(n), index, index=(Slot(0),))

    def choice(start: int, stop: int, values: Sequence[Any]) -> Any:
        if stop - start == 1:
            return branches[start](*values)
        middle = (start + stop) // 2

        def first(*xs: Any) -> Any:
            return choice(start, middle, xs)

        def second(*xs: Any) -> Any:
            return choice(middle, stop, xs)

        return _of_two(place < middle, first, second, values)

    if n == 1:  # the index is still checked where only its type is known
        return _of_two(place < 1, branches[0], branches[0], operands)
    return choice(0, n, operands)


def _of_two(pred: Any, true_f: Branch, false_f: Branch, operands: Sequence[Any]) -> Any:
    leaves, structure = flatten(tuple(operands))
    types = [strong_type(x) for x in leaves]
    is_predicate(type_of(pred), "cond: the predicate")

    def of_leaves(f: Callable[..., Any]) -> Callable[..., Any]:
        return lambda *xs: f(*unflatten(structure, xs))

    true, false = (trace_body(of_leaves(f), types) for f in (true_f, false_f))
    _require_equal(true, false)
    constants = list({id(x): x for x in (*true.constants, *false.constants)}.values())
    arrays = [as_array(x, t) for x, t in zip(leaves, types, strict=True)]
    results = cond_p(
        np.bool_(pred) if isinstance(pred, bool) else pred,
        *constants,
        *arrays,
        true=with_inputs(true, constants),
        false=with_inputs(false, constants),
    )
    return unflatten(true.structure, results)


def _require_equal(true: Any, false: Any) -> None:
    if true.structure != false.structure:
        raise ShapeError(
            f"cond: the branches return different structures, {structure_text(true.structure)} and"
            f" {structure_text(false.structure)}"
        )
    found = [[(x.type.shape, x.type.dtype) for x in b.graph.outputs] for b in (true, false)]
    if found[0] != found[1]:
        left, right = ([x.type for x in b.graph.outputs] for b in (true, false))
        raise ShapeError(
            f"cond: the branches return different types, {left} and {right};"
            " convert one with .astype or np.broadcast_to"
        )
