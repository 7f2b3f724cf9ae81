"""``chainrule predict``: what a trained network says about new examples."""

from __future__ import annotations

import csv
import json
import sys
from typing import Any

import click

from chainrule.cli.options import json_option, run_argument
from chainrule.data.rows import read_rows
from chainrule.training.metrics import chosen
from chainrule.training.trained import load_trained


@click.command()
@run_argument
@click.argument("file")
@json_option
def predict(run: str, file: str, as_json: bool) -> None:
    """Predict each row of FILE with the network in RUN.

    Writes CSV to stdout: the number of the row, from 0, and the predicted class with its activation, or
    the predicted numbers.
    """
    trained = load_trained(run)
    data = trained.data
    rows = read_rows(
        file, features=data.features, target=data.target, classes=data.classes,
        scaling=data.scaling, dtype=trained.dtype,
    )  # fmt: skip
    a = trained.outputs(rows.X)
    if data.classes:
        best = chosen(a)
        columns = ["class", "activation"]
        values = [[data.classes[k], float(row[k])] for k, row in zip(best, a, strict=True)]
    else:
        columns = [data.target] if a.shape[1] == 1 else [f"{data.target}_{k}" for k in range(a.shape[1])]
        values = [list(map(float, row)) for row in data.in_target_units(a)]
    _write(columns, values, as_json)


def _write(columns: list[str], values: list[list[Any]], as_json: bool) -> None:
    if as_json:
        for i, row in enumerate(values):
            click.echo(json.dumps({"row": i, **dict(zip(columns, row, strict=True))}))
        return
    writer = csv.writer(sys.stdout, lineterminator="\n")
    writer.writerow(["row", *columns])
    for i, row in enumerate(values):
        writer.writerow([i, *(f"{x:.6g}" if isinstance(x, float) else x for x in row)])
