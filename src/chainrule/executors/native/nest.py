"""One loop nest as text: loads where their index is known, statements inside, sums and stores.

Operands are parameters ``a0, p0, a1, p1 ...``: a flat array and where it begins. Axes that all
operands run through alike are joined into one long loop. A sum over the innermost axes is kept in a
local name; one over outer axes is added up in memory.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator
from dataclasses import dataclass, field

import numpy as np

from chainrule.executors.native.refs import Ref

_PLACE = re.compile(r"#(\d+)")  # an entry that is read or written where it stands
_MENTION = re.compile(r"@(\d+)")  # an operand that is loaded; becomes the local name t<number>


@dataclass(frozen=True)
class Reduction:
    """A value that is summed (or whose largest is kept) into operand ``to``."""

    to: int
    value: str
    how: str
    dtype: str

    @property
    def neutral(self) -> str:
        """What it begins with."""
        t = self.dtype
        if self.how in ("max", "min"):
            return _extreme(t, largest=self.how == "min")
        return {"sum": f"{t}(0)", "prod": f"{t}(1)", "all": "True", "any": "False"}[self.how]

    def combined(self, place: str) -> str:
        """The statement that takes one more value in."""
        plain = {"sum": "+", "prod": "*", "all": "&", "any": "|"}.get(self.how)
        if plain is not None:
            return f"{place} {plain}= {self.value}"
        sign = ">" if self.how == "max" else "<"
        x = self.value
        return f"{place} = choose(({x} {sign} {place}) | ({x} != {x}), {x}, {place})"


def _extreme(t: str, *, largest: bool) -> str:
    """The largest or smallest value of a dtype, as text."""
    if t == "bool_":
        return str(largest)
    if t.startswith("float"):
        return f"{t}(np.inf)" if largest else f"{t}(-np.inf)"
    info = np.iinfo(t)
    return f"{t}({info.max if largest else info.min})"


@dataclass
class Nest:
    """A loop nest over ``shape`` while it is put together; ``text`` writes it."""

    shape: tuple[int, ...]
    parameters: list[tuple[str, str]] = field(default_factory=list[tuple[str, str]])
    strides: list[tuple[int, ...]] = field(default_factory=list[tuple[int, ...]])
    known: dict[Ref, int] = field(default_factory=dict[Ref, int])
    lines: list[str] = field(default_factory=list[str])
    stores: list[tuple[int, str]] = field(default_factory=list[tuple[int, str]])
    reductions: list[Reduction] = field(default_factory=list[Reduction])
    suffixes: dict[int, str] = field(default_factory=dict[int, str])
    cut: int | None = None  # the axis of which only entries ``lo`` to ``hi`` are run through

    def operand(self, array: str, offset: str, strides: tuple[int, ...]) -> int:
        """The number of the parameter for an array seen through strides."""
        for number, parameter in enumerate(self.parameters):
            # read and overwritten: one name for both, so that LLVM sees that it is the same memory
            if parameter == (array, offset) and self.strides[number] == strides:
                return number
        self.parameters.append((array, offset))
        self.strides.append(strides)
        return len(self.parameters) - 1

    def gathered(self, array: str, offset: str, strides: tuple[int, ...], suffix: str) -> str:
        """The text of an entry whose place is known inside the loops only, by ``suffix``."""
        self.parameters.append((array, offset))
        self.strides.append(strides)
        self.suffixes[len(self.parameters) - 1] = suffix
        return f"#{len(self.parameters) - 1}"

    def text(self) -> str:
        """Parameters and body of the function."""
        body = "\n".join(f"    {line}" for line in _Text(self, *self._collapsed()).lines())
        names = [f"a{i}, p{i}" for i in range(len(self.parameters))]
        names += ["lo, hi"] if self.cut is not None else []
        return f"({', '.join(names)}):\n{body}\n"

    def _collapsed(self) -> tuple[list[int], list[list[int]], int]:
        """Sizes of the loops, each operand's steps in them, and which of the loops is cut."""
        sizes: list[int] = []
        steps: list[list[int]] = [[] for _ in self.strides]
        cut = -1
        for axis, n in enumerate(self.shape):
            if n == 1:
                continue
            here = [s[axis] for s in self.strides]
            joins = all(k[-1:] == [s * n] for k, s in zip(steps, here, strict=True))
            if axis == self.cut:
                cut = len(sizes)
            if sizes and joins and axis != self.cut:
                sizes[-1] *= n
                for k, s in zip(steps, here, strict=True):
                    k[-1] = s
            else:
                sizes.append(n)
                for k, s in zip(steps, here, strict=True):
                    k.append(s)
        return sizes, steps, cut


class _Text:
    """Writes a nest whose loops are known."""

    def __init__(self, nest: Nest, sizes: list[int], steps: list[list[int]], cut: int) -> None:
        self.nest, self.sizes, self.steps, self.cut = nest, sizes, steps, cut
        self.loads = {n: self._depth(n) for n in sorted(self._mentioned())}
        self.local = {
            r.to: d for r in nest.reductions if (d := self._local_depth(r.to)) is not None
        }

    def lines(self) -> Iterator[str]:
        """The whole body."""
        for r in self.nest.reductions:
            if r.to not in self.local:
                steps = self.steps[r.to]
                size = math.prod(n for n, s in zip(self.sizes, steps, strict=True) if s)
                yield f"for j in {self._range(size)}:"
                yield f"    a{r.to}[p{r.to} + j] = {r.neutral}"
        yield from self._at(0)

    def _at(self, depth: int) -> Iterator[str]:
        pad = "    " * depth
        for number, where in self.loads.items():
            if where == depth:
                yield f"{pad}t{number} = {self._entry(number)}"
        here = [r for r in self.nest.reductions if self.local.get(r.to) == depth]
        for r in here:
            yield f"{pad}s{r.to} = {r.neutral}"
        if depth == len(self.sizes):
            yield from (pad + line for line in self._inside())
        else:
            n = self.sizes[depth]
            run_through = self._range(n) if depth == self.cut else f"range({n})"
            yield f"{pad}for i{depth} in {run_through}:"
            yield from self._at(depth + 1)
        for r in here:
            yield f"{pad}{self._entry(r.to)} = s{r.to}"

    def _range(self, n: int) -> str:
        """A range over ``n`` entries of which, where the nest is cut, only a part is run through.

        The axis that is cut is the first of those that are joined here.
        """
        if self.nest.cut is None:
            return f"range({n})"
        each = n // self.nest.shape[self.nest.cut]
        return "range(lo, hi)" if each == 1 else f"range(lo * {each}, hi * {each})"

    def _inside(self) -> Iterator[str]:
        for line in self.nest.lines:
            yield self._named(line)
        for r in self.nest.reductions:
            place = f"s{r.to}" if r.to in self.local else self._entry(r.to)
            yield self._named(r.combined(place))
        for to, value in self.nest.stores:
            yield f"{self._entry(to)} = {self._named(value)}"

    def _entry(self, number: int) -> str:
        terms = [f"p{number}"]
        for axis, step in enumerate(self.steps[number]):
            if step:
                terms.append(f"i{axis}" if step == 1 else f"i{axis} * {step}")
        return f"a{number}[{' + '.join(terms)}{self.nest.suffixes.get(number, '')}]"

    def _named(self, line: str) -> str:
        """A line with its operands by name."""
        line = _MENTION.sub(r"t\1", line)
        return _PLACE.sub(lambda found: self._entry(int(found.group(1))), line)

    def _depth(self, number: int) -> int:
        """How many loops deep the index of an operand is known."""
        return max((axis + 1 for axis, s in enumerate(self.steps[number]) if s), default=0)

    def _local_depth(self, number: int) -> int | None:
        """Where a sum over the innermost loops begins; None if it is not over the innermost."""
        outer = [axis for axis, s in enumerate(self.steps[number]) if s]
        return len(outer) if outer == list(range(len(outer))) else None

    def _mentioned(self) -> set[int]:
        texts = [
            *self.nest.lines,
            *(r.value for r in self.nest.reductions),
            *(value for _, value in self.nest.stores),
        ]
        return {int(n) for text in texts for n in _MENTION.findall(text)}
