"""A planned reverse sweep: as one graph, and as text with its price."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from chainrule.core.errors import ArgumentError
from chainrule.core.graph import Graph, Literal, Var
from chainrule.core.primitive import Primitive
from chainrule.transforms.checkpointing.chain import Chain, Flags, cut_places
from chainrule.transforms.checkpointing.liveness import count_of, peak_in_one_piece
from chainrule.transforms.checkpointing.plan import Piece, Plan, Planner
from chainrule.transforms.control.body import graph_of, or_zero

PIECES = (16, 32)  # that a function is cut into, about; more where these are not enough


@dataclass(frozen=True, eq=False)
class Schedule:
    """How a reverse sweep is made within a bound on memory.

    Attributes:
        graph: the sweep, (inputs, cotangents of results) -> cotangents of inputs.
        memory: the bound, in bytes.
        peak: the bytes that the sweep takes at most, as predicted.
        equations: how many equations the function has; those of loops count once for each step.
        recomputed: how many of them run in the sweep, to have their values again.
    """

    graph: Graph
    memory: int
    peak: int
    equations: int
    recomputed: int
    steps: tuple[str, ...]

    def __str__(self) -> str:
        times = self.recomputed / max(1, self.equations)
        return "\n".join(
            (
                f"reverse sweep of {self.equations} equations within {_bytes(self.memory)}",
                *(f"  {step}" for step in self.steps),
                f"recomputed equations: {self.recomputed}, {times:.2f} times the function",
                f"predicted peak: {_bytes(self.peak)} of {_bytes(self.memory)}",
            )
        )

    __repr__ = __str__


def _bytes(n: int) -> str:
    for unit, size in (("GB", 10**9), ("MB", 10**6), ("kB", 10**3)):
        if n >= size:
            return f"{n / size:.3g} {unit}"
    return f"{n} bytes"


@lru_cache(maxsize=256)
def planned(body: Graph, arriving: Flags, useful: Flags, memory: int, piece: Primitive) -> Schedule:
    """The schedule of the least recomputation found within ``memory`` bytes.

    ``piece`` is the primitive of equations that hold a graph and run it.

    Raises:
        ArgumentError: no schedule takes so little; the message names the least that can be met.
    """
    least = 0
    for pieces in PIECES:
        chain = Chain(body, arriving, useful, cut_places(body, pieces))
        planner = Planner(chain)
        found = _within(planner, memory, piece)
        if found is not None:
            return found
        least = max(
            peak_in_one_piece(written(chain, planner.least(0, chain.pieces)[1], piece)),
            peak_in_one_piece(body),
        )
    raise ArgumentError(
        f"checkpoint: the reverse sweep cannot be made within memory={memory} bytes; the least that"
        f" it takes is memory={least}"
    )


def _within(planner: Planner, memory: int, piece: Primitive) -> Schedule | None:
    """The best schedule within a bound, judged by what the graph that is written takes."""
    chain, tight = planner.chain, memory
    if peak_in_one_piece(chain.body) > memory:
        return None
    for _ in range(8):
        plan = planner.within(tight)
        if plan is None:
            break
        graph = written(chain, plan, piece)
        if peak_in_one_piece(graph) <= memory:
            return _schedule(chain, plan, graph, memory)
        tight -= max(peak_in_one_piece(graph) - memory, memory // 64)
    plan = planner.least(0, chain.pieces)[1]
    graph = written(chain, plan, piece)
    return _schedule(chain, plan, graph, memory) if peak_in_one_piece(graph) <= memory else None


def _schedule(chain: Chain, plan: Plan, graph: Graph, memory: int) -> Schedule:
    steps = [*_steps(chain, plan)]
    total = sum(map(count_of, chain.body.equations))
    again = sum(n for n, _ in steps)
    most = max(peak_in_one_piece(graph), peak_in_one_piece(chain.body))
    return Schedule(graph, memory, most, total, again, tuple(text for _, text in steps))


def _steps(chain: Chain, plan: Plan) -> Iterator[tuple[int, str]]:
    """Each step with the number of equations that it computes again."""
    at = chain.places
    if isinstance(plan, Piece):
        i, j = plan.start, plan.stop
        text = f"equations {at[i]} to {at[j]} forwards and back"
        for length, slots in plan.limits.values():
            text += f", the loop in blocks of {length} steps with {slots} carries kept"
        yield chain.count(i, j) + plan.again, text
        return
    i, k, j = plan.start, plan.place, plan.stop
    keep = _bytes(chain.kept_bytes(i, k, j))
    yield chain.count(i, k), f"equations {at[i]} to {at[k]} forwards, {keep} kept"
    yield from _steps(chain, plan.later)
    yield from _steps(chain, plan.earlier)


def written(chain: Chain, plan: Plan, piece: Primitive) -> Graph:
    """The graph of a plan: one equation that holds a graph for each of its steps.

    Each has a graph of its own, also where two compute the same, so that no pass makes them one.
    """
    body, n = chain.body, len(chain.body.inputs)
    types = [v.type for v in body.inputs]
    coming = [x.type for x, a in zip(body.outputs, chain.arriving, strict=True) if a]

    def sweep(*values: Any) -> Any:
        given = iter(values[n:])
        cts: dict[Var, Any] = {}
        for x, arrives in zip(body.outputs, chain.arriving, strict=True):
            ct = next(given) if arrives else None
            if ct is not None and isinstance(x, Var):
                cts[x] = cts[x] + ct if x in cts else ct
        known: dict[Var | Literal, Any] = dict(zip(body.inputs, values, strict=False))
        _sweep(chain, plan, known, cts, piece)
        wanted = zip(body.inputs, chain.useful, strict=True)
        return [or_zero(cts.get(v), v.type) for v, use in wanted if use]

    return graph_of(sweep, [*types, *coming])


def _sweep(
    chain: Chain,
    plan: Plan,
    known: Mapping[Var | Literal, Any],
    cts: dict[Var, Any],
    piece: Primitive,
) -> None:
    """Record the steps of a plan; ``cts`` are the cotangents, those at its end, then its start."""
    if isinstance(plan, Piece):
        back = chain.backwards(plan.start, plan.stop, tuple(cts), plan.limits)
        operands = [known[v] for v in back.reads] + [cts.pop(v) for v in back.arriving]
        made = piece(*operands, body=back.graph) if back.makes else ()
        cts.update(zip(back.makes, made, strict=True))
        return
    i, k, j = plan.start, plan.place, plan.stop
    graph, reads = chain.forwards(i, k, j)
    kept = piece(*(known[v] for v in reads), body=graph) if graph.outputs else ()
    later = {**known, **dict(zip(graph.outputs, kept, strict=True))}
    _sweep(chain, plan.later, later, cts, piece)
    _sweep(chain, plan.earlier, known, cts, piece)
