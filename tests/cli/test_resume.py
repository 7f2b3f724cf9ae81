"""``chainrule train --resume``."""

from __future__ import annotations

import json
import tomllib
from pathlib import Path

import numpy as np
import pytest

import chainrule as cr
from chainrule.files.runs import RunFolder

QUICK = ("--epochs", 3, "--batch-size", 20)


def stop_after(epoch: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Ctrl-C when an epoch is done."""
    from chainrule.cli.display import TerminalDisplay
    from chainrule.training.events import EpochDone

    whole = TerminalDisplay.__call__

    def stopping(self, event):
        whole(self, event)
        if isinstance(event, EpochDone) and event.epoch == epoch:
            raise KeyboardInterrupt

    monkeypatch.setattr(TerminalDisplay, "__call__", stopping)


def epochs_of(run: Path) -> list[int]:
    return [json.loads(line)["epoch"] for line in (run / "metrics.jsonl").read_text().splitlines()]


SOURCES = {
    "mnist": (),
    "blobs.npz": (),
    "houses.csv": ("--target", "price", "--features", "rooms,age"),
    "flowers.csv": ("--target", "kind"),
}


@pytest.mark.parametrize("source", SOURCES)
def test_going_on_gives_the_same_bits(source, cli, npz, houses, flowers, folder, monkeypatch):
    size = 500 if source == "mnist" else 20
    given = ("train", source, *SOURCES[source], "--epochs", 2, "--batch-size", size)
    assert cli(*given, "--out", "whole").status == 0
    with monkeypatch.context() as patch:
        stop_after(1, patch)
        outcome = cli(*given, "--out", "cut")
    assert outcome.status == 1 and outcome.err == ""
    assert outcome.out.splitlines()[-2:] == [
        "stopped; what is done is kept in cut", "go on with: chainrule train --resume --out cut",
    ]  # fmt: skip
    assert epochs_of(folder / "cut") == [1]
    assert "training is not finished" in cli("evaluate", "cut").out
    outcome = cli("train", "--resume", "--out", "cut")
    assert outcome.status == 0 and "going on with epoch 2, mini-batch 1" in outcome.out
    assert epochs_of(folder / "cut") == [1, 2]
    whole, cut = ((folder / x / "model.safetensors").read_bytes() for x in ("whole", "cut"))
    assert whole == cut
    # what it began with may be said again
    assert cli(*given, "--resume", "--out", "cut").status == 0


@pytest.mark.parametrize("optimiser", ["sgd", "momentum", "adam"])
def test_every_optimiser_goes_on(optimiser, cli, npz, folder):
    given = ("train", npz, "--optimiser", optimiser, "--dtype", "float64", "--batch-size", 20)
    cli(*given, "--epochs", 4, "--out", "whole")
    cli(*given, "--epochs", 2, "--out", "longer")
    assert cli("train", "--resume", "--out", "longer", "--epochs", 4).status == 0
    whole, longer = ((folder / x / "model.safetensors").read_bytes() for x in ("whole", "longer"))
    assert whole == longer
    config = tomllib.loads((folder / "longer" / "config.toml").read_text())
    assert config["training"]["epochs"] == config["command"]["epochs"] == 4


def test_a_finished_run_is_left_alone(cli, npz, folder, content_of):
    cli("train", npz, *QUICK, "--out", "a")
    before = content_of(folder)
    times = {p: p.stat().st_mtime_ns for p in (folder / "a").rglob("*.*")}
    outcome = cli("train", "--resume", "--out", "a")
    assert outcome.status == 0
    assert outcome.out.startswith("a is finished: all its 3 epochs are done\n")
    events = cli("train", "--resume", "--out", "a", "--json").events
    assert events[0] == {"event": "finished", "run": "a", "epochs": 3}
    assert events[1]["event"] == "done" and len(events) == 2
    assert content_of(folder) == before
    assert times == {p: p.stat().st_mtime_ns for p in (folder / "a").rglob("*.*")}


def test_fewer_epochs_than_are_done(cli, npz):
    cli("train", npz, *QUICK, "--out", "a")
    cli("train", "--resume", "--out", "a", "--epochs", 2).failed(1, "3 epochs are done already")


@pytest.mark.parametrize(
    ("option", "said"),
    [
        (("--eta", "0.5"), "--eta 3, not 0.5"),
        (("--layers", "4,10,3"), "--layers 4,30,3, not 4,10,3"),
        (("--batch-size", "7"), "--batch-size 20, not 7"),
        (("--seed", "1"), "--seed 0, not 1"),
        (("--optimiser", "adam"), "--optimiser sgd, not adam"),
        (("--features", "a,b"), "--features its default, not a,b"),
        (("--eta", "1", "--l2", "1"), "--eta 3, not 1; --l2 0, not 1"),
        (("mnist",), "blobs.npz, not mnist"),
    ],
)
def test_conflicting_options(cli, npz, folder, option, said, content_of):
    cli("train", npz, *QUICK, "--out", "a")
    before = content_of(folder)
    cli("train", *option, "--resume", "--out", "a").failed(1, "a: the run began with", said)
    assert content_of(folder) == before


def test_options_that_may_change(cli, npz):
    cli("train", npz, *QUICK, "--out", "a")
    assert cli("train", "--resume", "--out", "a", "--threads", 2, "--eta", 3, "--json").status == 0


def test_other_data_under_the_same_name(cli, npz):
    cli("train", npz, *QUICK, "--out", "a")
    X = np.random.default_rng(0).standard_normal((120, 4)).astype(np.float32)
    np.savez(npz, X=X, Y=(np.arange(120) + 1) % 3)
    cli("train", "--resume", "--out", "a", "--epochs", 9).failed(1, "data.checksum")


def test_nothing_to_resume(cli, npz, folder):
    cli("train", "--resume").failed(1, "--resume needs --out")
    (folder / "file").write_text("x")
    cli("train", "--resume", "--out", "file").failed(1, "file")


def test_a_run_that_never_began(cli, npz, folder):
    (folder / "a").mkdir()
    assert cli("train", npz, *QUICK, "--resume", "--out", "a").status == 0
    assert (folder / "a" / "model.safetensors").exists()


def test_a_damaged_checkpoint_costs_an_epoch(cli, npz, folder, monkeypatch):
    monkeypatch.setattr("chainrule.training.journal.BETWEEN_EPOCH_CHECKPOINTS", 0.0)
    cli("train", npz, *QUICK, "--out", "a")
    whole = (folder / "a/model.safetensors").read_bytes()
    (folder / "a/model.safetensors").unlink()
    last = max((folder / "a/checkpoint").iterdir())
    last.write_bytes(last.read_bytes()[:-10])
    outcome = cli("train", "--resume", "--out", "a")
    assert outcome.status == 0 and "going on with epoch 3" in outcome.out
    assert outcome.err.startswith("chainrule: warning: ") and str(last) in str(
        folder / outcome.err.partition("warning: ")[2].partition(":")[0]
    )
    assert outcome.err.count("\n") == 1
    assert epochs_of(folder / "a") == [1, 2, 3]
    assert (folder / "a/model.safetensors").read_bytes() == whole


def test_a_run_of_fit(cli, npz):
    X = np.eye(2)
    model = cr.nn.Sequential([cr.nn.Dense(2, 2)])
    cr.fit(
        model,
        (X, [0, 1]),
        cost="quadratic",
        optimiser=cr.optim.sgd(0.1),
        epochs=1,
        out="a",
        executor="interpreter",
    )
    cli("train", "--resume", "--out", "a").failed(1, "not made by chainrule train", "cr.fit")
    cli("evaluate", "a").failed(1, "does not say what data")


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("eta", "fast"), ("layers", ["x"]), ("layers", 3), ("epochs", -1), ("cost", "free"),
        ("features", ["", "a"]), ("l2", -1.0),
    ],
)  # fmt: skip
def test_an_edited_configuration(cli, npz, key, value):
    cli("train", npz, *QUICK, "--out", "a")
    run = RunFolder.open("a")
    config = run.config
    config["command"][key] = value
    run.replace_config(config)
    cli("train", "--resume", "--out", "a").failed(1, "config.toml", key)


@pytest.mark.parametrize("section", ["model", "training", "data"])
def test_a_section_that_is_missing(cli, npz, section):
    cli("train", npz, *QUICK, "--out", "a")
    run = RunFolder.open("a")
    config = run.config
    del config[section]
    run.replace_config(config)
    cli("train", "--resume", "--out", "a").failed(1, f"began with {section}.")


def test_a_run_that_was_killed_before_it_had_begun_begins(cli, npz, folder):
    for name in ("nowhere", "empty"):
        if name == "empty":
            (folder / name).mkdir()
        outcome = cli("train", npz, "--epochs", 1, "--resume", "--json", "--out", name)
        assert outcome.status == 0
        assert (
            outcome.err
            == f"chainrule: there is no run in {name} to go on with yet; it begins now\n"
        )
        assert outcome.events[-1]["event"] == "done"
        assert (folder / name / "model.safetensors").exists()
