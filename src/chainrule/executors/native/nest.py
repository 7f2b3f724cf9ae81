"""One loop nest as text: loads where their index is known, statements inside, sums and stores.

Operands are parameters ``a0, a1 ...``, pointers to where they begin: of an array, Numba would ask
at each entry whether the index counts from the end, and LLVM then gathers or does not vectorise.
Axes that all operands run through alike are joined into one long loop; ``order.py`` says which one
runs innermost. A sum over the innermost axes is kept in a local name, that of floats in blocks
(``reductions.py``); one over outer axes is added up in memory.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from chainrule.executors.native.circular import FARTHEST
from chainrule.executors.native.order import TILE, across, loop_order
from chainrule.executors.native.reductions import BLOCK, FEW, LANES, Reduction
from chainrule.executors.native.refs import Ref

_PLACE = re.compile(r"#(\d+)")  # an entry that is read or written where it stands
WRITTEN_OUT = range(8, 64)  # turns of innermost loops that LLVM writes out instead of vectorising
_MENTION = re.compile(r"@(\d+)")  # an operand that is loaded; becomes the local name t<number>
_LOCAL = re.compile(r"\bv\d+\b")  # a value that a line before has computed
_ELEMENTARY = re.compile(r"_float(?:32|64)\(")  # the call of a function in ``kernels.py``
_OF_ANGLE = re.compile(r"\b((?:sin|cos|tan)_float(?:32|64))\(")


@dataclass
class Nest:
    """A loop nest over ``shape`` while it is put together; ``text`` writes it."""

    shape: tuple[int, ...]
    parameters: list[str] = field(default_factory=list[str])
    strides: list[tuple[int, ...]] = field(default_factory=list[tuple[int, ...]])
    known: dict[Ref, int] = field(default_factory=dict[Ref, int])
    lines: list[str] = field(default_factory=list[str])
    stores: list[tuple[int, str]] = field(default_factory=list[tuple[int, str]])
    reductions: list[Reduction] = field(default_factory=list[Reduction])
    angles: list[str] = field(default_factory=list[str])
    suffixes: dict[int, str] = field(default_factory=dict[int, str])
    cut: int | None = None  # the axis of which only entries ``lo`` to ``hi`` are run through

    def operand(self, array: str, offset: str, strides: tuple[int, ...]) -> int:
        """The number of the parameter for an array seen through strides."""
        begin = f"start({array}, {offset})"
        for number, parameter in enumerate(self.parameters):
            # read and overwritten: one name for both, so that LLVM sees that it is the same memory
            if parameter == begin and self.strides[number] == strides:
                return number
        self.parameters.append(begin)
        self.strides.append(strides)
        return len(self.parameters) - 1

    def gathered(self, array: str, offset: str, strides: tuple[int, ...], suffix: str) -> str:
        """The text of an entry whose place is known inside the loops only, by ``suffix``."""
        self.parameters.append(f"start({array}, {offset})")
        self.strides.append(strides)
        self.suffixes[len(self.parameters) - 1] = suffix
        return f"#{len(self.parameters) - 1}"

    def text(self) -> str:
        """Parameters and body of the function."""
        body = "\n".join(f"    {line}" for line in _Text(self, *self._collapsed()).lines())
        names = [f"a{i}" for i in range(len(self.parameters))]
        names += ["lo, hi"] if self.cut is not None else []
        return f"({', '.join(names)}):\n{body}\n"

    def _collapsed(self) -> tuple[list[int], list[list[int]], int]:
        """Sizes of the loops, each operand's steps in them, and which of the loops is cut."""
        sizes: list[int] = []
        steps: list[list[int]] = [[] for _ in self.strides]
        cut = -1
        for axis in self._order():
            n = self.shape[axis]
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

    def _order(self) -> list[int]:
        """The axes in the order in which they run, wherever they are cut; those of an index stay
        as they are."""
        axes = [axis for axis, n in enumerate(self.shape) if n != 1]
        if self.suffixes:
            return axes
        steps = [[s[a] for a in axes] for s in self.strides]
        return [axes[i] for i in loop_order([self.shape[a] for a in axes], steps, self.written)]

    @property
    def written(self) -> set[int]:
        """The operands that are stored or summed into."""
        return {to for to, _ in self.stores} | {r.to for r in self.reductions}


class _Text:
    """Writes a nest whose loops are known."""

    def __init__(self, nest: Nest, sizes: list[int], steps: list[list[int]], cut: int) -> None:
        self.nest, self.sizes, self.steps, self.cut = nest, sizes, steps, cut
        self.loads = {n: self._depth(n) for n in sorted(self._mentioned())}
        self.local = {
            r.to: d for r in nest.reductions if (d := self._local_depth(r.to)) is not None
        }
        plain = not (nest.reductions or nest.suffixes) and cut != len(sizes) - 1
        self.tiled = plain and across(sizes, steps) == len(sizes) - 2
        self.blocks = [r for r in nest.reductions if self._in_blocks(r)]
        # sums of several blocks
        self.paired = [
            r
            for r in self.blocks
            if r.how == "sum" and (sizes[-1] > BLOCK or self.local[r.to] < len(sizes) - 1)
        ]

    def lines(self) -> Iterator[str]:
        """The whole body."""
        if not self.nest.angles:
            yield from self._body()
            return
        body = list(self._body())
        yield from self._far()
        yield "if far:"
        yield from _indented((_OF_ANGLE.sub(r"far_\1(", line) for line in body), "    ")
        yield "else:"
        yield from _indented(body, "    ")

    def _far(self) -> Iterator[str]:
        """Whether an angle is beyond what the polynomials are for."""
        needed = list(dict.fromkeys(self.nest.angles))
        lines = [f"far |= abs({x}) > {FARTHEST}" for x in needed]
        for line in reversed(self.nest.lines):
            if line.split(" = ")[0] in {name for x in needed for name in _LOCAL.findall(x)}:
                needed.append(line)
                lines.insert(0, line)
        loads = sorted({int(n) for text in needed for n in _MENTION.findall(text)})
        yield "far = False"
        yield from self._asked(0, loads, lines)

    def _asked(self, depth: int, loads: list[int], lines: list[str]) -> Iterator[str]:
        """Lines inside of all loops, with the operands that they read."""
        yield from (f"t{n} = {self._entry(n)}" for n in loads if self.loads[n] == depth)
        if depth == len(self.sizes):
            yield from map(self._named, lines)
        else:
            yield f"for i{depth} in {self._turns(depth)}:"
            yield from _indented(self._asked(depth + 1, loads, lines), "    ")

    def _body(self) -> Iterator[str]:
        for r in self.nest.reductions:
            if r.to not in self.local:
                steps = self.steps[r.to]
                size = math.prod(n for n, s in zip(self.sizes, steps, strict=True) if s)
                yield f"for j in {self._range(size)}:"
                yield f"    a{r.to}[j] = {r.neutral}"
        for r in self.blocks:
            yield f"b{r.to} = block_{r.dtype}()"
        for r in self.paired:
            yield f"c{r.to} = block_{r.dtype}()"
        yield from self._at(0)

    def _at(self, depth: int) -> Iterator[str]:
        """What stands inside of ``depth`` loops."""
        for number, where in self.loads.items():
            if where == depth:
                yield f"t{number} = {self._entry(number)}"
        here = [r for r in self.nest.reductions if self.local.get(r.to) == depth]
        for r in here:
            yield f"k{r.to} = 0" if r in self.paired else f"s{r.to} = {r.neutral}"
        if depth == len(self.sizes):
            yield from self._inside()
        elif self.blocks and depth == len(self.sizes) - 1:
            yield from self._in_turns(depth)
        else:
            yield from self._loop(depth)
        for r in here:
            total = f"total_{r.dtype}(c{r.to}, k{r.to})" if r in self.paired else f"s{r.to}"
            yield f"{self._entry(r.to)} = {total}"

    def _loop(self, depth: int) -> Iterator[str]:
        """A loop and what stands in it; of the two innermost, the inner one may run in tiles."""
        n, last, pad = self.sizes[depth], len(self.sizes) - 1, ""
        if self.tiled and depth == last - 1:
            yield f"for j in range(0, {self.sizes[last]}, {TILE}):"
            pad = "    "
        turns = _part("j", n, TILE) if self.tiled and depth == last else self._turns(depth)
        yield f"{pad}for i{depth} in {turns}:"
        yield from _indented(self._at(depth + 1), pad + "    ")

    def _turns(self, depth: int) -> str:
        """The range of a loop."""
        n = self.sizes[depth]
        if depth == self.cut:
            return self._range(n)
        short = depth == len(self.sizes) - 1 and n in WRITTEN_OUT
        # Written out, a short loop keeps sums in registers
        sums = any(r not in self.blocks for r in self.nest.reductions)
        return f"range(turns({n}))" if short and not sums else f"range({n})"

    def _range(self, n: int) -> str:
        """A range over ``n`` entries of which, where the nest is cut, only a part is run through.

        The axis that is cut is the first of those that are joined here.
        """
        if self.nest.cut is None:
            return f"range({n})"
        each = n // self.nest.shape[self.nest.cut]
        return "range(lo, hi)" if each == 1 else f"range(lo * {each}, hi * {each})"

    def _in_turns(self, depth: int) -> Iterator[str]:
        """The innermost loop block by block, each of which is folded when it is full."""
        n, pad, count = self.sizes[depth], "", f"{self.sizes[depth]}"
        if n <= BLOCK:
            yield f"for i{depth} in {self._turns(depth)}:"
        else:
            yield f"for j in range(0, {n}, {BLOCK}):"
            pad, count = "    ", f"{BLOCK}" if n % BLOCK == 0 else f"min({BLOCK}, {n} - j)"
            yield f"{pad}for i{depth} in {_part('j', n, BLOCK)}:"
        yield from _indented(self._at(depth + 1), pad + "    ")
        yield from _indented(self._folded(count), pad)

    def _folded(self, count: str) -> Iterator[str]:
        """What takes the blocks in, which hold ``count`` entries."""
        for r in self.blocks:
            value = f"{r.folded}(b{r.to}, {count})"
            if r in self.paired:
                yield f"put_{r.dtype}(c{r.to}, k{r.to}, {value})"
                yield f"k{r.to} += 1"
            else:
                yield f"m{r.to} = {value}"
                yield r.combined(f"s{r.to}", f"m{r.to}")

    def _inside(self) -> Iterator[str]:
        for line in self.nest.lines:
            yield self._named(line)
        for r in self.nest.reductions:
            if r in self.blocks:
                last = len(self.sizes) - 1
                index = f"i{last}" if self.sizes[last] <= BLOCK else f"i{last} - j"
                yield f"b{r.to}[{index}] = {self._named(r.value)}"
            else:
                place = f"s{r.to}" if r.to in self.local else self._entry(r.to)
                yield self._named(r.combined(place, r.value))
        for to, value in self.nest.stores:
            yield f"{self._entry(to)} = {self._named(value)}"

    def _entry(self, number: int) -> str:
        terms: list[str] = []
        for axis, step in enumerate(self.steps[number]):
            if step:
                terms.append(f"i{axis}" if step == 1 else f"i{axis} * {step}")
        return f"a{number}[{' + '.join(terms) or '0'}{self.nest.suffixes.get(number, '')}]"

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

    def _in_blocks(self, r: Reduction) -> bool:
        """Whether floats are folded over an innermost loop that is long enough."""
        inner = self.local.get(r.to, len(self.sizes)) < len(self.sizes)
        calls = any(_ELEMENTARY.search(line) for line in self.nest.lines)
        return r.in_blocks and inner and self.sizes[-1] >= (FEW if calls else LANES)

    def _mentioned(self) -> set[int]:
        texts = [
            *self.nest.lines,
            *(r.value for r in self.nest.reductions),
            *(value for _, value in self.nest.stores),
        ]
        return {int(n) for text in texts for n in _MENTION.findall(text)}


def _indented(lines: Iterable[str], pad: str) -> Iterator[str]:
    return (pad + line for line in lines)


def _part(begin: str, n: int, size: int) -> str:
    """The range of a tile or block, the last of which may be smaller."""
    stop = f"{begin} + {size}"
    return f"range({begin}, {stop if n % size == 0 else f'min({stop}, {n})'})"
