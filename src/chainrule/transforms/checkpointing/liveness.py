"""How much memory the interpreter takes to run a graph, from the types in it.

An equation's result is one array, unless it is a view, which costs nothing but keeps what it looks
at. What nobody reads any more is gone. Loops and branches are followed into their graphs: of a loop
the stacked results, the carry of the last step and what one step takes at most. Inputs belong to
the caller and are not counted, results are; so are arrays that stand in the graph.

It is an upper bound, close but not exact: an equation may be charged for a copy that NumPy can do
without.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Collection, Sequence
from functools import lru_cache
from typing import Any

import numpy as np

from chainrule.core.graph import ArrayType, Equation, Graph, Literal, Var
from chainrule.ops.index import Slot
from chainrule.transforms.control.in_place import OVERWRITE, overwriting

Operand = Var | Literal
_TURNED = frozenset({"transpose", "broadcast_to", "flip", "real", "imag"})  # views out of order
_BY_LAPACK = (
    "solve solve_triangular cholesky det log_abs_det sign_of_det phase_of_det adjugate"
    " adjugate_along eigh eig svd qr pinv lstsq lu expm sqrtm solve_sylvester solve_banded"
)
_WITH_COPIES = frozenset(("einsum", *_BY_LAPACK.split(" ")))


def size_of(kind: ArrayType) -> int:
    """The bytes of a value."""
    return math.prod(kind.shape) * kind.dtype.itemsize


def bytes_of(values: Sequence[Operand]) -> int:
    """The bytes of several values, each counted once."""
    return sum(size_of(x.type) for x in dict.fromkeys(values))


@lru_cache(maxsize=4096)
def peak(graph: Graph) -> int:
    """The most bytes that a run of a graph has at a time, beside those of its inputs.

    >>> import numpy as np, chainrule as cr
    >>> peak(cr.trace(lambda x: np.sum(np.exp(np.sin(np.cos(x)))))(np.ones(1000)))
    16000
    """
    return _Run(graph).peak + _standing(graph)


def _standing(graph: Graph) -> int:
    """The bytes of arrays that stand in a graph itself, apart from single numbers repeated."""
    operands = (x for e in graph.equations for x in e.inputs if isinstance(x, Literal))
    found: dict[int, Any] = {id(x.value): x.value for x in operands if np.ndim(x.value)}
    return sum(value.nbytes for value in found.values() if any(value.strides))


class _Run:
    """A run of a graph, equation by equation; values that are ``elsewhere`` cost nothing."""

    def __init__(self, graph: Graph, elsewhere: Collection[Operand] = ()) -> None:
        self._elsewhere = frozenset(elsewhere)
        self.owner: dict[Operand, Operand] = {}  # of views: the value that has the memory
        self.turned: set[Operand] = set()  # views whose entries may lie out of order
        self.transposed: set[Operand] = set()  # of these, the ones that BLAS reads as they are
        self.last = _last_uses(graph)
        self.alive = self.peak = 0
        self._looking: dict[Operand, int] = {}  # how many names keep a value's memory
        for number, equation in enumerate(graph.equations):
            self._run(number, equation)

    def _run(self, number: int, equation: Equation) -> None:
        made = 0
        for v in equation.outputs:
            whose = self._owner_of(v, equation)
            self.owner[v] = whose
            self._looking[whose] = self._looking.get(whose, 0) + 1
            made += self._size(v) if whose is v else 0
        self.peak = max(self.peak, self.alive + made + self._aside(equation))
        self.alive += made
        self.peak = max(self.peak, self.alive)
        for x in self.last[number]:
            whose = self.owner.get(x)
            if whose is None:
                continue  # an input
            self._looking[whose] -= 1
            if not self._looking[whose] and whose in self.owner:
                self.alive -= self._size(whose)

    def _size(self, x: Operand) -> int:
        return 0 if x in self._elsewhere else size_of(x.type)

    def _owner_of(self, out: Var, equation: Equation) -> Operand:
        """Whose memory a result has: its own, or that of what it is a view of."""
        name, x = equation.primitive.name, equation.inputs[0] if equation.inputs else None
        if x is None or equation.primitive.several:
            return out
        index = equation.params.get("index", ())
        part = name == "getitem" and not any(type(i) is Slot for i in index)
        ordered = name == "reshape" and x not in self.turned
        if equation.primitive is OVERWRITE:
            return self.owner.get(x, x)
        if not (part or ordered or name in _TURNED):
            return out
        if not ordered and (x in self.turned or not (part and _in_one_piece(index))):
            self.turned.add(out)
            if name == "transpose" and x not in self.turned:
                self.transposed.add(out)
        return self.owner.get(x, x)

    def _aside(self, equation: Equation) -> int:
        """What an equation takes for itself, beside operands and results, while it runs."""
        name, inputs = equation.primitive.name, equation.inputs
        rule = _HELD.get(name)
        if rule is not None:
            return rule(equation)
        if name in _WITH_COPIES:
            return sum(size_of(x.type) for x in (*inputs, *equation.outputs))
        if name == "sech_squared":
            return size_of(equation.outputs[0].type)
        if name in ("matmul", "mul_or_zero"):
            copied = self.turned - self.transposed if name == "matmul" else self.turned
            return sum(size_of(x.type) for x in inputs if x in copied)
        return 0


def _in_one_piece(index: tuple[Any, ...]) -> bool:
    """Whether a part of an array lies there in one piece: integers, then at most one slice."""
    cut = [i for i in index if i is not None and i is not Ellipsis and i != slice(None)]
    places = [n for n, i in enumerate(index) if i in cut]
    slices = [n for n, i in enumerate(cut) if isinstance(i, slice)]
    leading = places == list(range(len(places)))
    return (
        leading and slices in ([], [len(cut) - 1]) and all(cut[n].step in (None, 1) for n in slices)
    )


def _last_uses(graph: Graph) -> list[list[Operand]]:
    """For each equation what nobody reads after it."""
    seen: set[Operand] = set(graph.outputs)
    dropped: list[list[Operand]] = []
    for e in reversed(graph.equations):
        here = [x for x in dict.fromkeys((*e.inputs, *e.outputs)) if x not in seen]
        seen.update(here)
        dropped.append(here)
    return dropped[::-1]


# ---- equations that hold graphs ------------------------------------------------------------------


@lru_cache(maxsize=4096)
def inside(graph: Graph) -> int:
    """What running a held graph takes beside its results.

    Their memory is there all the time: machine code writes results where they belong.
    """
    run = _Run(graph, graph.outputs)
    owners = {run.owner.get(x, x) for x in graph.outputs}
    if owners != set(graph.outputs):  # some results are views
        run = _Run(graph, owners)
    return run.peak + _standing(graph)


def peak_in_one_piece(graph: Graph) -> int:
    """The bytes that an equation takes that holds a graph and runs it."""
    return inside(graph) + bytes_of(graph.outputs)


def _of_scan(equation: Equation) -> int:
    """A step, and the y of the step before, which is in its row already.

    The result's part of the carry stands for the one that goes in.
    """
    body: Graph = equation.params["body"]
    return peak(body) + bytes_of_outputs(body.outputs[equation.params["carries"] :])


def _of_while(equation: Equation) -> int:
    """A step; its writes into a carry are in place."""
    body, _ = overwriting(equation.params["body"], equation.params["constants"])
    return max(peak(body), peak(equation.params["test"]))


def bytes_of_outputs(outputs: Sequence[Operand]) -> int:
    """The bytes of results, one array each."""
    return sum(size_of(x.type) for x in outputs)


_HELD: dict[str, Callable[[Equation], int]] = {
    "checkpoint": lambda e: inside(e.params["body"]),
    "cond": lambda e: max(inside(e.params["true"]), inside(e.params["false"])),
    "scan": _of_scan,
    "while_loop": _of_while,
}


# ---- work ----------------------------------------------------------------------------------------


def count_of(equation: Equation) -> int:
    """How many equations run for one: those of a loop of known length once for each step."""
    held = [x for x in equation.params.values() if isinstance(x, Graph)]
    times: Any = equation.params.get("length", 1)
    inner = [sum(map(count_of, graph.equations)) for graph in held]
    return max(1, times * max(inner)) if inner else 1


def work_of(equation: Equation) -> int:
    """A measure of the time that an equation takes: multiply-adds, or entries made."""
    held = [x for x in equation.params.values() if isinstance(x, Graph)]
    if held:
        times: Any = equation.params.get("length", 1)
        return 1 + times * sum(work_of(e) for graph in held for e in graph.equations)
    made = 1 + sum(math.prod(v.type.shape) for v in equation.outputs)
    if equation.primitive.name in ("matmul", "einsum", "solve"):
        largest = max((math.prod(x.type.shape) for x in equation.inputs), default=1)
        return made + int(math.sqrt(made) * largest)
    return made + max((math.prod(x.type.shape) for x in equation.inputs), default=0)
