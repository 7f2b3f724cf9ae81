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


LOOPS = (ast.For, ast.While, ast.ListComp, ast.GeneratorExp, ast.DictComp, ast.SetComp)


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
    files: dict[str, Lines] = {}
    found: dict[Var, str] = {}
    for source, run in itertools.groupby(equations, key=lambda e: e.source):
        if source is None or source.sweep or source.outside:
            continue
        if source.function.startswith("<lambda"):
            continue
        if source.file not in files:
            files[source.file] = _lines(source.file)
        assignment = files[source.file].assignments.get(source.line)
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


def called_of(equations: Sequence[Equation]) -> str:
    """The function whose call made these equations: "layer"; "" if it is not one, or in a loop.

    Of equal blocks it tells those that come from calls of one function from the turns of a loop in
    a function, or inside of a library that the function calls: of these it writes no operation.
    """
    sources = {e.source for e in equations}
    functions = {(s.file, s.function, s.sweep) for s in sources if s is not None}
    if None in sources or len(functions) != 1:
        return ""
    ((file, function, sweep),) = functions
    lines = {s.line for s in sources if s is not None}
    known = _lines(file)
    written = {name for line in lines for name in known.operations.get(line, ())}
    if sweep or not function.isidentifier() or lines & known.in_loops:
        return ""
    return function if written & {e.primitive.name for e in equations} else ""


class Lines(NamedTuple):
    """What is known of the lines of a file, by number: the assignment that a line is a part of, the
    operations that are written in it, and which are in a loop of their function.
    """

    assignments: dict[int, Assignment]
    operations: dict[int, list[str]]
    in_loops: frozenset[int]


def _lines(file: str) -> Lines:
    return _parsed("".join(linecache.getlines(file)))


@lru_cache(maxsize=64)
def _parsed(text: str) -> Lines:
    try:
        tree = ast.parse(text)
    except (SyntaxError, ValueError):
        return Lines({}, {}, frozenset())
    found: dict[int, Assignment] = {}
    operations: dict[int, list[str]] = {}
    in_loop: dict[int, bool] = {}
    for node in ast.walk(tree):  # what is around comes before what is in it
        if isinstance(node, (ast.Assign, ast.AugAssign, ast.AnnAssign)):
            assignment = _of(node)
            if assignment is not None:
                found.update(dict.fromkeys(_range(node), assignment))
        elif isinstance(node, LOOPS):
            in_loop.update(dict.fromkeys(_range(node), True))
        elif isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda)):
            in_loop.update(dict.fromkeys(_range(node), False))
        elif isinstance(node, ast.expr) and _operation(node):
            operations.setdefault(node.lineno, []).append(_operation(node))
    return Lines(found, operations, frozenset(line for line, inside in in_loop.items() if inside))


def _range(node: ast.stmt | ast.expr) -> range:
    return range(node.lineno, (node.end_lineno or node.lineno) + 1)


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
