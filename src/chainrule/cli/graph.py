"""``chainrule graph``: the computational graph of a network's cost, or of a function in a file."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any, Literal

import click

from chainrule.cli.options import json_option
from chainrule.cli.output import line_console, say_json
from chainrule.cli.python_file import told_with_line
from chainrule.cli.target import (
    CostOfParameters,
    Target,
    input_option,
    source_argument,
    target_argument,
    target_of,
)
from chainrule.core.errors import ArgumentError
from chainrule.core.graph import Equation, Graph, Var
from chainrule.core.show import show
from chainrule.core.trace import type_of
from chainrule.core.tree import flatten
from chainrule.drawing.short import short
from chainrule.transforms.derived import grad
from chainrule.transforms.signature import is_traced
from chainrule.transforms.trace import trace


@click.command(short_help="Show a graph, or draw it.")
@target_argument
@source_argument
@click.option(
    "-o", "--out", "picture", type=click.Path(path_type=Path), metavar="FILE.svg|FILE.html",
    help="Draw the graph into a file, in place of printing it.",
)  # fmt: skip
@click.option(
    "--example", type=click.IntRange(min=0), default=0, show_default=True, metavar="N",
    help="Which of the run's examples, from 0.",
)  # fmt: skip
@input_option
@click.option("--gradient", is_flag=True, help="The graph of the gradient, both sweeps in one.")
@click.option(
    "--direction", type=click.Choice(["down", "right"]), default="down", show_default=True,
    help="Which way a picture goes from the inputs to the output.",
)  # fmt: skip
@click.option(
    "--theme", type=click.Choice(["auto", "light", "dark"]), default="auto", show_default=True,
    help="Colours of a picture; auto are those of whoever looks at it.",
)  # fmt: skip
@json_option
def graph(
    target: str,
    source: str | None,
    picture: Path | None,
    example: int,
    inputs: tuple[Any, ...],
    gradient: bool,
    direction: Literal["down", "right"],
    theme: Literal["auto", "light", "dark"],
    as_json: bool,
) -> None:
    """Show the computational graph, with a value and a gradient on every variable.

    Of a RUN it is the graph of the cost of one example of its test data, or of DATA, as a function
    of weights and biases. Of a function in a Python file, at arguments as for chainrule check.

    Prints one equation a line with the source line that made it; with -o it is drawn, as SVG, or as
    a page in which groups of nodes unfold. With --json one object: target, inputs, equations and
    outputs, or the file.
    """  # fmt: skip
    found = target_of(target, source, inputs, slice(example, example + 1))
    with told_with_line(found.file):
        made = _graph_of(found, gradient=gradient)
    if picture is not None:
        made.draw(picture, direction=direction, theme=theme)
        if as_json:
            say_json(target=target, file=str(picture), equations=len(made.equations))
        else:
            line_console().print(f"{picture}: {len(made.equations):,} equations")
        return
    if as_json:
        say_json(target=target, **_plain(made))
    else:
        text = show(made, sources=True, note=_noting(made))
        line_console().print(f"{text}{_why_no_gradient(made)}")


def _graph_of(found: Target, *, gradient: bool) -> Graph:
    if isinstance(found.f, CostOfParameters) and not len(found.f.X):
        raise ArgumentError("there is no such example; count from 0")
    f = found.f
    if gradient:
        floats = [
            i for i, x in enumerate(found.args)
            if all(is_traced(y) and type_of(y).dtype.kind == "f" for y in flatten(x)[0])
        ]  # fmt: skip
        f = grad(found.f, tuple(floats))
    made = trace(f)(*found.args)
    lines = [e if _of_file(e, found.file) else replace(e, source=None) for e in made.equations]
    names = made.input_names if found.names is None else tuple(found.names)
    return replace(made, equations=tuple(lines), input_names=names)


def _of_file(e: Equation, file: str | None) -> bool:
    """Whether an equation comes from a line of the file, and not from the command itself."""
    return e.source is not None and e.source.file == file


def _noting(graph: Graph) -> Callable[[Var], str]:
    """The value of each variable and, where the output is one number, its gradient."""
    numbers = graph.numbers
    assert numbers is not None  # it was traced at values
    known = _is_cost(graph)
    names = dict(zip(graph.inputs, graph.input_names, strict=True))

    def note(v: Var) -> str:
        ct = numbers.cotangent(v) if known else None
        value = f"{names.get(v, '')} = {short(numbers.value(v))}".lstrip()
        return value if ct is None else f"{value}  gradient {short(ct)}"

    return note


def _is_cost(graph: Graph) -> bool:
    """Whether the graph gives one real number, and has a gradient."""
    types = [x.type for x in graph.outputs]
    return len(types) == 1 and types[0].shape == () and types[0].dtype.kind == "f"


def _why_no_gradient(graph: Graph) -> str:
    """A line for a graph without gradients, which says what they take; empty for others."""
    if not graph.outputs:
        return "\nno gradients: the function returns nothing; end it with return"
    if not graph.inputs:
        return "\nno gradients: the function was called without an argument; give it with --input"
    if not any(v.type.dtype.kind in "fc" for v in graph.inputs):
        return "\nno gradients: no argument is of floating-point numbers; give 2.0 for 2"
    if not _is_cost(graph):
        return "\nno gradients: the result is not one real number; return np.sum or np.mean of it"
    return ""


def _plain(graph: Graph) -> dict[str, Any]:
    """The graph as names and texts."""
    names: dict[Any, str] = {}
    for v in (*graph.inputs, *(v for e in graph.equations for v in e.outputs)):
        names[v] = f"v{len(names)}"

    def named(x: Any) -> str:
        return names.get(x, "constant")

    return {
        "inputs": [{"name": names[v], "type": str(v.type)} for v in graph.inputs],
        "equations": [
            {
                "primitive": e.primitive.name,
                "inputs": [*map(named, e.inputs)],
                "outputs": [*map(named, e.outputs)],
                "types": [str(v.type) for v in e.outputs],
                "source": str(e.source) if e.source else None,
            }
            for e in graph.equations
        ],
        "outputs": [*map(named, graph.outputs)],
    }
