"""``chainrule evaluate``: how good a trained network is on examples with known targets."""

from __future__ import annotations

import json
from typing import Any

import click
import numpy as np
from rich.console import Console
from rich.table import Table

from chainrule.cli.options import json_option, run_argument
from chainrule.data.load import load as load_data
from chainrule.data.rows import read_rows
from chainrule.training.metrics import chosen, score
from chainrule.training.trained import DataDescription, Trained, load_trained

Array = Any


@click.command()
@run_argument
@click.argument("source", metavar="[DATA]", required=False)
@json_option
def evaluate(run: str, source: str | None, as_json: bool) -> None:
    """Evaluate the network in RUN on the test examples of its data set, or on DATA."""
    trained = load_trained(run)
    data = trained.data
    X, Y = _examples(trained, data, source)
    classes = data.task == "classification"
    targets = np.eye(len(data.classes), dtype=trained.dtype)[Y] if classes else Y
    result = score(trained.model, trained.cost, trained.params, X, targets, classes=classes)
    if as_json:
        click.echo(json.dumps({"run": run, "examples": len(X), **result}))
        return
    console = Console(highlight=False)
    if not trained.complete:
        console.print("training was not finished; this is its latest checkpoint")
    name = f"accuracy {result['accuracy']:.2%}" if classes else f"R^2 {result['r2']:.4f}"
    console.print(f"[bold]{name}[/bold] (cost {result['cost']:.4f}) on {len(X):,} examples")
    if classes:
        console.print(_by_class(data.classes, Y, chosen(trained.outputs(X))))


def _examples(trained: Trained, data: DataDescription, source: str | None) -> tuple[Array, Array]:
    if source is None:
        command = trained.config.get("command", {})
        seed = trained.config["training"]["seed"]
        features = data.features if "target" in command else None
        test = load_data(
            data.source, target=command.get("target"), features=features or None,
            task=data.task, seed=seed, dtype=trained.dtype,
        ).test  # fmt: skip
        X, Y = test.X, test.Y
    else:
        rows = read_rows(
            source, features=data.features, target=data.target, classes=data.classes,
            scaling=data.scaling, dtype=trained.dtype, need_target=True,
        )  # fmt: skip
        X, Y = rows.X, rows.Y
    return X, data.scaled_targets(Y)


def _by_class(classes: tuple[str, ...], labels: Array, found: Array) -> Table:
    """Precision and recall of each class."""
    table = Table("class", "examples", "right", "recall", "precision", box=None, padding=(0, 2))
    for i, name in enumerate(classes):
        there, said = labels == i, found == i
        right = int(np.sum(there & said))
        table.add_row(
            name, f"{there.sum():,}", f"{right:,}", _share(right, there.sum()), _share(right, said.sum())
        )  # fmt: skip
    return table


def _share(part: int, whole: int) -> str:
    return f"{part / whole:.2%}" if whole else "-"
