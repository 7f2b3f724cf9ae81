"""``record``: values and cotangents of named points of any function, from one compiled run.

The function is traced with its names (``ops/naming.py``), its graph is opened where somebody looks
in (``transforms/points.py``), differentiated, rid by the passes of what nobody asked for, and run.
Rewrites that would give a finite value where the function overflows are left out, since one looks
at the function as it is written. ``nn/record.py`` is the same for networks, in their own words.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any, cast, get_args

import numpy as np

from chainrule.branches.branching import Branching
from chainrule.compile import Compiled, Executor
from chainrule.core.errors import ArgumentError, NoRuleError, ShapeError, TraceError
from chainrule.core.graph import Graph
from chainrule.core.interpreter import evaluate
from chainrule.core.trace import Trace, TracedValue, type_of
from chainrule.core.tracebacks import users_frames
from chainrule.core.tree import STATIC, Structure, flatten, unflatten
from chainrule.insight.keeping import ByName, Selection, is_reserved, selection
from chainrule.insight.named_record import NamedRecord, kind_of
from chainrule.ops.naming import named, naming_into
from chainrule.passes.pipeline import FAITHFUL
from chainrule.transforms.custom.arguments import name_of
from chainrule.transforms.directions import or_zeros
from chainrule.transforms.points import Opened, Point, opened
from chainrule.transforms.recording import record as recorded
from chainrule.transforms.recording import require_function
from chainrule.transforms.signature import is_traced, with_traced
from chainrule.transforms.trace import argument_names, freeze
from chainrule.transforms.vjp import pull_back

Array = Any


def name(x: Array, name: str) -> Array:
    """``x`` itself, with a name under which :func:`record` finds it.

    What is computed further must be computed from what ``name`` returns. A name changes no number
    and costs nothing in a compiled function; graphs, drawings and derivations show it.

    Args:
        x: an array or a number, traced or plain.
        name: what it is to be called; not "values", "value of ..." and the like, see ``keep``.

    >>> import numpy as np, chainrule as cr
    >>> float(name(np.tanh(0.0), "hidden"))
    0.0
    >>> print(cr.trace(lambda x: name(np.tanh(x), "hidden") ** 2)(1.0))
    graph(a: float64~)
      b: float64 = tanh a
      c: float64 = name[name=hidden] b
      d: float64 = pow c 2
      return d
    """
    if not isinstance(cast("Any", name), str) or not name.strip() or is_reserved(name):
        raise ArgumentError(
            f"name(x, {name!r}): a name is a text that is not empty and nothing that keep= of"
            " record has a meaning for (values, cotangents, value of ..., cotangent of ...)"
        )
    if not isinstance(x, (np.ndarray, np.generic, TracedValue, bool, int, float, complex)):
        raise TraceError(
            f"name(x, {name!r}): x is {type(x).__name__} {x!r}, and not an array or a number; name"
            " the arrays in it, one by one"
        )
    return named(x, name)


@dataclass(frozen=True)
class Found:
    """What a run returns; the points are a part of the structure, known when it was traced."""

    output: Any
    values: list[Array]
    cotangents: list[Array]
    arguments: list[Array]  # cotangents of those leaves that are asked for
    points: tuple[Point, ...] = field(metadata=STATIC)
    given: tuple[Point, ...] = field(metadata=STATIC)
    probed: tuple[Point, ...] = field(metadata=STATIC)


def record(
    f: Callable[..., Any],
    *args: Any,
    keep: Iterable[str] | str | None = None,
    executor: Executor | None = None,
    **kwargs: Any,
) -> NamedRecord:
    """Values and cotangents of the named points of ``f``, and of its arguments, by name.

    The cotangent of a point p is ``d f / d p``. Of a function that returns several numbers, one
    cost a row for instance, it is ``d sum(f) / d p``: the sweep starts from ones, so that each row
    of a cotangent is that of its own cost, as long as rows do not mix.

    Args:
        f: a function of plain NumPy in which values are named with :func:`name`. It may branch on
            values, and it may be a compiled function; what is compiled for it is then kept with it.
        args: its arguments; floating-point arrays among them, and in containers, are points too, by
            the names that the function has for them.
        keep: names of points and arguments. "hidden" asks for value and cotangent, "value of
            hidden" and "cotangent of hidden" for one of them, "values" and "cotangents" for those
            of all; None, for everything. What is not asked for is neither computed nor kept.
        executor: "interpreter" or "native", see ``cr.compile``; None takes that of a compiled
            function, and else the interpreter, which starts at once.
        kwargs: keyword arguments of ``f``.

    Returns:
        A :class:`NamedRecord` with ``output``, ``value[name]`` and ``cotangent[name]``.

    Raises:
        ArgumentError: ``keep`` has a name that there is not, a name is given to an argument and to
            another value, or what ``name`` returned is not used, so nothing depends on it.
        ShapeError: cotangents are asked for, and ``f`` does not return one real array.
        NoRuleError: a point is named where no cotangent can be told: inside of a ``while_loop`` or
            of a function with a derivative of its own, or in a loop that ``f`` differentiates.

    >>> import numpy as np, chainrule as cr
    >>> def cost(W, x):
    ...     z = cr.insight.name(W @ x, "z")
    ...     a = cr.insight.name(np.tanh(z), "a")
    ...     return np.sum(a**2)
    >>> r = cr.insight.record(cost, np.array([[0.5, 0.0]]), np.array([1.0, 2.0]))
    >>> np.allclose(r.cotangent["z"], 2 * r.value["a"] * (1 - r.value["a"] ** 2))
    True
    >>> np.allclose(r.cotangent["W"], np.outer(r.cotangent["z"], r.value["x"]))
    True
    >>> print(r)
    cost: output 0.2136; cotangents are d output / d point
      name           type     value        cotangent     where
      W     float64[1, 2]  [0.5  0]  [0.7269  1.454]  argument
      x        float64[2]    [1  2]      [0.3634  0]  argument
      z        float64[1]     [0.5]         [0.7269]  ...:2
      a        float64[1]  [0.4621]         [0.9242]  ...:3
    """
    with users_frames:
        require_function(f, "insight.record", "(f, x)")
        if executor is not None and executor not in get_args(Executor):
            executors = ", ".join(get_args(Executor))
            raise ArgumentError(f"executor {executor!r} is not one of {executors}")
        chosen = selection(keep)
        kwargs = dict(sorted(kwargs.items()))  # in the order of the leaves of a container
        given = (*args, *kwargs.values())
        names = _argument_names(f, args, kwargs)
        with np.errstate(divide="ignore", invalid="ignore"):  # as in the walks; it shows in values
            made = _run(f, names, chosen, executor, args, kwargs)
        return _assembled(f, made, names, given, chosen)


def _argument_names(f: Callable[..., Any], args: Any, kwargs: dict[str, Any]) -> list[str]:
    found = argument_names(f, len(args))
    positional = [known or f"argument {i}" for i, known in enumerate(found)]
    return [*positional, *kwargs]


def _run(
    f: Any, names: Sequence[str], chosen: Selection, executor: Any, args: Any, kwargs: Any
) -> Found:
    """Run the function with its points open: compiled by types, or by the path that it takes."""
    of_points = numbers_of(f.function if isinstance(f, (Compiled, Branching)) else f, names, chosen)
    if isinstance(f, Compiled):
        by = executor or f.executor
        key = ("record", *names, chosen, by)
        run = f.derived(key, lambda: Compiled(of_points, by, steps=FAITHFUL))
        return run(*args, **kwargs)
    by = executor or "interpreter"
    if not isinstance(f, Branching):
        try:
            return Compiled(of_points, by, steps=FAITHFUL)(*args, **kwargs)
        except TraceError:
            pass  # it looks at values
    return Branching(of_points, by)(*args, **kwargs)


def numbers_of(
    f: Callable[..., Any], names: Sequence[str], chosen: Selection
) -> Callable[..., Found]:
    """The numbers that are asked for, as a function of the arguments that can be compiled."""

    def of_points(*args: Any, **kwargs: Any) -> Found:
        return _found(f, names, chosen, args, kwargs)

    return of_points


def _found(
    f: Callable[..., Any], names: Sequence[str], chosen: Selection, args: Any, kwargs: Any
) -> Found:
    leaves, structure = flatten((args, kwargs))
    traced = [x for x in leaves if is_traced(x)]
    graph, result = _graph_of(f, leaves, structure, traced)
    every = opened(graph, (), ())
    points = tuple(dict.fromkeys(p.name for p in every.points))
    _require_known(chosen, points, names)
    values = frozenset(points) if chosen.values is None else chosen.values
    cotangents = frozenset(points) if chosen.cotangents is None else chosen.cotangents
    _require_cotangents(every, cotangents)
    part = opened(graph, values, cotangents)
    of = [i for i, _ in _argument_leaves(names, (*args, *kwargs.values()), chosen, traced)]
    outputs, pulled = _swept(part, traced, of, chosen)
    n = len(graph.outputs)
    return Found(
        unflatten(result, outputs[:n]), outputs[n:], pulled[len(of) :], pulled[: len(of)],
        part.points, part.given, part.probed,
    )  # fmt: skip


def _graph_of(
    f: Callable[..., Any], leaves: Sequence[Any], structure: Structure, traced: Sequence[Any]
) -> tuple[Graph, Structure]:
    """The graph of the function with its names, those of constants included."""
    trace = Trace(differentiates=False, sources=True)

    def of_traced(*xs: Any) -> Any:
        positional, keywords = unflatten(structure, with_traced(leaves, xs))
        return f(*positional, **keywords)

    with naming_into(trace):
        recording = recorded(of_traced, traced, trace=trace)
    return freeze(recording), recording.structure


def _swept(
    part: Opened, inputs: Sequence[Any], of: Sequence[int], chosen: Selection
) -> tuple[list[Any], list[Any]]:
    """The outputs of the opened graph; the cotangents of inputs ``of``, then of the probes."""
    if not chosen.wants_cotangents:
        return evaluate(part.graph, inputs), []
    zeros = [np.broadcast_to(np.zeros((), p.type.dtype), p.type.shape) for p in part.probed]
    sweep = recorded(
        lambda *xs: evaluate(part.graph, xs),
        [*inputs, *zeros],
        trace=Trace(differentiates=True, forgets=True),
    )
    seeds = [_start(sweep.outputs[: len(sweep.outputs) - len(part.given)])]
    seeds += [None] * (len(sweep.outputs) - 1)
    wanted = [*of, *range(len(inputs), len(inputs) + len(zeros))]
    pulled = pull_back(sweep, seeds, wanted)
    return sweep.outputs, or_zeros(pulled, [sweep.inputs[i] for i in wanted])


def _start(outputs: Sequence[Any]) -> Array:
    """The ones that the sweep backwards starts from."""
    types = [type_of(x) for x in outputs]
    if len(types) == 1 and types[0].dtype.kind == "f":
        return np.ones(types[0].shape, types[0].dtype)
    raise ShapeError(
        f"record: cotangents are derivatives of one real array, and the function returned"
        f" {', '.join(map(str, types)) or 'nothing'}; return the cost alone and name the others"
        " (cr.insight.name), or ask for values only: keep=['values']"
    )


# ---- what there is, and what is asked for --------------------------------------------------------


def _argument_leaves(
    names: Sequence[str], given: Sequence[Any], chosen: Selection, traced: Sequence[Any]
) -> list[tuple[int, str]]:
    """The traced leaves whose cotangents are asked for: number among them, argument."""
    wanted = chosen.cotangents
    owners = [
        name
        for name, argument in zip(names, given, strict=True)
        for x in flatten(argument)[0]
        if is_traced(x)
    ]
    return [
        (i, name)
        for i, (name, x) in enumerate(zip(owners, traced, strict=True))
        if (wanted is None or name in wanted) and type_of(x).dtype.kind in "fc"
    ]


def _require_known(chosen: Selection, points: Sequence[str], names: Sequence[str]) -> None:
    twice = [p for p in points if p in names]
    if twice:
        raise ArgumentError(
            f"record: {twice[0]!r} is the name of an argument, which is kept by that name anyway;"
            " name the value in the function otherwise"
        )
    for wanted in (chosen.values, chosen.cotangents):
        unknown = sorted((wanted or frozenset()).difference(points, names))
        if unknown:
            known = ", ".join(map(repr, (*names, *points)))
            raise ArgumentError(f"record: keep asks for {unknown[0]!r}, but there are {known}")


def _require_cotangents(every: Opened, wanted: frozenset[str]) -> None:
    for p in every.points:
        if p.name in wanted and p.has_cotangent and not p.is_read:
            raise ArgumentError(
                f"record: nothing is computed from what name(..., {p.name!r}) returned"
                f" ({p.source}), so no cotangent comes to it; write x = name(x, {p.name!r}) and go"
                f" on with that x, or ask for keep=['value of {p.name}']"
            )
    lost = sorted(every.lost & wanted)
    if lost:
        raise NoRuleError(
            f"record: {lost[0]!r} is named inside of a loop, branch or checkpoint that the function"
            " differentiates itself, where its value is computed twice, so its cotangent is not one"
            f" number; name it outside, or ask for keep=['value of {lost[0]}']"
        )


# ---- results ------------------------------------------------------------------------------------


def _assembled(
    f: Any, made: Found, names: Sequence[str], given: Sequence[Any], chosen: Selection
) -> NamedRecord:
    known = {name: _discrete(x) for name, x in zip(names, given, strict=True)}
    known |= {p.name: "" if p.has_cotangent else str(p.type) for p in made.points}
    values: dict[str, Any] = {}
    cotangents: dict[str, Any] = {}
    back = iter(made.arguments)
    for name, argument in zip(names, given, strict=True):
        if chosen.values is None or name in chosen.values:
            values[name] = _own(argument)
        if not known[name] and (chosen.cotangents is None or name in chosen.cotangents):
            leaves, structure = flatten(argument)
            found = [next(back) if _is_float(x) else None for x in leaves]
            cotangents[name] = unflatten(structure, found)
    values |= _by_name(made.given, made.values)
    cotangents |= _by_name(made.probed, made.cotangents)
    kept = ByName("value", values, known), ByName("cotangent", cotangents, known)
    return NamedRecord(name_of(f), made.output, *kept, made.points)


def _discrete(argument: Any) -> str:
    """What keeps an argument from having a cotangent; "" if there are floats in it."""
    leaves, _ = flatten(argument)
    if any(map(_is_float, leaves)):
        return ""
    return ", ".join(dict.fromkeys(kind_of(x) for x in leaves)) or "empty"


def _is_float(x: Any) -> bool:
    return is_traced(x) and type_of(x).dtype.kind in "fc"


def _own(argument: Any) -> Any:
    """An argument as it is now: arrays may be written to after the record was made."""
    leaves, structure = flatten(argument)
    return unflatten(structure, [x.copy() if isinstance(x, np.ndarray) else x for x in leaves])


def _by_name(points: Sequence[Point], numbers: Sequence[Array]) -> dict[str, Any]:
    """One array a name, or a list of those that have the same name."""
    found: dict[str, list[Array]] = {}
    for p, x in zip(points, numbers, strict=True):
        found.setdefault(p.name, []).append(x)
    return {name: xs[0] if len(xs) == 1 else xs for name, xs in found.items()}
