"""``find_nonfinite``: the first operation whose value, or cotangent in a gradient, is NaN or Inf.

Eager recordings keep no lines, so the function is run once more and recorded with them, compiled
functions by their Python. Values come first, in the order of the graph, then cotangents, from the
result backwards; loops and branches are looked into by ``inside.py``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import nullcontext
from dataclasses import dataclass, replace
from typing import Any, Literal, cast

import numpy as np

from chainrule.branches.branching import Branching
from chainrule.checking.blame import graph_with_lines, line_text
from chainrule.checking.inside import Operation, operations
from chainrule.checking.problem import Leaves, Problem, is_float, problem_of
from chainrule.compile import Compiled
from chainrule.core.graph import Source
from chainrule.core.trace import Record, Trace, standing_for, type_of
from chainrule.core.tracebacks import users_frames
from chainrule.transforms.recording import Recording, record
from chainrule.transforms.vjp import pull_equation

SHOWN = 3  # entries


@dataclass(frozen=True)
class Numbers:
    """What is to be known of an array: its type, range and the entries that are not finite.

    Attributes:
        name: what it is.
        type: shape and dtype, as text.
        low, high: the range of its finite entries; NaN if there are none.
        nans, infinities: how many entries are not finite.
        entries: the first of these, as indices.
    """

    name: str
    type: str
    low: float
    high: float
    nans: int
    infinities: int
    entries: tuple[tuple[int, ...], ...]

    def __str__(self) -> str:
        bad = [f"{n} {what}" for n, what in ((self.nans, "NaN"), (self.infinities, "Inf")) if n]
        at = [f"[{', '.join(map(str, entry))}]" for entry in self.entries if entry]
        more = ", ..." if self.nans + self.infinities > len(self.entries) else ""
        place = f" at {', '.join(at)}{more}" if at else ""
        known = "" if np.isnan(self.low) else f"from {self.low:.6g} to {self.high:.6g}"
        return f"{self.name}: {self.type} " + ", ".join([*filter(None, [known]), *bad]) + place

    __repr__ = __str__


@dataclass(frozen=True)
class NonFinite:
    """Where the first NaN or Inf is made; its text says it in a few lines.

    Attributes:
        kind: "argument": it came in; "value": the function computes it; "cotangent": the reverse
            sweep of the gradient does, from ones at the results.
        primitive: the operation, empty for an argument.
        source: the user's file, line and function.
        path: the loops and branches around it, the outermost first, with the step.
        found: what is not finite.
        operands: what the operation was given.
    """

    kind: Literal["argument", "value", "cotangent"]
    primitive: str
    source: Source | None
    path: tuple[str, ...]
    found: Numbers
    operands: tuple[Numbers, ...]

    def __str__(self) -> str:
        if self.kind == "argument":
            return f"not finite as it is passed: {self.found}"
        what = "value" if self.kind == "value" else "cotangent in the reverse sweep"
        inside = f"\n  in {', '.join(reversed(self.path))}" if self.path else ""
        head = f"first {what} that is not finite: {self.primitive} at {line_text(self.source)}"
        return "\n".join([head + inside, f"  {self.found}", *(f"  {x}" for x in self.operands)])

    __repr__ = __str__


def find_nonfinite(f: Callable[..., Any], *args: Any, **kwargs: Any) -> NonFinite | None:
    """The first operation of ``f``, or of its gradient, that makes a NaN or an infinity.

    First the arguments are looked at, then each value that ``f`` computes, in order, then the
    cotangents of a reverse sweep that begins with ones at the results: those of ``cr.grad(f)``
    where f returns one number. Inside of ``cr.scan`` and ``cr.while_loop`` the step is named.

    Args:
        f: a function of arrays or containers of them. Of a compiled function the Python is run.
        args, kwargs: its arguments.

    Returns:
        None if all is finite; else a :class:`NonFinite` with the primitive, the line and the
        numbers there.

    >>> import numpy as np, chainrule as cr
    >>> def distance(x, y):
    ...     return np.sqrt(np.sum((x - y) ** 2))
    >>> x = np.array([1.0, 2.0])
    >>> cr.grad(distance)(x, x + 1)
    array([-0.70710678, -0.70710678])
    >>> cr.find_nonfinite(distance, x, x + 1)  # all is finite
    >>> print(cr.find_nonfinite(distance, x, x))  # the slope of the root at 0
    first cotangent in the reverse sweep that is not finite: sqrt at ...
      cotangent of operand 0: float64 1 Inf
      cotangent of the result: float64 from 1 to 1
      operand 0: float64 from 0 to 0
    """
    with users_frames:
        if isinstance(f, (Compiled, Branching)):
            f = cast("Any", f).__wrapped__
        problem = problem_of(f, args, kwargs)
        with np.errstate(all="ignore"):
            return _in_arguments(problem) or _in_values(problem) or _in_cotangents(problem)


# ---- arguments and values ------------------------------------------------------------------------


def _in_arguments(problem: Problem) -> NonFinite | None:
    for name, x in zip(problem.names, problem.point, strict=True):
        if not _is_finite(x):
            return NonFinite("argument", "", None, (), _numbers(name, x), ())
    return None


def _in_values(problem: Problem) -> NonFinite | None:
    xs = problem.fresh()
    graph = graph_with_lines(problem, xs)
    return _first(operations(graph, problem.fresh(), through_rules=True))


def _first(steps: Iterator[Operation]) -> NonFinite | None:
    """The first operation with a result that is not finite."""
    for step in steps:
        for x in step.results:
            if not _is_finite(x):
                name = step.equation.primitive.name
                found = _numbers("result", x)
                given = _operands(step.operands)
                return NonFinite("value", name, step.source, step.path, found, given)
    return None


# ---- cotangents ----------------------------------------------------------------------------------


def _in_cotangents(problem: Problem) -> NonFinite | None:
    """A reverse sweep from ones that stops at the first cotangent that is not finite."""
    trace = Trace(differentiates=True, sources=True)
    recording = record(problem.__call__, problem.fresh(), trace=trace)
    collected: list[Any] = [None] * trace.count
    _begin(recording, collected)
    for step in reversed(trace.records):
        places = range(step[4], step[4] + (len(step[5]) if step[0].several else 1))
        cts = [collected[i] for i in places]
        if all(ct is None for ct in cts):
            continue
        if step[0].several and (inner := _inside(step, cts)) is not None:
            return inner
        pull_equation(step, tuple(cts) if step[0].several else cts[0], collected)
        for position, i in enumerate(step[1]):
            if i >= 0 and collected[i] is not None and not _is_finite(collected[i]):
                return _of_cotangent(step, cts, position, collected[i])
    return None


def _begin(recording: Recording, collected: list[Any]) -> None:
    for index, out in zip(recording.output_indices, recording.outputs, strict=True):
        if index >= 0:
            one = np.ones(np.shape(out), type_of(out).dtype)[()]
            collected[index] = one if collected[index] is None else collected[index] + one


def _inside(step: Record, cts: Sequence[Any]) -> NonFinite | None:
    """What is not finite in the reverse sweep of an equation that holds graphs."""
    found = _first(_steps_back(step, cts))
    if found is None:
        return None
    path = (f"the derivative of {step[0].name}", *found.path)
    return replace(found, kind="cotangent", path=path, source=found.source or step[6])


def _of_cotangent(step: Record, cts: Sequence[Any], position: int, bad: Any) -> NonFinite:
    """The report for an equation that pulls a cotangent back to one that is not finite."""
    primitive, _, values, _, _, _, source = step
    arriving = tuple(_numbers("cotangent of the result", ct) for ct in cts if ct is not None)
    found = _numbers(f"cotangent of operand {position}", bad)
    operands = (*arriving, *_operands(values))
    return NonFinite("cotangent", primitive.name, source, (), found, operands)


def _steps_back(step: Record, cts: Sequence[Any]) -> Iterator[Operation]:
    """What the pull of an equation that holds graphs does, operation by operation."""
    given = [i for i, ct in enumerate(cts) if ct is not None]

    def pull(*values: Any) -> list[Any]:
        full: list[Any] = [None] * len(cts)
        for i, ct in zip(given, values, strict=True):
            full[i] = ct
        parts: dict[int, Any] = dict.fromkeys(step[1])
        pull_equation(step, tuple(full), parts)
        return [x for x in parts.values() if x is not None]

    inputs = [cts[i] for i in given]
    with standing_for(step[6]) if step[6] is not None else nullcontext():
        graph = graph_with_lines(pull, inputs)
    yield from operations(graph, inputs, through_rules=True)


# ---- numbers -------------------------------------------------------------------------------------


def _is_finite(x: Any) -> bool:
    return not is_float(x) or bool(np.all(np.isfinite(x)))


def _operands(values: Leaves) -> tuple[Numbers, ...]:
    return tuple(_numbers(f"operand {i}", x) for i, x in enumerate(values))


def _numbers(name: str, x: Any) -> Numbers:
    array = np.asarray(x)
    if array.dtype.kind not in "fc":
        span = (float(array.min()), float(array.max())) if array.size else (np.nan, np.nan)
        return Numbers(name, str(type_of(x)), *span, 0, 0, ())
    finite = np.isfinite(array)
    known = cast("Any", np.real(array[finite]))
    low, high = (float(known.min()), float(known.max())) if known.size else (np.nan, np.nan)
    nans = int(np.count_nonzero(np.isnan(array)))
    bad = array.size - int(np.count_nonzero(finite))
    entries = tuple(tuple(map(int, entry)) for entry in np.argwhere(~finite)[:SHOWN])
    return Numbers(name, str(type_of(x)), low, high, nans, bad - nans, entries)
