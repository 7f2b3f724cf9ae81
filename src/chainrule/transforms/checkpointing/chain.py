"""A function as a chain of pieces, and the graphs of its pieces forwards and back.

A function's equations are cut at some places. At a place ``i`` there are values that later
equations read, and going back their cotangents. A piece from ``i`` to ``j`` forwards makes the
values at ``j`` of those at ``i``; backwards it makes the cotangents at ``i`` of those at ``j``, and
computes again what it needs of the values between.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from itertools import accumulate, compress
from typing import Any

from chainrule.core.graph import Equation, Graph, Literal, Var
from chainrule.transforms.checkpointing.liveness import bytes_of, count_of, size_of, work_of
from chainrule.transforms.control.body import cotangents_of_some, graph_of, is_float
from chainrule.transforms.control.limited import with_limits
from chainrule.transforms.control.residuals import leading_to, needed
from chainrule.transforms.control.shape import Limit

Flags = tuple[bool, ...]
Operand = Var | Literal


@dataclass(frozen=True)
class Backwards:
    """A piece backwards: what its graph takes and makes, in the function's own variables.

    ``graph`` takes the values of ``reads`` and the cotangents of ``arriving``, and makes the
    cotangents of ``makes``.
    """

    graph: Graph
    reads: tuple[Var, ...]
    arriving: tuple[Var, ...]
    makes: tuple[Var, ...]


@dataclass(frozen=True, eq=False)
class Chain:
    """A function, the cotangents that come in (``arriving``, for each output) and those wanted.

    ``places`` are the numbers of equations before which it is cut, from 0 to all of them.
    """

    body: Graph
    arriving: Flags
    useful: Flags
    places: tuple[int, ...]
    _kept: dict[tuple[int, int, int], tuple[Var, ...]] = field(
        default_factory=dict[tuple[int, int, int], tuple[Var, ...]], repr=False
    )

    @property
    def pieces(self) -> int:
        """How many pieces there are."""
        return len(self.places) - 1

    def equations(self, i: int, j: int) -> Sequence[Equation]:
        """Those of the pieces from place ``i`` to place ``j``."""
        return self.body.equations[self.places[i] : self.places[j]]

    def count(self, i: int, j: int) -> int:
        """How many equations run forwards from ``i`` to ``j``."""
        return sum(map(count_of, self.equations(i, j)))

    @cached_property
    def _works(self) -> Sequence[int]:
        """The work of the equations before each one."""
        return [*accumulate(map(work_of, self.body.equations), initial=0)]

    def work(self, i: int, j: int) -> int:
        """What it takes to go forwards from ``i`` to ``j``."""
        return self._works[self.places[j]] - self._works[self.places[i]]

    # ---- what there is at a place ---------------------------------------------------------------

    @cached_property
    def _made_at(self) -> Mapping[Operand, int]:
        """The equation that makes a value; -1 for inputs."""
        made: dict[Operand, int] = dict.fromkeys(self.body.inputs, -1)
        for n, e in enumerate(self.body.equations):
            made.update(dict.fromkeys(e.outputs, n))
        return made

    @cached_property
    def _active(self) -> frozenset[Operand]:
        """The values that a wanted input has a part in, as far as derivatives go."""
        wanted = zip(self.body.inputs, self.useful, strict=True)
        found: set[Operand] = {v for v, use in wanted if use}
        for e in self.body.equations:
            if not e.primitive.is_constant and any(x in found for x in e.inputs):
                found.update(v for v in e.outputs if is_float(v.type))
        return frozenset(found)

    def kept(self, i: int, k: int, j: int) -> tuple[Var, ...]:
        """The values made between ``i`` and ``k`` that are read between ``k`` and ``j``."""
        if (i, k, j) not in self._kept:
            first, stop = self.places[i], self.places[k]
            read = dict.fromkeys(x for e in self.equations(k, j) for x in e.inputs)
            self._kept[i, k, j] = tuple(
                x for x in read if isinstance(x, Var) and first <= self._made_at[x] < stop
            )
        return self._kept[i, k, j]

    @cached_property
    def given(self) -> Sequence[tuple[Var, ...]]:
        """For each place the values that have a cotangent when the sweep comes there."""
        outputs = zip(self.body.outputs, self.arriving, strict=True)
        known = {x: None for x, come in outputs if come and isinstance(x, Var)}
        found = [tuple(known)]
        for i in reversed(range(self.pieces)):
            for e in reversed(self.equations(i, i + 1)):
                if any(v in known for v in e.outputs):
                    reached = (x for x in e.inputs if isinstance(x, Var) and x in self._active)
                    known.update(dict.fromkeys(reached))
                for v in e.outputs:
                    known.pop(v, None)
            found.append(tuple(known))
        return found[::-1]

    @cached_property
    def cotangent_bytes(self) -> Sequence[int]:
        """The bytes of the cotangents that a sweep has made when it comes to a place."""
        return [*(bytes_of(given) for given in self.given[:-1]), 0]

    def kept_bytes(self, i: int, k: int, j: int) -> int:
        """The bytes of what is kept at ``k`` to go on to ``j``."""
        return bytes_of(self.kept(i, k, j))

    # ---- graphs ---------------------------------------------------------------------------------

    def forwards(self, i: int, k: int, j: int) -> tuple[Graph, tuple[Var, ...]]:
        """The graph from ``i`` to what is kept at ``k``, and the values that it takes."""
        kept = self.kept(i, k, j)
        equations = leading_to(kept, self.equations(i, k))
        reads = _read_from_outside(equations)
        return Graph(reads, equations, kept), reads

    def backwards(
        self, i: int, j: int, given: Sequence[Var], limits: Mapping[Equation, Limit]
    ) -> Backwards:
        """The piece from ``j`` back to ``i``; ``given`` are the values with a cotangent at ``j``.

        Scans in it are reversed within ``limits``.
        """
        equations = tuple(self.equations(i, j))
        reads = _read_from_outside(equations)
        inside = {v for e in equations for v in e.outputs}
        arriving = tuple(v for v in given if v in inside or v in reads)
        ends = tuple(v for v in arriving if v in inside)
        piece = with_limits(Graph(reads, equations, ends), limits)
        active = [v in self._active for v in reads]
        makes: list[Var] = []

        def cotangents(*values: Any) -> list[Any]:
            primals = values[: len(reads)]
            before = dict(zip(arriving, values[len(reads) :], strict=True))
            pulled = cotangents_of_some(piece, primals, [before[v] for v in ends], active)
            found: dict[Var, Any] = {v: ct for v, ct in before.items() if v not in inside}
            for v, ct in zip(compress(reads, active), pulled, strict=True):
                if ct is not None:
                    found[v] = found[v] + ct if v in found else ct
            makes.extend(found)
            return list(found.values())

        types = [v.type for v in (*reads, *arriving)]
        graph = needed(graph_of(cotangents, types))
        return Backwards(graph, reads, arriving, tuple(makes))


def _read_from_outside(equations: Sequence[Equation]) -> tuple[Var, ...]:
    inside = {v for e in equations for v in e.outputs}
    read = dict.fromkeys(x for e in equations for x in e.inputs)
    return tuple(x for x in read if isinstance(x, Var) and x not in inside)


def cut_places(body: Graph, pieces: int) -> tuple[int, ...]:
    """Where to cut a function into about so many pieces.

    The equations are divided into parts that make equally many bytes; in each part the place where
    the fewest are alive is taken. Loops become pieces of their own.
    """
    n = len(body.equations)
    last = {x: k for k, e in enumerate(body.equations) for x in e.inputs}
    alive, here, made, total = [0] * (n + 1), 0, [0] * (n + 1), 0
    ends: dict[int, int] = {}
    for k, e in enumerate(body.equations):
        for v in e.outputs:
            here, total = here + size_of(v.type), total + size_of(v.type)
            ends[last.get(v, n)] = ends.get(last.get(v, n), 0) + size_of(v.type)
        here -= ends.pop(k, 0)
        alive[k + 1], made[k + 1] = here, total
    parts: dict[int, int] = {}
    for k in range(1, n):
        part = math.floor(made[k] * pieces / max(total, 1))
        best = parts.get(part)
        if best is None or alive[k] < alive[best]:
            parts[part] = k
    around = {
        k + d for k, e in enumerate(body.equations) if e.primitive.name == "scan" for d in (0, 1)
    }
    return tuple(sorted({0, n, *parts.values(), *around}))
