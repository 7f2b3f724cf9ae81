"""Named points of a graph, opened: their values become results, their cotangents can be asked for.

``ops/naming.py`` labels a value; here the graph gets a result for each value that is wanted, and a
*probe* for each cotangent: an input, zero, that is as if added to the value, so that the cotangent
of the probe is that of the point. Inside of a ``scan`` values and probes go along the steps,
stacked like its xs and ys; of a ``cond`` both branches have them; inside of ``checkpoint`` they
pass through. Where the number of steps is not known, or a function has a rule in place of its
graph, there is no way in, which is an error.

``insight/named_points.py`` is what users call.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Container, Sequence
from dataclasses import dataclass, replace

import numpy as np

from chainrule.core.errors import ArgumentError, NoRuleError
from chainrule.core.graph import ArrayType, Equation, Graph, Literal, Source, Var
from chainrule.ops.naming import name_p, probe_p

Operand = Var | Literal


@dataclass(frozen=True)
class Point:
    """A named value: its name, its type (with the steps of loops around it), the user's line.

    ``is_read``: something is computed from what ``name`` returned.
    """

    name: str
    type: ArrayType
    source: Source | None
    is_read: bool

    @property
    def has_cotangent(self) -> bool:
        """Whether its type is one that can be differentiated in."""
        return self.type.dtype.kind in "fc"


@dataclass(frozen=True, eq=False)
class Opened:
    """A graph with more inputs and outputs: a probe for each of ``probed``, values of ``given``.

    ``points`` are all that there are, in the order of the graph. ``lost`` are the names of points
    that a derivative inside of the function computes again, in a loop of its own.
    """

    graph: Graph
    points: tuple[Point, ...] = ()
    given: tuple[Point, ...] = ()
    probed: tuple[Point, ...] = ()
    lost: frozenset[str] = frozenset()


def opened(graph: Graph, values: Container[str], cotangents: Container[str]) -> Opened:
    """The graph with the values and probes of points of these names.

    >>> import numpy as np, chainrule as cr
    >>> from chainrule.ops.naming import named
    >>> graph = cr.trace(lambda x: np.sum(named(np.tanh(x), "h") ** 2))(np.ones(3))
    >>> print(opened(graph, {"h"}, {"h"}).graph)
    graph(a: float64[3], b: float64[3])
      c: float64[3] = tanh a
      d: float64[3] = probe c b
      e: float64[3] = pow d 2
      f: float64 = sum[axes=(0,)] e
      return f d
    """
    return _Opening(graph, values, cotangents).run()


def recomputed(graph: Graph) -> Graph:
    """The same graph, its names marked as those of values that are computed again.

    Loops of derivatives compute values a second time: a name in them is of the same value.
    """
    if not has_names(graph):
        return graph
    equations = tuple(
        replace(e, params={**e.params, "recomputed": True}) if e.primitive is name_p
        else replace(e, params={k: recomputed(v) if isinstance(v, Graph) else v
                                for k, v in e.params.items()})
        for e in graph.equations
    )  # fmt: skip
    return replace(graph, equations=equations)


def has_names(graph: Graph) -> bool:
    """Whether a value is named in the graph, or in one that it holds."""
    return any(e.primitive is name_p or any(map(has_names, _held(e))) for e in graph.equations)


def _held(equation: Equation) -> list[Graph]:
    if not equation.primitive.several:
        return []
    return [x for x in equation.params.values() if isinstance(x, Graph)]


class _Opening:
    """One walk over the equations of a graph."""

    def __init__(self, graph: Graph, values: Container[str], cotangents: Container[str]) -> None:
        self._graph = graph
        self._wanted = values, cotangents
        self._read = {x for e in graph.equations for x in e.inputs} | set(graph.outputs)
        self._live = _live(graph)
        self._live_names = {
            (e.params["name"], e.source)
            for e in graph.equations
            if e.primitive is name_p and e.outputs[0] in self._live
        }
        self._equations: list[Equation] = []
        self._points: list[Point] = []
        self._values: list[tuple[Point, Operand]] = []
        self._probes: list[tuple[Point, Var]] = []
        self._lost: set[str] = set()

    def run(self) -> Opened:
        """The graph, opened."""
        for e in self._graph.equations:
            if e.primitive is name_p:
                self._open_name(e)
            elif any(map(has_names, _held(e))):
                self._open_holder(e)
            else:
                self._equations.append(e)
        graph = replace(
            self._graph,
            inputs=(*self._graph.inputs, *(probe for _, probe in self._probes)),
            equations=tuple(self._equations),
            outputs=(*self._graph.outputs, *(value for _, value in self._values)),
            numbers=None,
            input_names=(),
        )
        given, probed = (tuple(p for p, _ in pairs) for pairs in (self._values, self._probes))
        return Opened(graph, tuple(self._points), given, probed, frozenset(self._lost))

    def _open_name(self, e: Equation) -> None:
        name, (out,) = e.params["name"], e.outputs
        if "recomputed" in e.params:
            self._lost.add(name)
            self._equations.append(e)
            return
        is_read = out in self._read
        constant = isinstance(e.inputs[0], Literal)
        if constant and out not in self._live and (name, e.source) in self._live_names:
            self._equations.append(e)
            return  # a constant that is named in the body of a loop, which is traced more than once
        point = Point(name, replace(out.type, weak=False), e.source, is_read)
        probe = self._note(point, out)
        if probe is not None:
            e = Equation(probe_p, (*e.inputs, probe), e.outputs, source=e.source)
        self._equations.append(e)

    def _note(self, point: Point, value: Operand) -> Var | None:
        """Keep a point; the probe for it, if one is wanted."""
        self._points.append(point)
        values, cotangents = self._wanted
        if point.name in values:
            self._values.append((point, value))
        if point.name not in cotangents or not point.has_cotangent:
            return None
        probe = Var(point.type)
        self._probes.append((point, probe))
        return probe

    # ---- equations that hold graphs -------------------------------------------------------------

    def _open_holder(self, e: Equation) -> None:
        inside = [opened(held, *self._wanted) for held in _held(e)]
        self._lost.update(*(found.lost for found in inside))
        if not any(found.points for found in inside):
            self._equations.append(e)  # a loop of a derivative
        elif e.primitive.name in ("scan", "checkpoint"):
            self._open_body(e, inside[0])
        elif e.primitive.name == "cond":
            self._open_branches(e, inside[0], inside[1])
        else:
            raise _no_way_in(e, next(p for found in inside for p in found.points))

    def _open_body(self, e: Equation, body: Opened) -> None:
        """A loop with the values as ys and the probes as xs; a function that is run as it is."""
        steps = (e.params["length"],) if e.primitive.name == "scan" else ()
        points = [replace(p, type=_stacked(p.type, steps)) for p in body.points]
        of = dict(zip(map(id, body.points), points, strict=True))
        self._points += points
        made = [(of[id(p)], Var(of[id(p)].type)) for p in body.given]
        probes = [(of[id(p)], Var(of[id(p)].type)) for p in body.probed]
        self._extend(e, made, probes, {"body": body.graph})

    def _open_branches(self, e: Equation, true: Opened, false: Opened) -> None:
        """A choice: both branches take the probes of both, and give the values of both."""
        slots = _slots(true, false)
        self._points += slots
        values, cotangents = self._wanted
        given = [p for p in slots if p.name in values]
        probed = [p for p in slots if p.name in cotangents and p.has_cotangent]
        graphs = {
            name: _with_slots(held, branch, given, probed)
            for name, held, branch in (
                ("true", e.params["true"], true), ("false", e.params["false"], false),
            )
        }  # fmt: skip
        made, probes = ([(p, Var(p.type)) for p in ps] for ps in (given, probed))
        self._extend(e, made, probes, graphs)

    def _extend(
        self,
        e: Equation,
        made: Sequence[tuple[Point, Var]],
        probes: Sequence[tuple[Point, Var]],
        graphs: dict[str, Graph],
    ) -> None:
        self._values += made
        self._probes += probes
        inputs = (*e.inputs, *(v for _, v in probes))
        outputs = (*e.outputs, *(v for _, v in made))
        self._equations.append(
            replace(e, inputs=inputs, outputs=outputs, params={**e.params, **graphs})
        )


def _live(graph: Graph) -> set[Operand]:
    """What the outputs depend on."""
    live: set[Operand] = set(graph.outputs)
    for e in reversed(graph.equations):
        if any(v in live for v in e.outputs):
            live.update(e.inputs)
    return live


def _stacked(kind: ArrayType, steps: tuple[int, ...]) -> ArrayType:
    return ArrayType((*steps, *kind.shape), kind.dtype)


Key = tuple[str, ArrayType, int]  # name, type, and which of several that are alike


def _keys(points: Sequence[Point]) -> list[Key]:
    seen: defaultdict[tuple[str, ArrayType], int] = defaultdict(int)
    keys: list[Key] = []
    for p in points:
        keys.append((p.name, p.type, seen[p.name, p.type]))
        seen[p.name, p.type] += 1
    return keys


def _slots(true: Opened, false: Opened) -> list[Point]:
    """The points of both branches; what has one name and type in both is one point."""
    found = dict(zip(_keys(true.points), true.points, strict=True))
    for key, point in zip(_keys(false.points), false.points, strict=True):
        found.setdefault(key, point)
    return list(found.values())


def _with_slots(
    before: Graph, branch: Opened, given: Sequence[Point], probed: Sequence[Point]
) -> Graph:
    """A branch that takes all probes and gives all values, NaN for those of the other branch."""
    graph, n, m = branch.graph, len(before.inputs), len(before.outputs)
    probes = dict(zip(_keys(branch.probed), graph.inputs[n:], strict=True))
    values = dict(zip(_keys(branch.given), graph.outputs[m:], strict=True))
    taken = [probes.get(key) or Var(p.type) for key, p in zip(_keys(probed), probed, strict=True)]
    made = [
        values[key] if key in values else _not_computed(p)
        for key, p in zip(_keys(given), given, strict=True)
    ]
    return replace(graph, inputs=(*graph.inputs[:n], *taken), outputs=(*graph.outputs[:m], *made))


def _not_computed(point: Point) -> Literal:
    if not point.has_cotangent:
        raise ArgumentError(
            f"the point {point.name!r} ({point.source}) is named in one branch of a cond and is"
            f" {point.type}, for which there is no NaN to say that the other branch was taken; name"
            " the result of the cond"
        )
    return Literal(np.full(point.type.shape, np.nan, point.type.dtype), point.type)


def _no_way_in(e: Equation, point: Point) -> NoRuleError:
    where = f"the point {point.name!r} ({point.source}) is named inside of"
    if e.primitive.name == "while_loop":
        return NoRuleError(
            f"{where} a while_loop, whose number of steps is not known before, so there is no"
            " array for its values; name what the loop returns, or use cr.scan"
        )
    what = str(e.params.get("call", e.primitive.name))
    return NoRuleError(
        f"{where} {what}, a function with a derivative of its own, which says nothing of what is"
        " inside; name its arguments or its result"
    )
