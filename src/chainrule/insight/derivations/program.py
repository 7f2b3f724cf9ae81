"""A run of a user's function that keeps, beside its graph, which lines ran and what they named.

Python tells a trace function of each line before it runs; there the function's local variables are
looked at, and a traced value among them gives its variable the user's own name for it. Lines are
kept in the order in which they ran, so those of a loop come once for each turn.
"""

from __future__ import annotations

import dis
import functools
import inspect
import linecache
import sys
import sysconfig
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from types import CodeType, FrameType
from typing import Any, cast

import numpy as np

from chainrule.core.graph import Equation, Graph, Source, Var
from chainrule.core.trace import Trace, TracedValue, is_of_library
from chainrule.core.tree import Structure
from chainrule.transforms.recording import record
from chainrule.transforms.trace import freeze

MOST_LINES = 100_000  # after these no more lines and names are kept
MOST_ARRAYS = 100
_OTHERS = (
    "<frozen",
    "<string>",  # made by dataclasses and named tuples, unless the function itself is there
    *(sysconfig.get_paths()[name] for name in ("stdlib", "platstdlib", "purelib", "platlib")),
)


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
        inner_names: the same names for variables of a graph that an equation holds.
        arrays: plain arrays by the names that they had.
    """

    graph: Graph
    lines: tuple[SourceLine, ...]
    names: dict[Var, str]
    structure: Structure | None
    inner_names: Callable[[Graph], dict[Var, str]]
    arrays: Mapping[str, Any] = field(default_factory=dict[str, Any])


@dataclass
class _Watch:
    """What the trace function sees."""

    trace: Trace
    own: str  # file of the function
    arrays: dict[str, Any] = field(default_factory=dict[str, Any])
    lines: list[tuple[Source, int, int]] = field(default_factory=list[tuple[Source, int, int]])
    names: dict[Trace, dict[int, str]] = field(default_factory=dict[Trace, dict[int, str]])
    depth: int = -1

    def call(self, frame: FrameType, event: str, arg: Any) -> Any:
        """For each call: whether its lines are looked at."""
        del event, arg
        file = frame.f_code.co_filename
        if file != self.own and (is_of_library(file) or file.startswith(_OTHERS)):
            return None
        if self._is_full:
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
            inline = code.co_name.startswith("<")  # a comprehension or lambda, within a line
            depth = max(self.depth - inline, 0)
            self.lines.append((here, depth, len(self.trace.records)))
        return self.line

    @property
    def _is_full(self) -> bool:
        return len(self.lines) >= MOST_LINES

    def _look_at_names(self, frame: FrameType) -> None:
        for name, value in frame.f_locals.items():
            if not (name.isidentifier() and name.strip("_")):
                continue
            if isinstance(value, TracedValue):
                self.names.setdefault(value.recorder, {}).setdefault(value.index, name)
            elif isinstance(value, np.ndarray) and len(self.arrays) < MOST_ARRAYS:
                self.arrays.setdefault(name, value)


def run_program(f: Callable[..., Any], leaves: Sequence[Any], of_leaves: Any) -> Program:
    """Run ``f`` once on traced values, as ``cr.trace`` does, and keep lines and names.

    Args:
        f: the user's function, whose own lines are shown even where they make no equation.
        leaves: values of the graph's inputs.
        of_leaves: calls ``f`` with leaves.
    """
    trace = Trace(differentiates=False, sources=True)
    code = _code_of(f)
    watch = _Watch(trace, "" if code is None else code.co_filename)

    def watched(*xs: Any) -> Any:
        before = sys.gettrace()
        sys.settrace(watch.call)
        try:
            return of_leaves(*xs)
        finally:
            sys.settrace(before)

    recording = record(watched, leaves, trace=trace, of_user=True)
    graph = freeze(recording)
    lines = _dedented(_without_ends(_lines(code, graph, watch)))
    if code is not None and code.co_name == "<lambda>" and (body := _segment(code)):
        here = code.co_filename, code.co_firstlineno
        lines = tuple(
            replace(line, text=body) if line.source and line.source[:2] == here else line
            for line in lines
        )
    names = _names(graph, trace, watch)
    return Program(
        graph, lines, names, recording.structure, lambda g: _inner_names(g, watch), watch.arrays
    )


def _code_of(f: Any) -> CodeType | None:
    """The code of a user's function, method or callable object; None of anything else."""
    if isinstance(f, functools.partial):
        return _code_of(cast("functools.partial[Any]", f).func)
    if inspect.ismethod(f):
        return _code_of(f.__func__)
    f = inspect.unwrap(f)
    if not inspect.isfunction(f):
        f = type(f).__call__
    if not inspect.isfunction(f) or is_of_library(f.__code__.co_filename):
        return None
    return f.__code__


def _names(graph: Graph, trace: Trace, watch: _Watch) -> dict[Var, str]:
    """Names of the variables of a graph, which stand in the order in which they were recorded."""
    made = [v for e in graph.equations for v in e.outputs]
    own = trace.count - len(made)  # inputs; arrays and values from around it were put before them
    variables = [*graph.inputs[len(graph.inputs) - own :], *made]
    return {variables[i]: name for i, name in watch.names.get(trace, {}).items()}


def _inner_names(graph: Graph, watch: _Watch) -> dict[Var, str]:
    """Names in a graph that an equation holds: of the recording with the same operations."""
    operations = [e.primitive for e in graph.equations]
    for trace in watch.names:
        if trace is not watch.trace and [record[0] for record in trace.records] == operations:
            return _names(graph, trace, watch)
    return {}


def _lines(code: CodeType | None, graph: Graph, watch: _Watch) -> list[SourceLine]:
    """Lines with their equations: those that a line made before the next one began."""
    found: list[SourceLine] = []
    depths = {_place(source): depth for source, depth, _ in reversed(watch.lines)}
    starts = [start for _, _, start in watch.lines]
    ends = [*starts[1:], len(graph.equations)][: len(starts)]
    found += grouped(graph.equations[: starts[0] if starts else None], depths)
    for (source, depth, start), end in zip(watch.lines, ends, strict=True):
        if start < end:
            made = grouped(graph.equations[start:end], depths)
            found += _continued(found, made, inline=source.function.startswith("<"))
        elif code and (source.file, source.function) == (code.co_filename, code.co_name):
            found.append(SourceLine(_text(source), source, depth, ()))
    if code is not None and found and code.co_name != "<lambda>":
        head = _definition(Source(code.co_filename, code.co_firstlineno, code.co_name))
        if _text(head) and all(line.source != head for line in found):
            found.insert(0, SourceLine(_text(head), head, 0, ()))
    return found


def _continued(
    found: list[SourceLine], made: list[SourceLine], *, inline: bool
) -> list[SourceLine]:
    """``made``, put together with the line before if that is the same one, not yet at its end.

    Calls within a line stand between its beginning and its equations; of a comprehension each turn
    is such a call.
    """
    if not found or _place(found[-1].source) != _place(made[0].source):
        return made
    if found[-1].equations and not inline:
        return made
    before = found.pop()
    return [replace(before, equations=before.equations + made[0].equations), *made[1:]]


def grouped(
    equations: Sequence[Equation], depths: Mapping[tuple[str, int] | None, int]
) -> list[SourceLine]:
    """Equations by the line that made them; those after a call are of one that began before it.

    Only lines that were seen to run, at some depth, are of the program: others called it.
    """
    groups: list[SourceLine] = []
    rest = list(equations)
    while rest:
        source = rest[0].source
        n = next((i for i, e in enumerate(rest) if _place(e.source) != _place(source)), len(rest))
        depth = depths.get(_place(source))
        if source is None or depth is None:
            groups.append(SourceLine("", None, 0, tuple(rest[:n])))
        else:
            groups.append(SourceLine(_text(source), source, depth, tuple(rest[:n])))
        rest = rest[n:]
    return groups


def _place(source: Source | None) -> tuple[str, int] | None:
    return None if source is None else (source.file, source.line)


def _dedented(lines: Sequence[SourceLine]) -> tuple[SourceLine, ...]:
    """Lines without the indentation that all of a function have, deeper by one for each call."""
    least: dict[tuple[str, int], int] = {}
    for line in lines:
        if line.source is not None and line.text:
            of = line.source.file, line.depth
            indentation = len(line.text) - len(line.text.lstrip())
            least[of] = min(least.get(of, indentation), indentation)
    found: list[SourceLine] = []
    for line in lines:
        if line.source is not None:
            of = line.source.file, line.depth
            text = line.text[least.get(of, 0) :]
            line = replace(line, text="    " * (2 * line.depth) + text if text else "")
        found.append(line)
    return tuple(found)


def _segment(code: CodeType) -> str:
    """What a lambda returns, as it is written; "" if that is more than a line."""
    skipped = ("RESUME", "RETURN_VALUE", "MAKE_CELL", "COPY_FREE_VARS")
    places = [i.positions for i in dis.get_instructions(code) if i.opname not in skipped]
    first = code.co_firstlineno
    starts, ends = [len(_line(code.co_filename, first))], [0]
    for place in places:
        if place is None or (place.lineno, place.end_lineno) != (first, first):
            return ""
        starts.append(place.col_offset or 0)
        ends.append(place.end_col_offset or 0)
    return _line(code.co_filename, first)[min(starts) : max(ends)].decode(errors="replace")


def _line(file: str, number: int) -> bytes:
    """A line as columns of instructions are counted in it."""
    return linecache.getline(file, number).encode()


def _without_ends(lines: Sequence[SourceLine]) -> list[SourceLine]:
    """Lines without the last look at the head of a loop, which finds that there is no more."""

    def indentation(line: SourceLine) -> int:
        return len(line.text) - len(line.text.lstrip())

    found: list[SourceLine] = []
    for line, after in zip(lines, [*lines[1:], None][: len(lines)], strict=True):
        head = not line.equations and line.text.lstrip().startswith(("for ", "while "))
        if not (head and (after is None or indentation(after) <= indentation(line))):
            found.append(line)
    return found


def _definition(head: Source) -> Source:
    """The line with ``def``: decorators stand before it."""
    line = head.line
    while _text(head._replace(line=line)).lstrip().startswith("@"):
        line += 1
    return head._replace(line=line)


def _text(source: Source) -> str:
    return linecache.getline(source.file, source.line).rstrip()
