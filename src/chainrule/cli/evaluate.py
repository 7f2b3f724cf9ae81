"""``chainrule evaluate``: how good a trained network is on examples with known targets."""

from __future__ import annotations

import math
from typing import Any

import click
import numpy as np

from chainrule.cli.options import json_option, run_argument
from chainrule.cli.output import held_out_text, line_console, say_json, strong
from chainrule.core.columns import aligned
from chainrule.data.rows import read_rows
from chainrule.insight.confusion import confusion_of
from chainrule.training.data_description import DataDescription
from chainrule.training.metrics import chosen, score
from chainrule.training.trained import Trained, load_trained

Array = Any


@click.command(short_help="Test a trained network.")
@run_argument
@click.argument("source", metavar="[DATA]", required=False)
@json_option
def evaluate(run: str, source: str | None, as_json: bool) -> None:
    """Evaluate the network in RUN on the test examples of its data set, or on DATA.

    For classes it prints the accuracy and, for each class, how many of its examples were recognised
    (recall) and how many of those taken for it are in it (precision); for numbers R^2 and the root
    of the mean squared error, in the target's unit.

    With --json one object: run, complete, examples, cost, and accuracy and classes, or r2 and rmse.
    """
    trained = load_trained(run)
    data = trained.data
    X, Y = examples_of(trained, data, source)
    a = trained.outputs(X)
    classes = data.task == "classification"
    kind = trained.dtype
    targets = np.eye(len(data.classes), dtype=kind)[Y] if classes else data.scaled_targets(Y, kind)
    result: dict[str, Any] = score(
        trained.model, trained.cost, trained.params, X, targets, classes=classes
    )
    if classes:
        result["classes"] = _by_class(data.classes, Y, chosen(a))
    else:
        result["rmse"] = _root_mean_square(data.in_target_units(a.astype(np.float64)) - Y)
    if as_json:
        say_json(run=run, complete=trained.complete, examples=len(X), **result)
    else:
        _print(result, len(X), complete=trained.complete)


def examples_of(trained: Trained, data: DataDescription, source: str | None) -> tuple[Array, Array]:
    """Inputs and raw targets of DATA, or of the test examples that training left aside."""
    if source is not None:
        rows = read_rows(
            source, features=data.features, target=data.target, classes=data.classes,
            scaling=data.scaling, dtype=trained.dtype, need_target=True,
        )  # fmt: skip
        return rows.X, rows.Y
    test = trained.dataset().test
    return test.X, test.Y


def _by_class(classes: tuple[str, ...], labels: Array, found: Array) -> list[dict[str, Any]]:
    """Examples, right ones, recall and precision of each class."""
    counts = confusion_of(labels, found, classes).counts
    there, said, right = (x.tolist() for x in (counts.sum(1), counts.sum(0), np.diag(counts)))
    return [
        {
            "class": name,
            "examples": there[i],
            "right": right[i],
            "recall": right[i] / there[i] if there[i] else None,
            "precision": right[i] / said[i] if said[i] else None,
        }
        for i, name in enumerate(classes)
    ]


def _root_mean_square(errors: Any) -> float:
    with np.errstate(all="ignore"):
        return math.sqrt(float((errors**2).mean()))


def _print(result: dict[str, Any], examples: int, *, complete: bool) -> None:
    console = line_console()
    if not complete:
        console.print("training is not finished; this is its latest checkpoint")
    console.print(
        strong(held_out_text(result)), f"(cost {result['cost']:.4f}) on {examples:,} examples"
    )
    if "rmse" in result:
        console.print(f"root mean squared error {result['rmse']:.6g}, in the target's unit")
        return
    header = ("class", "examples", "right", "recall", "precision")
    rows = [
        (
            entry["class"], f"{entry['examples']:,}", f"{entry['right']:,}",
            _share(entry["recall"]), _share(entry["precision"]),
        )
        for entry in result["classes"]
    ]  # fmt: skip
    for line in aligned([header, *rows]):
        console.print(f"  {line}")


def _share(part: float | None) -> str:
    return "-" if part is None else f"{part:.2%}"
