"""``chainrule train``: train a network on a data set and leave a run folder."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click
import numpy as np
from click.core import ParameterSource

from chainrule.cli.display import Display, JsonDisplay, TerminalDisplay
from chainrule.cli.options import Layers, Positive, json_option
from chainrule.core.errors import RunError, ShapeError
from chainrule.data.dataset import Dataset
from chainrule.data.load import load as load_data
from chainrule.data.reading import names
from chainrule.files.runs import RunFolder
from chainrule.nn.activations import ACTIVATIONS, identity
from chainrule.nn.costs import COSTS
from chainrule.nn.initialisers import INITIALISERS
from chainrule.nn.network import Network
from chainrule.training.fit import fit
from chainrule.training.metrics import score
from chainrule.training.optimisers import OPTIMISERS, optimiser_named
from chainrule.training.trained import DataDescription

SEED_LAYERS = [784, 30, 10]
HIDDEN = 30
ETA = {"sgd": 3.0, "momentum": 0.3, "adam": 0.001}
ETA_OF_REGRESSION = {"sgd": 0.05, "momentum": 0.005, "adam": 0.001}

# option -> where config.toml keeps it, so that a resumed run need not be told again
KEPT = {
    "layers": ("model", "layers"), "cost": ("model", "cost"), "init": ("model", "init"),
    "dtype": ("model", "dtype"), "optimiser": ("training", "optimiser"), "eta": ("training", "eta"),
    "batch_size": ("training", "batch_size"), "epochs": ("training", "epochs"),
    "l2": ("training", "l2"), "seed": ("training", "seed"), "source": ("data", "source"),
    "target": ("command", "target"), "features": ("command", "features"),
    "activation": ("command", "activation"), "threads": ("command", "threads"),
}  # fmt: skip


@click.command()
@click.argument("source", metavar="[DATA]", default="mnist")
@click.option("--layers", type=Layers(), help="Neurons in each layer.  [784,30,10]")
@click.option("--activation", default="sigmoid", show_default=True,
              help=f"One of {', '.join(ACTIVATIONS)}; or one for each layer, with commas.")
@click.option("--cost", type=click.Choice(list(COSTS)), default="quadratic", show_default=True)
@click.option("--optimiser", type=click.Choice(list(OPTIMISERS)), default="sgd", show_default=True)
@click.option("--eta", type=Positive(), help="Learning rate.  [3.0 for sgd]")
@click.option("--batch-size", type=click.IntRange(min=1), default=10, show_default=True)
@click.option("--epochs", type=click.IntRange(min=1), default=30, show_default=True)
@click.option("--l2", type=click.FloatRange(min=0), default=0.0, show_default=True,
              help="Lambda of the L2 regularisation.")
@click.option("--init", type=click.Choice(list(INITIALISERS)), default="book", show_default=True)
@click.option("--dtype", type=click.Choice(["float32", "float64"]), default="float32",
              show_default=True)
@click.option("--seed", type=click.IntRange(min=0), default=0, show_default=True)
@click.option("--threads", type=click.IntRange(min=1), default=1, show_default=True)
@click.option("--executor", type=click.Choice(["interpreter"]), default="interpreter",
              show_default=True)
@click.option("--target", help="The column of a table to predict.")
@click.option("--features", help="The columns to predict it from, with commas.  [all others]")
@click.option("--out", type=click.Path(path_type=Path), help="Run folder.  [runs/NAME-N]")
@click.option("--resume", is_flag=True, help="Go on in --out from its last checkpoint.")
@click.option("--deterministic", is_flag=True, help="The same bits on every run: one thread.")
@json_option
@click.pass_context
def train(ctx: click.Context, /, as_json: bool, **options: Any) -> None:  # fmt: skip
    """Train a network on DATA: a data set's name, or a CSV, Parquet, NPZ or IDX file.

    With nothing else: the network [784, 30, 10] of sigmoid neurons on MNIST by stochastic gradient
    descent, 30 epochs of mini-batches of 10 at eta 3.0.
    """
    if options["resume"]:
        _take_from_run(ctx, options)
    if options["deterministic"]:
        options["threads"] = 1
    data = load_data(
        options["source"], target=options["target"], features=_columns(options["features"]),
        seed=options["seed"], dtype=options["dtype"],
    )  # fmt: skip
    description = DataDescription.of(data, _lasting(options["source"]))
    net = _network(data, options)
    eta = options["eta"] or (ETA_OF_REGRESSION if data.task == "regression" else ETA)[
        options["optimiser"]
    ]
    out = options["out"] or RunFolder.next_free("runs", data.name)
    display: Display = JsonDisplay() if as_json else TerminalDisplay()
    display.start(net, data, Path(out), eta=eta, options=options)
    with display:
        try:
            fit(
                net,
                (data.train.X, description.scaled_targets(data.train.Y)),
                validation=(data.validation.X, description.scaled_targets(data.validation.Y)),
                optimiser=optimiser_named(options["optimiser"], eta),
                epochs=options["epochs"],
                batch_size=options["batch_size"],
                l2=options["l2"],
                seed=options["seed"],
                threads=options["threads"],
                executor=options["executor"],
                callbacks=[display],
                out=out,
                resume=options["resume"],
                config={"data": description.to_config(), "command": _command(options)},
            )
        except KeyboardInterrupt:
            display.interrupted(Path(out))
            raise
    test = data.test
    rows = description.scaled_targets(test.Y)
    targets = np.eye(data.n_out, dtype=net.dtype)[rows] if rows.ndim == 1 else rows
    display.done(
        Path(out),
        score(net, net.cost, net.params, test.X, targets, classes=data.task == "classification"),
        len(test.X),
    )


def _lasting(source: str) -> str:
    """A data set's name, or the whole path of a file, so that evaluate finds it from anywhere."""
    return source if source in names() else str(Path(source).resolve())


def _columns(text: str | None) -> list[str] | None:
    return [name.strip() for name in text.split(",")] if text else None


def _command(options: dict[str, Any]) -> dict[str, Any]:
    kept = ("target", "features", "activation", "threads")
    return {name: options[name] for name in kept if options[name] is not None}


def _take_from_run(ctx: click.Context, options: dict[str, Any]) -> None:
    """Options that were not given are those that the run began with."""
    if options["out"] is None:
        raise RunError("--resume needs --out RUN, the run folder to go on in")
    if not (options["out"] / "config.toml").exists():
        return  # stopped before it had begun: begin
    config = RunFolder.open(options["out"]).config
    for name, (section, key) in KEPT.items():
        given = ctx.get_parameter_source(name) is not ParameterSource.DEFAULT
        if not given and key in config.get(section, {}):
            options[name] = config[section][key]


def _network(data: Dataset, options: dict[str, Any]) -> Network:
    """The network to train, with layer sizes that fit the data."""
    sizes = options["layers"] or [data.n_in, HIDDEN, data.n_out]
    if sizes[0] != data.n_in or sizes[-1] != data.n_out:
        what = "classes" if data.task == "classification" else "target columns"
        raise ShapeError(
            f"--layers {','.join(map(str, sizes))} does not fit {data.name}, which has {data.n_in}"
            f" features and {data.n_out} {what}; the first layer must be {data.n_in}, the last"
            f" {data.n_out}"
        )
    given = options["activation"].split(",")
    activation: Any = given[0] if len(given) == 1 else given
    net = Network(
        sizes, activation, options["cost"], options["seed"], options["dtype"], options["init"]
    )
    if data.task == "regression" and len(given) == 1:
        net.activations[-1] = identity  # targets are any numbers, not values between 0 and 1
    return net
