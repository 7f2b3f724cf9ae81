"""Whether a function gives the same numbers each time, and which line makes it differ if not."""

from __future__ import annotations

from typing import Any

import numpy as np

from chainrule.checking.blame import graph_with_lines, line_text
from chainrule.checking.inside import operations
from chainrule.checking.problem import Problem, entry_name, is_float
from chainrule.core.errors import GradientError
from chainrule.core.graph import Literal
from chainrule.core.tree import flatten, leaf_names


def check_purity(problem: Problem) -> list[str]:
    """Raise if two runs differ; notes of what the function does besides computing."""
    xs = problem.fresh()
    (first, structure), (second, again) = (
        flatten(problem.result(*ys)) for ys in (xs, problem.fresh())
    )
    if structure != again:
        raise GradientError(
            f"{problem.title} is not deterministic: two runs at the same arguments returned"
            f" containers {structure} and {again}"
        )
    for a, b, name in zip(first, second, leaf_names(structure), strict=True):
        if is_float(a) and not _same(a, b):
            raise GradientError(_differing(problem, a, b, f"result{name}"))
    return [
        f"f writes into {name}; the check gave it copies"
        for x, y, name in zip(xs, problem.point, problem.names, strict=True)
        if not _same(x, y)
    ]


def _same(a: Any, b: Any) -> bool:
    return np.shape(a) == np.shape(b) and bool(np.array_equal(a, b, equal_nan=True))


def _differing(problem: Problem, a: Any, b: Any, name: str) -> str:
    if np.shape(a) != np.shape(b):
        numbers = f"shapes {np.shape(a)} and {np.shape(b)} of {name}"
    else:
        x, y = np.ravel(a), np.ravel(b)
        i = int(np.argmax(~((x == y) | (np.isnan(x) & np.isnan(y)))))
        numbers = f"{x[i]} and {y[i]} for {entry_name([a], [name], i)}"
    return (
        f"{problem.title} is not deterministic: two runs at the same arguments gave {numbers}."
        f" {_first_difference(problem)}Pass random numbers, or the state they come from, as an"
        " argument"
    )


def _first_difference(problem: Problem) -> str:
    """The first recorded operation of two runs with another operation or other numbers."""
    runs = [
        operations(graph_with_lines(problem, xs), xs, through_rules=False)
        for xs in (problem.fresh(), problem.fresh())
    ]
    for p, q in zip(*runs, strict=False):
        name = p.equation.primitive.name
        here = f"{name} at {line_text(p.source)}"
        if name != q.equation.primitive.name:
            other = f"{q.equation.primitive.name} at {line_text(q.source)}"
            return f"They first differ in what they do: {here} in one, {other} in the other. "
        constants = [
            (x, y)
            for x, y, v in zip(p.operands, q.operands, p.equation.inputs, strict=True)
            if isinstance(v, Literal)
        ]
        if not all(_same(x, y) for x, y in constants):
            return f"They first differ in a constant of {here}. "
        if not all(_same(x, y) for x, y in zip(p.results, q.results, strict=True)):
            return f"They first differ in {here}. "
    return ""
