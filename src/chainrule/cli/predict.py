"""``chainrule predict``: what a trained network says about new examples."""

from __future__ import annotations

import csv
import math
import sys
from typing import Any

import click

from chainrule.cli.options import json_option, run_argument
from chainrule.cli.output import say_json, target_text
from chainrule.data.rows import read_rows
from chainrule.training.metrics import chosen
from chainrule.training.trained import load_trained

Array = Any


@click.command(short_help="Predict the rows of a file.")
@run_argument
@click.argument("file")
@json_option
def predict(run: str, file: str, as_json: bool) -> None:
    """Predict each row of FILE with the network in RUN.

    Prints CSV: the number of the row, from 0, and the predicted class with the activation of its
    output neuron, or the predicted number in the target's unit (prediction_0, prediction_1 ... if
    the target has several). FILE needs no target; what it has beside the features is left out.

    With --json an object for each row, with the same names.
    """
    trained = load_trained(run)
    data = trained.data
    rows = read_rows(
        file, features=data.features, target=data.target, classes=data.classes,
        scaling=data.scaling, dtype=trained.dtype,
    )  # fmt: skip
    a = trained.outputs(rows.X)
    values: list[list[Any]]
    if data.classes:
        columns = ["prediction", "activation"]
        best: list[int] = chosen(a).tolist()
        values = [[data.classes[k], float(row[k])] for k, row in zip(best, a, strict=True)]
    else:
        n = a.shape[1]
        columns = ["prediction"] if n == 1 else [f"prediction_{k}" for k in range(n)]
        values = data.in_target_units(a).tolist()
    _write(["row", *columns], values, data.target_scale, as_json=as_json)


def _write(
    columns: list[str], values: list[list[Any]], scales: tuple[float, ...], *, as_json: bool
) -> None:
    """A row for each example; ``scales`` are the deviations of the targets, none of classes."""
    if as_json:
        for i, row in enumerate(values):
            say_json(**dict(zip(columns, [i, *row], strict=True)))
        return
    writer = csv.writer(sys.stdout, lineterminator="\n")
    writer.writerow(columns)
    for i, row in enumerate(values):
        numbers = zip(row, scales or [math.inf] * len(row), strict=True)
        writer.writerow([i, *(x if isinstance(x, str) else target_text(x, s) for x, s in numbers)])
