"""``chainrule train``: train a network on a data set and leave a run folder."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import Any

import click
import numpy as np

from chainrule.cli.display import Display, TerminalDisplay
from chainrule.cli.folder import run_folder
from chainrule.cli.json_display import JsonDisplay
from chainrule.cli.options import Layers, Names, NotNegative, Positive, json_option
from chainrule.cli.plan import Plan, plan_of
from chainrule.cli.resume import options_of_run
from chainrule.nn.activations import ACTIVATIONS
from chainrule.nn.costs import COSTS
from chainrule.nn.initialisers import INITIALISERS
from chainrule.training.fit import fit
from chainrule.training.metrics import score
from chainrule.training.optim import OPTIMISERS, optimiser_named

_AT_LEAST_1 = click.IntRange(min=1)


def _choice(names: Any) -> dict[str, Any]:
    return {"type": click.Choice(list(names)), "metavar": "NAME"}


def _listed(names: Any) -> str:
    return ", ".join(names)


@click.command(short_help="Train a network on a data set or a file.")
@click.argument("source", metavar="[DATA]", default="mnist")
@click.option(
    "--layers",
    type=Layers(),
    metavar="N,N,...",
    show_default="inputs,30,outputs",
    help="Neurons in each layer, inputs and outputs included.",
)
@click.option(
    "--activation",
    type=Names(),
    metavar="NAME",
    default="sigmoid",
    show_default=True,
    help=f"{_listed(ACTIVATIONS)}; or one for each layer, with commas. With a single name"
    " the output layer of a regression is linear.",
)
@click.option(
    "--cost", **_choice(COSTS), default="quadratic", show_default=True, help=f"{_listed(COSTS)}."
)
@click.option(
    "--optimiser",
    **_choice(OPTIMISERS),
    default="sgd",
    show_default=True,
    help=f"{_listed(OPTIMISERS)}.",
)
@click.option(
    "--eta",
    type=Positive(),
    metavar="X",
    show_default="3.0, for regression 0.02",
    help="Learning rate. Momentum begins with a tenth of that, adam with 0.001.",
)
@click.option(
    "--batch-size",
    type=_AT_LEAST_1,
    metavar="N",
    default=10,
    show_default=True,
    help="Examples in a mini-batch.",
)
@click.option(
    "--epochs",
    type=_AT_LEAST_1,
    metavar="N",
    default=30,
    show_default=True,
    help="How many times to go through the examples.",
)
@click.option(
    "--l2",
    type=NotNegative(),
    metavar="X",
    default=0.0,
    show_default=True,
    help="Lambda of the L2 regularisation.",
)
@click.option(
    "--init",
    **_choice(INITIALISERS),
    show_default="book, for regression scaled",
    help=f"How weights begin: {_listed(INITIALISERS)}.",
)
@click.option(
    "--dtype",
    type=click.Choice(["float32", "float64"]),
    metavar="NAME",
    default="float32",
    show_default=True,
    help="float32 or float64.",
)
@click.option(
    "--seed",
    type=click.IntRange(min=0, max=2**32 - 1),  # what np.random.seed takes
    metavar="N",
    default=0,
    show_default=True,
    help="For the first weights, the split and the order of the examples.",
)
@click.option(
    "--threads",
    type=_AT_LEAST_1,
    metavar="N",
    show_default="as many as the work of a step is worth",
    help="Threads that share each step.",
)
@click.option(
    "--executor",
    **_choice(["native", "interpreter"]),
    default="native",
    show_default=True,
    help="What runs the graph.",
)
@click.option("--target", metavar="COLUMN", help="The column of a table to predict.")
@click.option(
    "--features",
    type=Names(),
    metavar="COLUMN,...",
    show_default="all others",
    help="The columns to predict it from.",
)
@click.option(
    "--out",
    type=click.Path(path_type=Path),
    metavar="RUN",
    show_default="runs/DATA-N",
    help="The run folder, a new one.",
)
@click.option(
    "--resume",
    is_flag=True,
    help="Go on in --out from its last checkpoint, with the options it began with. A"
    " larger --epochs trains a finished run for longer.",
)
@click.option(
    "--deterministic",
    is_flag=True,
    help="The same bits for any number of threads, on one kind of CPU.",
)
@json_option
@click.pass_context
def train(ctx: click.Context, /, as_json: bool, **options: Any) -> None:
    """Train a network on DATA: a data set's name, or a CSV, Parquet, NPZ or IDX file.

    With nothing else: the network [784, 30, 10] of sigmoid neurons on MNIST by stochastic gradient
    descent, 30 epochs of mini-batches of 10 at eta 3.0.

    Leaves a run folder with the model, its metrics and checkpoints. Ctrl-C stops between two steps
    and says how to go on.

    With --json each line has an "event": start, epoch (once each, as in metrics.jsonl), then done,
    with test_cost and test_accuracy or test_r2, or interrupted, with the command to resume.
    """
    if options["resume"]:
        options = options_of_run(ctx, options)
    plan = plan_of(options)
    display: Display = JsonDisplay(plan) if as_json else TerminalDisplay(plan)
    with run_folder(options["out"], plan.stem) as out:
        _fit(plan, out, display)
    display.done(out, _test_score(plan), len(plan.data.test.X))


def _fit(plan: Plan, out: Path, display: Display) -> None:
    data, options = plan.data, plan.options
    scaled = partial(plan.description.scaled_targets, dtype=plan.net.dtype)
    try:
        with display:
            fit(
                plan.net,
                (data.train.X, scaled(data.train.Y)),
                validation=(data.validation.X, scaled(data.validation.Y)),
                optimiser=optimiser_named(options["optimiser"], options["eta"]),
                epochs=options["epochs"],
                batch_size=options["batch_size"],
                l2=options["l2"],
                seed=options["seed"],
                threads=options["threads"],
                deterministic=options["deterministic"],
                executor=options["executor"],
                callbacks=[display],
                out=out,
                resume=options["resume"],
                config=plan.config,
            )
    except KeyboardInterrupt:
        if not (out / "config.toml").exists():
            raise  # before there was anything to keep
        display.interrupted(out)
        raise click.exceptions.Exit(1) from None


def _test_score(plan: Plan) -> dict[str, float]:
    net, test = plan.net, plan.data.test
    rows = plan.description.scaled_targets(test.Y, net.dtype)
    classes = plan.data.task == "classification"
    targets = np.eye(plan.data.n_out, dtype=net.dtype)[rows] if classes else rows
    return score(net, net.cost, net.params, test.X, targets, classes=classes)
