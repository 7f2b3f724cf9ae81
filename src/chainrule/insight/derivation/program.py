"""A run of a user's function that keeps, beside its graph, which lines ran and what they named.

Python tells a trace function of each line before it runs; there the function's local variables are
looked at, and a traced value among them gives its variable the user's own name for it. Lines are
kept in the order in which they ran, so those of a loop come once for each turn.
"""

from __future__ import annotations

import linecache
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from types import CodeType, FrameType
from typing import Any

from chainrule.core.graph import Equation, Graph, Source, Var
from chainrule.core.trace import Trace, TracedValue, is_of_library
from chainrule.core.tree import Structure
from chainrule.transforms.recording import record
from chainrule.transforms.trace import freeze

MOST_LINES = 100_000  # after these no more lines and names are kept


@dataclass(frozen=True)
class SourceLine:
    """A line that ran, and the equations that it made.

    Attributes:
        text: the line as it is written, without the indentation that all have.
        source: where it stands; None for equations whose line is not known.
        depth: how many calls below the function.
        equations: what it made, in order.
    """

    text: str
    source: Source | None
    depth: int
    equations: tuple[Equation, ...]


@dataclass(frozen=True)
class Program:
    """A graph with the lines and names of the program that it was recorded from.

    Attributes:
        graph: the graph.
        lines: the lines that ran, the one with the function's name first.
        names: the first name that a variable had in the program.
        structure: the container of the results.
    """

    graph: Graph
    lines: tuple[SourceLine, ...]
    names: dict[Var, str]
    structure: Structure


@dataclass
class _Watch:
    """What the trace function sees."""

    trace: Trace
    lines: list[tuple[Source, int, int]] = field(default_factory=list[tuple[Source, int, int]])
    names: dict[int, str] = field(default_factory=dict[int, str])
    depth: int = -1

    def call(self, frame: FrameType, event: str, arg: Any) -> Any:
        """For each call: whether its lines are looked at."""
        del event, arg
        file = frame.f_code.co_filename
        if is_of_library(file) or file.startswith("<frozen") or self._is_full:
            return None
        self.depth += 1
        return self.line

    def line(self, frame: FrameType, event: str, arg: Any) -> Any:
        """For each line that is about to run, and for the end of a call."""
        del arg
        self._look_at_names(frame)
        if event == "return":
            self.depth -= 1
        elif event == "line" and not self._is_full:
            code = frame.f_code
            here = Source(code.co_filename, frame.f_lineno, code.co_name)
            self.lines.append((here, max(self.depth, 0), len(self.trace.records)))
        return self.line

    @property
    def _is_full(self) -> bool:
        return len(self.lines) >= MOST_LINES

    def _look_at_names(self, frame: FrameType) -> None:
        for name, value in frame.f_locals.items():
            if isinstance(value, TracedValue) and value.recorder is self.trace:
                if name.isidentifier() and name.strip("_"):
                    self.names.setdefault(value.index, name)


def run_program(f: Callable[..., Any], leaves: Sequence[Any], of_leaves: Any) -> Program:
    """Run ``f`` once on traced values, as ``cr.trace`` does, and keep lines and names.

    Args:
        f: the user's function, whose own lines are shown even where they make no equation.
        leaves: values of the graph's inputs.
        of_leaves: calls ``f`` with leaves.
    """
    trace = Trace(differentiates=False, sources=True)
    code = getattr(f, "__code__", None)
    watch = _Watch(trace)

    def watched(*xs: Any) -> Any:
        before = sys.gettrace()
        sys.settrace(watch.call)
        try:
            return of_leaves(*xs)
        finally:
            sys.settrace(before)

    recording = record(watched, leaves, trace=trace, of_user=True)
    graph = freeze(recording)
    variables = [*graph.inputs, *(v for e in graph.equations for v in e.outputs)]
    names = {variables[i]: name for i, name in watch.names.items()}
    lines = _dedented(_lines(code, graph, watch))
    return Program(graph, lines, names, recording.structure)


def _lines(code: CodeType | None, graph: Graph, watch: _Watch) -> list[SourceLine]:
    """Lines with their equations: those that a line made before the next one began."""
    found: list[SourceLine] = []
    starts = [start for _, _, start in watch.lines]
    first = starts[0] if starts else len(graph.equations)
    found += _groups(graph.equations[:first], None, 0)
    ends = [*starts[1:], len(graph.equations)]
    for (source, depth, start), end in zip(watch.lines, ends, strict=True):
        if start < end:
            found += _groups(graph.equations[start:end], source, depth)
        elif code and (source.file, source.function) == (code.co_filename, code.co_name):
            found.append(SourceLine(_text(source), source, depth, ()))
    if code is not None and found:
        head = _definition(Source(code.co_filename, code.co_firstlineno, code.co_name))
        if _text(head) and all(line.source != head for line in found):
            found.insert(0, SourceLine(_text(head), head, 0, ()))
    return found


def _groups(equations: Sequence[Equation], at: Source | None, depth: int) -> list[SourceLine]:
    """Equations that one line made; those after a call are of a line that had begun before."""
    groups: list[SourceLine] = []
    rest = list(equations)
    while rest:
        source = rest[0].source
        n = next((i for i, e in enumerate(rest) if e.source != source), len(rest))
        below = depth if source is None or at is None or source.function == at.function else 0
        text = "" if source is None else _text(source)
        groups.append(SourceLine(text, source, below, tuple(rest[:n])))
        rest = rest[n:]
    return groups


def _dedented(lines: Sequence[SourceLine]) -> tuple[SourceLine, ...]:
    """Lines without the indentation that all of a function have, deeper by one for each call."""
    least: dict[tuple[str, str], int] = {}
    for line in lines:
        if line.source is not None and line.text:
            of = line.source.file, line.source.function
            indentation = len(line.text) - len(line.text.lstrip())
            least[of] = min(least.get(of, indentation), indentation)
    found: list[SourceLine] = []
    for line in lines:
        if line.source is not None:
            of = line.source.file, line.source.function
            text = "    " * line.depth + line.text[least.get(of, 0) :]
            line = replace(line, text=text)  # noqa: PLW2901
        found.append(line)
    return tuple(found)


def _definition(head: Source) -> Source:
    """The line with ``def``: decorators stand before it."""
    line = head.line
    while _text(head._replace(line=line)).lstrip().startswith("@"):
        line += 1
    return head._replace(line=line)


def _text(source: Source) -> str:
    return linecache.getline(source.file, source.line).rstrip()
