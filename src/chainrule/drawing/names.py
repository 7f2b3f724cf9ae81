"""What the user calls the variables of a graph, read from the lines that made them.

``c = a + b`` names the result of its last operation; so do ``c += b`` and a named point
(``cr.insight.name``). Where a line ran several times in a row, as the body of a loop that has one
line, each result of the operation that is written outermost has the name.
"""

from __future__ import annotations

import ast
import itertools
import linecache
from collections.abc import Iterator, Sequence
from functools import lru_cache
from typing import NamedTuple

from chainrule.core.graph import Equation, Source, Var

OPERATORS: dict[type[ast.operator], str] = {
    ast.Add: "add", ast.Sub: "sub", ast.Mult: "mul", ast.Div: "div", ast.Pow: "pow",
    ast.MatMult: "matmul", ast.Mod: "mod", ast.FloorDiv: "floor_divide",
}  # fmt: skip


class Assignment(NamedTuple):
    """A statement that gives a name to one value.

    ``outermost`` is the operation that is written outermost, "" if it cannot be told, and
    ``times`` how often the statement has that operation.
    """

    name: str
    outermost: str
    times: int


def names_of(equations: Sequence[Equation]) -> dict[Var, str]:
    """The names that the source gives to results of equations.

    >>> import numpy as np, chainrule as cr
    >>> def f(x):
    ...     slope = 2 * x + 1
    ...     return np.exp(slope)
    >>> list(names_of(cr.trace(f)(1.0).equations).values())
    ['slope']
    """
    files: dict[str, dict[int, Assignment]] = {}
    found: dict[Var, str] = {}
    for source, run in itertools.groupby(equations, key=lambda e: e.source):
        if source is None or source.sweep or source.function.startswith("<lambda"):
            continue
        if source.file not in files:
            files[source.file] = _parsed("".join(linecache.getlines(source.file)))
        assignment = files[source.file].get(source.line)
        if assignment is not None:
            named = _named(list(run), assignment)
            found.update((e.outputs[0], assignment.name) for e in named if len(e.outputs) == 1)
    return found


def _named(run: list[Equation], assignment: Assignment) -> Iterator[Equation]:
    """The equations of a line, executed once or more, whose result is the line's value."""
    outermost = [e for e in run if e.primitive.name == assignment.outermost]
    if outermost and len(outermost) % assignment.times == 0:
        yield from outermost[assignment.times - 1 :: assignment.times]
    else:
        yield run[-1]


def line_of(source: Source | None) -> str:
    """The text of the user's line, "" if there is none."""
    return "" if source is None else linecache.getline(source.file, source.line).strip()


@lru_cache(maxsize=64)
def _parsed(text: str) -> dict[int, Assignment]:
    try:
        tree = ast.parse(text)
    except (SyntaxError, ValueError):
        return {}
    found: dict[int, Assignment] = {}
    for statement in ast.walk(tree):
        if isinstance(statement, (ast.Assign, ast.AugAssign, ast.AnnAssign)):
            assignment = _of(statement)
            if assignment is not None:
                lines = range(statement.lineno, (statement.end_lineno or statement.lineno) + 1)
                found.update(dict.fromkeys(lines, assignment))
    return found


def _of(statement: ast.Assign | ast.AugAssign | ast.AnnAssign) -> Assignment | None:
    targets = statement.targets if isinstance(statement, ast.Assign) else [statement.target]
    value = statement.value
    if len(targets) != 1 or not isinstance(targets[0], ast.Name):
        return None
    written = (ast.BinOp, ast.UnaryOp, ast.Call, ast.Compare, ast.Subscript)
    if value is None or not (isinstance(statement, ast.AugAssign) or isinstance(value, written)):
        return None  # a container of several values, or a function
    outermost = _operation(value)
    operations = [_operation(node) for node in ast.walk(value)]
    if isinstance(statement, ast.AugAssign):
        outermost = OPERATORS.get(type(statement.op), "")
        operations.append(outermost)
    return Assignment(targets[0].id, outermost, max(operations.count(outermost), 1))


def _operation(node: ast.AST) -> str:
    """The name of the primitive that an expression ends in, if its writing tells."""
    if isinstance(node, ast.BinOp):
        return OPERATORS.get(type(node.op), "")
    if isinstance(node, ast.Call):
        if isinstance(node.func, ast.Attribute):
            return node.func.attr
        return node.func.id if isinstance(node.func, ast.Name) else ""
    return ""
