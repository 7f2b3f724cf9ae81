"""The lines of a function beside its graph: which boxes belong to each, and what it gave.

The blocks of lines that are shown are the function itself and those that it calls, as far as they
are the user's.
"""

from __future__ import annotations

import ast
import linecache
import sysconfig
import traceback
from bisect import bisect_left
from collections.abc import Iterable, Sequence
from functools import lru_cache
from typing import Any

from chainrule.core.errors import ChainruleError
from chainrule.core.places import place, short_place
from chainrule.core.trace import is_of_library
from chainrule.drawing.short import short
from chainrule.explorer.functions.picture import Picture
from chainrule.explorer.functions.traced import Traced
from chainrule.explorer.subjects import FunctionSubject
from chainrule.insight.notation.names import cotangent

Plain = Any
Place = tuple[str, int]
MOST_LINES = 400  # that are shown


def source_of(traced: Traced, picture: Picture) -> Plain:
    """The lines of a function: each with its boxes, and with the values that it gave."""
    places = _places(traced)
    lines = _lines(places)
    boxes: dict[str, dict[str, None]] = {}
    for node in traced.view.nodes:
        if node.source:
            boxes.setdefault(node.source, {})[picture.box(node.key)] = None
    return {
        "lines": [_line(at, boxes.get(place(*at), {})) for at in lines],
        "values": _values(traced, picture, {at: k for k, at in enumerate(lines)}),
    }


def _line(at: Place, boxes: Iterable[str]) -> Plain:
    file, number = at
    text = linecache.getline(file, number).rstrip()
    name = short_place(file, number).removesuffix(f":{number}").removesuffix(f", line {number}")
    return {"file": name, "number": number, "text": text, "boxes": list(boxes)}


def _places(traced: Traced) -> list[Place]:
    """All lines that ran, the function's first one at first."""
    program = traced.prepared.program
    sources = [line.source for line in program.lines]
    sources += [e.source for e in traced.graph.equations]
    known = [s for s in sources if s is not None and not s.outside and not s.sweep]
    return list(dict.fromkeys((s.file, s.line) for s in known if linecache.getline(s.file, s.line)))


def _values(traced: Traced, picture: Picture, lines: dict[Place, int]) -> list[Plain]:
    """What the user's variables are, in the order in which they come to be."""
    named, found = traced.prepared.program.names, list[Plain]()
    outputs = set(traced.graph.outputs)
    for n, e in enumerate(traced.graph.equations):
        at = None if e.source is None else lines.get((e.source.file, e.source.line))
        for v in e.outputs:
            if at is None or not (v in named or v in outputs):
                continue
            symbol, ct = traced.symbols[v], traced.cotangent(v)
            found.append({
                "line": at, "at": n + 1, "name": symbol.text, "value": short(traced.value(v)),
                "bar": cotangent(symbol).text, "gradient": "" if ct is None else short(ct),
                "back": picture.moments.complete(v),
            })  # fmt: skip
    return _seen(found, [stop.at for stop in picture.stops()])


def _seen(values: Sequence[Plain], stops: Sequence[int]) -> list[Plain]:
    """Those that are the newest of their line at some position."""
    newer: dict[int, tuple[int, int]] = {}  # of each line: a moment, and the one at which it ends
    found: list[Plain] = []
    for value in reversed(values):
        at, line = value["at"], value["line"]
        before = newer.get(line, (stops[-1] + 1, 0))
        end = before[1] if before[0] == at else before[0]
        k = bisect_left(stops, at)
        if k < len(stops) and stops[k] < end:
            found.append(value)
        newer[line] = at, end
    return found[::-1]


# ---- which lines ---------------------------------------------------------------------------------


def _lines(places: Sequence[Place]) -> list[Place]:
    """All lines of the functions that some lines are in."""
    blocks: list[tuple[str, int, int]] = []
    for file, number in places:
        if not any(f == file and first <= number <= last for f, first, last in blocks):
            blocks.append((file, *_block(file, number)))
    lines = [(file, n) for file, first, last in blocks for n in range(first, last + 1)]
    return list(dict.fromkeys(lines))[:MOST_LINES]


def _block(file: str, number: int) -> tuple[int, int]:
    """First and last line of the function that a line is in; the line itself if it is in none."""
    around = [(a, b) for a, b in _functions("".join(linecache.getlines(file))) if a <= number <= b]
    return max(around, default=(number, number))


@lru_cache(maxsize=64)
def _functions(text: str) -> list[tuple[int, int]]:
    try:
        tree = ast.parse(text)
    except (SyntaxError, ValueError):
        return []
    kinds = (ast.FunctionDef, ast.AsyncFunctionDef)
    return [(x.lineno, x.end_lineno or x.lineno) for x in ast.walk(tree) if isinstance(x, kinds)]


# ---- what went wrong -----------------------------------------------------------------------------


def problem_of(subject: FunctionSubject, error: Exception) -> Plain:
    """An error of a user's function: what it says, where, and the lines around it."""
    frames = traceback.extract_tb(error.__traceback__)
    places = [(f.filename, f.lineno or 0) for f in frames if _is_users(f.filename)]
    code = getattr(subject.f, "__code__", None)
    own = [] if code is None else [(code.co_filename, code.co_firstlineno)]
    last = places[-1] if places else None
    kind = "" if isinstance(error, ChainruleError) else f"{type(error).__name__}: "
    where = "" if last is None else f"{short_place(*last)}: "
    lines = _lines([*own, *([last] if last else [])])
    return {
        "problem": f"{where}{kind}{error}",
        "line": lines.index(last) if last in lines else -1,
        "source": {"lines": [_line(at, ()) for at in lines], "values": []},
    }


def _is_users(file: str) -> bool:
    installed = tuple(sysconfig.get_paths()[name] for name in ("stdlib", "purelib", "platlib"))
    return not (is_of_library(file) or file.startswith((*installed, "<frozen")))
