"""``chainrule explain``: the four equations with the numbers of one example."""

from __future__ import annotations

import math
from dataclasses import asdict
from typing import Any

import click
import numpy as np
from rich.console import Console

from chainrule.cli.evaluate import examples_of
from chainrule.cli.options import json_option
from chainrule.cli.output import line_console, say_json, target_text
from chainrule.cli.pictures import picture, side_by_side
from chainrule.cli.python_file import is_named_function, told_with_line
from chainrule.cli.target import Target, input_option, source_argument, target_argument, target_of
from chainrule.core.columns import aligned
from chainrule.core.errors import ArgumentError
from chainrule.insight.demon import Demon
from chainrule.insight.derivations.entry import derivation
from chainrule.insight.explanation import Explanation
from chainrule.insight.explanation import explain as explained
from chainrule.insight.ranks import Ranks
from chainrule.training.metrics import chosen
from chainrule.training.trained import Trained, load_trained

Array = Any
_FEATURES = 12  # of a table, the ones that matter most
_RANKS = 5


@click.command(short_help="Show the four equations with live numbers.")
@target_argument
@source_argument
@click.option(
    "--example", type=click.IntRange(min=0), default=0, show_default=True, metavar="N",
    help="Which of the run's examples, from 0.",
)  # fmt: skip
@click.option(
    "--entries", type=click.IntRange(min=1), default=2, show_default=True,
    help="Entries of each equation that are written out, the largest first.",
)  # fmt: skip
@input_option
@json_option
def explain(
    target: str,
    source: str | None,
    example: int,
    entries: int,
    inputs: tuple[Any, ...],
    as_json: bool,
) -> None:
    """Explain what a network computes for one example, forwards and backwards.

    Of a RUN: the example, of its test data or of DATA, with what the network says to it; the four
    equations BP1 to BP4 in the form that they have for this network, with its numbers in them, each
    checked by a difference of the cost; the derivative of the cost in each input; and the neurons
    that a demon would nudge.

    Of a function in a Python file: its lines, the equations of each and what they give back, and
    the reverse sweep, at arguments as for chainrule check.

    With --json one object with the same numbers.
    """  # fmt: skip
    if is_named_function(target):
        _explain_function(target, target_of(target, source, inputs, 1), as_json=as_json)
        return
    if inputs:
        raise click.UsageError("--input is for FILE.py:NAME; give a run's examples as DATA")
    trained = load_trained(target)
    data = trained.data
    X, known = examples_of(trained, data, source)
    if example >= len(X):
        raise ArgumentError(f"there are {len(X):,} examples, numbered from 0; {example} is not one")
    x, y = X[example], known[example]
    scaled = data.scaled_targets(known[example : example + 1], trained.dtype)
    row = int(y) if data.classes else scaled[0]
    found = explained(trained, x, row, entries=entries, classes=data.classes)
    demon = Demon(trained, x, row)
    if as_json:
        say_json(run=target, example=example, **_plain(found, demon.rank()))
        return
    console = line_console()
    console.print(_title(trained, example, y, X[example : example + 1], len(X)))
    for line in _looks(trained, found, console):
        console.print(line)
    console.print(f"\n{found}\n\n{_ranks(demon.rank())}")


def _explain_function(target: str, found: Target, *, as_json: bool) -> None:
    with told_with_line(found.file):
        made = derivation(found.f, *found.args)
    if as_json:
        say_json(target=target, derivation=str(made))
    else:
        line_console().print(str(made))


def _title(trained: Trained, example: int, y: Array, x: Array, n: int) -> str:
    """Which example, what it is, and what the network says."""
    data = trained.data
    a = trained.outputs(x)
    which = f"example {example} of {n:,} of {data.source}"
    if not data.classes:
        said, true = float(data.in_target_units(a)[0, 0]), float(np.ravel(y)[0])
        true_text, said_text = (target_text(x, data.target_scale[0], 6) for x in (true, said))
        return f"{which}: {data.target or 'target'} {true_text}; the network says {said_text}"
    said = int(chosen(a)[0])
    verdict = "" if said == int(y) else ", which is wrong"
    certain = float(a[0, said]) if a.shape[1] > 1 else float(a[0, 0])
    return (
        f"{which}: {data.classes[int(y)]}; the network says {data.classes[said]}"
        f" (activation {certain:.4f}){verdict}"
    )


def _looks(trained: Trained, found: Explanation, console: Console) -> list[Any]:
    """The example and dC/dx: as images if it is one, else as a table of features."""
    side = math.isqrt(found.x.size)
    if not trained.data.features and side * side == found.x.size:
        images = [
            ("the example", picture(found.x.reshape(side, side), console)),
            (
                "∂C/∂x: brown more ink lowers the cost, violet raises it"
                if console.color_system
                else "∂C/∂x: @#*=- more ink lowers the cost, :+%$ raises it",
                picture(found.sensitivity.reshape(side, side), console, signed=True),
            ),
        ]
        return ["", *side_by_side(images)]
    names: tuple[str, ...] = trained.data.features or tuple(str(i) for i in range(found.x.size))
    order: list[int] = np.argsort(-np.abs(found.sensitivity), kind="stable").tolist()[:_FEATURES]
    rows = [(names[i], f"{found.x[i]:.4g}", f"{found.sensitivity[i]:+.4g}") for i in order]
    lines = aligned([("input", "x, scaled", "∂C/∂x"), *rows])
    more = found.x.size - len(rows)
    return ["", *(f"  {x}" for x in lines), *([f"  and {more:,} more"] if more > 0 else [])]


def _ranks(found: Ranks) -> str:
    """The neurons that a demon would take first."""
    columns = found.layer, found.neuron, found.delta, found.predicted, found.real
    rows = [
        (str(rank), str(n), str(j), *(f"{x:+.4g}" for x in numbers))
        for rank, (n, j, *numbers) in enumerate(zip(*columns, strict=True), start=1)
    ][:_RANKS]
    head = ("rank", "layer", "neuron", "δ", "predicted", "real")
    title = f"neurons by |δ|, and how a demon who adds at most {found.dz:g} to z changes C"
    return "\n".join([title, *(f"  {line}" for line in aligned([head, *rows]))])


def _plain(found: Explanation, ranks: Ranks) -> dict[str, Any]:
    numbers = asdict(found)
    columns = ("layer", "neuron", "delta", "predicted", "real")
    numbers["ranks"] = {name: getattr(ranks, name) for name in columns}
    return numbers
