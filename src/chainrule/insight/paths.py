"""The gradient as a sum over paths: each path through the graph is a product of local derivatives.

``d output / d input = sum over paths of the product of the derivatives on its edges``. There can be
10^30 paths; they are counted exactly without being walked, by one addition an edge (Bauer,
"Computational graphs and rounding error", 1974; Griewank and Walther, Evaluating Derivatives, 2008,
section 2.2). The same addition, with numbers instead of counts, is what the two modes do: paths
that meet are added once, and everything after them is multiplied once for all of them.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from chainrule.core.errors import ArgumentError
from chainrule.core.graph import Graph, Source, Var
from chainrule.core.html import table
from chainrule.core.tracebacks import users_frames
from chainrule.drawing.short import factor, number
from chainrule.drawing.variable_names import variable_names
from chainrule.insight.local import (
    Point,
    entry_text,
    input_point,
    local_derivatives,
    output_point,
    with_numbers,
)
from chainrule.insight.path_sums import (
    Key,
    Link,
    PathSums,
    largest_paths,
    merges_of,
    path_sums,
    reached,
)
from chainrule.transforms.trace import trace

Array = Any
MOST_NAMES = 12  # of a path that is written out
FEW_NODES = 12  # nodes whose sums are written out


@dataclass(frozen=True)
class Step:
    """One edge of a path: to which number, by which operation, with which local derivative."""

    to: str
    primitive: str
    derivative: float
    source: Source | None


@dataclass(frozen=True)
class Path:
    """One way from the input to the output; its product is its part of the gradient."""

    start: str
    steps: tuple[Step, ...]

    @property
    def product(self) -> float:
        """The product of the local derivatives."""
        return math.prod(step.derivative for step in self.steps)

    def __str__(self) -> str:
        names = [self.start, *(step.to for step in self.steps)]
        return f"{_shortened(names)}: {_product(self.steps)} = {number(self.product)}"

    __repr__ = __str__


@dataclass(frozen=True)
class Merge:
    """A number of the graph where paths part: its cotangent is a sum, one term for each use.

    Attributes:
        name: of the number.
        paths: how many paths lead from it to the output.
        uses: ``(name of the result, local derivative, cotangent of the result)``.
        total: d output / d number, the sum of the products.
    """

    name: str
    paths: int
    uses: tuple[tuple[str, float, float], ...]
    total: float


@dataclass(frozen=True)
class Paths:
    """The derivative of one number in another as a sum over paths.

    Attributes:
        input, output: the names of the two numbers.
        gradient: d output / d input.
        count: how many paths there are, exactly.
        nonzero: how many of them have no factor that is 0.
        largest: the largest in size, up to the number that was asked for.
        absolute: the sum of the sizes of all products; far above ``|gradient|`` they cancel.
        merges: the sums at each number between, from the output on; empty if there are many.
        unfactored: multiplications and additions if each path is multiplied out by itself.
        factored: the same if paths that meet are added first: one sweep backwards.
        inputs, outputs: how many numbers the function takes and gives.
    """

    input: str
    output: str
    gradient: float
    count: int
    nonzero: int
    largest: tuple[Path, ...]
    absolute: float
    merges: tuple[Merge, ...]
    unfactored: int
    factored: int
    inputs: int
    outputs: int

    @property
    def forward_sweeps(self) -> int:
        """Sweeps that forward mode takes for all derivatives: one for each input."""
        return self.inputs

    @property
    def reverse_sweeps(self) -> int:
        """Sweeps that reverse mode takes for all derivatives: one for each output."""
        return self.outputs

    def __str__(self) -> str:
        lines = [self._title(), *(f"  {path}" for path in self.largest)]
        lines += [f"  {line}" for line in self._others()]
        lines += [self._operations(), *(f"  {' = '.join(self._sum(m))}" for m in self.merges)]
        return "\n".join([*lines, self._sweeps()])

    __repr__ = __str__

    def _title(self) -> str:
        ratio = f"∂{self.output}/∂{self.input}"
        title = f"{ratio} = {number(self.gradient)}: {_several(self.count, 'path')}"
        if self.nonzero != self.count:
            title += f", {_several(self.nonzero, 'path')} without a factor 0"
        return title

    def _others(self) -> list[str]:
        lines: list[str] = []
        if len(self.largest) < self.count:
            others = _several(self.count - len(self.largest), "other path")
            rest = number(self.gradient - sum(p.product for p in self.largest))
            lines.append(f"{others}: together {rest}")
        if self.absolute > 2 * abs(self.gradient):
            lines.append(f"paths cancel: the sum of their sizes is {number(self.absolute)}")
        return lines

    def _operations(self) -> str:
        return (
            f"multiplications and additions: {self.factored:,} factored,"
            f" {_large(self.unfactored)} if each path is multiplied out by itself"
        )

    def _sum(self, m: Merge) -> list[str]:
        """The sum at one number, in symbols and in numbers."""
        left = f"∂{self.output}/∂{m.name}"
        symbols, numbers = [left], [number(m.total)]
        if any(to != self.output for to, _, _ in m.uses) or len(m.uses) > 1:
            symbols.append(" + ".join(self._term(to, m.name) for to, _, _ in m.uses))
            terms = [
                number(d) if to == self.output else f"{factor(ct)} · {factor(d)}"
                for to, d, ct in m.uses
            ]
            numbers.insert(0, " + ".join(terms))
        return list(dict.fromkeys([*symbols, *numbers]))

    def _term(self, to: str, name: str) -> str:
        edge = f"∂{to}/∂{name}"
        return edge if to == self.output else f"∂{self.output}/∂{to} · {edge}"

    def _sweeps(self) -> str:
        n = self.inputs * self.outputs
        all_of_them = "the one derivative" if n == 1 else f"all {n:,} derivatives"
        return (
            f"{all_of_them} of this function: {_several(self.forward_sweeps, 'sweep')} forwards"
            f" (one for each input), or {_several(self.reverse_sweeps, 'sweep')} backwards (one for"
            " each output)"
        )

    def _repr_html_(self) -> str:
        rows = [
            [_shortened([p.start, *(s.to for s in p.steps)]), _product(p.steps), number(p.product)]
            for p in self.largest
        ]
        parts = [table(["path", "local derivatives", "product"], rows, self._title())]
        parts += [f"<p>{line}</p>" for line in self._others()]
        sums = [
            [left, " = ".join(middle), right]
            for left, *middle, right in map(self._sum, self.merges)
        ]
        if sums:
            parts.append(table(["factored", "over the edges that leave it", "sum"], sums))
        parts.append(f"<p>{self._operations()}<br>{self._sweeps()}</p>")
        return "\n".join(parts)


def paths(
    f: Callable[..., Any] | Graph,
    *args: Any,
    input: Any = 0,
    output: Any = 0,
    largest: int = 5,
) -> Paths:
    """The derivative of one output number in one input number, as a sum over paths.

    ``d output / d input = sum_paths prod_edges d(end of edge) / d(start of edge)``

    Args:
        f: a function of plain NumPy, or a graph that was traced at values.
        args: the arguments of the function.
        input: the argument, by its number or name, or ``(argument, index)`` for an entry of an
            array; without an index the entry of the largest gradient.
        output: the result, by its number, or ``(result, index)``.
        largest: how many paths to list, the largest products first.

    Returns:
        :class:`Paths`; printed, it shows the paths, how factoring collapses them, and the sweeps
        that forward and reverse mode take.

    Raises:
        ArgumentError: there is no such input or output, or more than three million local
            derivatives between the two.
        DTypeError: one of them is not a real floating-point number.

    >>> import chainrule as cr
    >>> def f(a, b):
    ...     c = a + b
    ...     d = b + 1
    ...     e = c * d
    ...     return e
    >>> print(paths(f, 2.0, 1.0, input="b"))
    ∂e/∂b = 5: 2 paths
      b → d → e: 1 · 3 = 3
      b → c → e: 1 · 2 = 2
    multiplications and additions: 3 factored, 3 if each path is multiplied out by itself
      ∂e/∂d = 3
      ∂e/∂c = 2
      ∂e/∂b = ∂e/∂c · ∂c/∂b + ∂e/∂d · ∂d/∂b = 2 · 1 + 3 · 1 = 5
    all 2 derivatives of this function: 2 sweeps forwards (one for each input), or 1 sweep backwards (one for each output)

    Source: Griewank and Walther, Evaluating Derivatives (2008), section 2.2.
    """  # noqa: E501 - what is printed
    if largest < 0:
        raise ArgumentError(f"paths: largest={largest} must be at least 0")
    with users_frames:
        graph = f if isinstance(f, Graph) else trace(f)(*args)
        with_numbers(graph)
        start, end = input_point(graph, input), output_point(graph, output)
        return paths_between(graph, start, end, largest, variable_names(graph))


def paths_between(
    graph: Graph, start: Point, end: Point, largest: int, names: Mapping[Var, str]
) -> Paths:
    """The same between any two numbers of a graph that was traced at values.

    Args:
        graph: the graph.
        start: a number, entry -1 for that of the largest gradient.
        end: a number that is made of it.
        largest: how many paths to list.
        names: of all variables.
    """
    edges = local_derivatives(graph, start.variable, end.variable)
    sums = path_sums(edges, start.variable, end)
    if start.entry < 0:
        slopes = np.abs(sums.cotangents[start.variable])
        start = Point(start.variable, int(np.argmax(slopes)) if slopes.size else 0)

    def name(key: Key) -> str:
        return names[key[0]] + entry_text(*key)

    def at(kept: dict[Var, Array]) -> Any:
        return kept[start.variable][start.entry]

    on_way = reached(edges, start, sums.counts)
    best = largest_paths(on_way, start, end, largest) if largest else []
    steps = sum(len(on) for _, on in on_way)
    into_end = sum(int(np.sum(d.result is end.variable)) * len(on) for d, on in on_way)
    nodes = len({(d.operand, int(c)) for d, on in on_way for c in d.columns[on]})
    count = int(at(sums.counts))
    return Paths(
        input=name((start.variable, start.entry)),
        output=name((end.variable, end.entry)),
        gradient=float(at(sums.cotangents)),
        count=count,
        nonzero=int(at(sums.nonzero)),
        largest=tuple(_path(link, name, name((start.variable, start.entry))) for link in best),
        absolute=float(at(sums.sizes)),
        merges=_merges(on_way, sums, name) if nodes <= FEW_NODES else (),
        unfactored=int(at(sums.lengths)) - count + max(count - 1, 0),
        factored=steps - into_end + steps - nodes,
        inputs=sum(v.type.size for v in graph.inputs if v.type.dtype.kind == "f"),
        outputs=sum(x.type.size for x in graph.outputs if x.type.dtype.kind == "f"),
    )


def _path(link: Link, name: Callable[[Key], str], start: str) -> Path:
    steps = tuple(
        Step(name(x.to), x.edge.equation.primitive.name, x.derivative, x.edge.equation.source)
        for x in link.edges()
        if x.edge is not None
    )
    return Path(start, steps)


def _merges(on_way: list[Any], sums: PathSums, name: Callable[[Key], str]) -> tuple[Merge, ...]:
    return tuple(Merge(*found) for found in merges_of(on_way, sums, name))


# ---- texts ---------------------------------------------------------------------------------------


def _several(n: int, what: str) -> str:
    return f"1 {what}" if n == 1 else f"{_large(n)} {what}s"


def _large(n: int) -> str:
    """A whole number, exactly; a long one with its size.

    >>> _large(12345), _large(2**100)
    ('12,345', '1,267,650,600,228,229,401,496,703,205,376 (1.3e+30)')
    """
    text = f"{n:,}"
    return text if n < 10**15 else f"{text} ({_power(n)})"


def _power(n: int) -> str:
    digits = str(n)
    return f"{int(digits[:3]) / 100:.1f}e+{len(digits) - 1}"


def _shortened(names: list[str]) -> str:
    """A path as names; the middle of a long one is left out."""
    if len(names) > MOST_NAMES:
        half = MOST_NAMES // 2
        left_out = len(names) - 2 * half
        names = [*names[:half], f"({left_out} more)", *names[-half:]]
    return " → ".join(names)


def _product(steps: tuple[Step, ...]) -> str:
    """The factors of a path, written in the order of the path."""
    if len(steps) > MOST_NAMES:
        return f"{len(steps)} factors"
    return " · ".join(factor(step.derivative) for step in steps) or "1"
