"""What a training leaves in its run folder and takes up again, and how that is used."""

from __future__ import annotations

import signal
import threading

import numpy as np
import pytest

import chainrule as cr
from chainrule.core.errors import FileFormatError, RunError
from chainrule.files import Checkpoint, RunFolder, load_latest, save_checkpoint
from chainrule.training.data_description import DataDescription
from chainrule.training.interrupt import noted_interrupts
from chainrule.training.journal import open_journal
from chainrule.training.metrics import chosen, outputs, score
from chainrule.training.settings import require_same_settings
from chainrule.training.state import TrainingState, from_checkpoint, to_checkpoint
from chainrule.training.trained import load_trained

PARAMS = [{"weights": np.ones((2, 3), np.float32), "biases": np.zeros(2, np.float32)}]
STATE = TrainingState(PARAMS, {"v": PARAMS}, 2, 5, 17, 1.5, 50, 0.25, ({"epoch": 1, "cost": 0.5},))


def sequential(activation=cr.nn.sigmoid):
    return cr.nn.Sequential([cr.nn.Dense(2, 2), activation])


def fit(model, out, **settings):
    settings = {"optimiser": cr.optim.sgd(0.1), "epochs": 2, "cost": "quadratic"} | settings
    return cr.fit(model, (np.eye(2), [0, 1]), out=out, executor="interpreter", **settings)


# ---- state --------------------------------------------------------------------------------------


def test_a_state_comes_back_from_a_checkpoint(tmp_path):
    save_checkpoint(tmp_path, to_checkpoint(STATE, 3), 17)
    fresh = TrainingState(PARAMS, {"v": PARAMS})
    again = from_checkpoint(load_latest(tmp_path)[1], fresh, 3)
    assert again.history == STATE.history and again.timed(1.0).seconds == 1.0
    fields = ("epoch", "batch", "steps", "cost_sum", "seen", "seconds")
    assert [getattr(again, f) for f in fields] == [getattr(STATE, f) for f in fields]
    assert again.params[0]["weights"].tobytes() == PARAMS[0]["weights"].tobytes()
    assert list(again.optimiser) == ["v"]


def test_many_arrays_keep_their_order():
    params = [np.full(1, i) for i in range(10_050)]
    state = TrainingState(params, ())
    again = from_checkpoint(to_checkpoint(state, 0), state, 0)
    assert [int(x[0]) for x in again.params] == list(range(10_050))


def test_a_checkpoint_of_something_else():
    saved = to_checkpoint(STATE, 3)
    with pytest.raises(RunError, match="made with seed 3, not 4"):
        from_checkpoint(saved, STATE, 4)
    with pytest.raises(RunError, match="other shapes or dtypes"):
        from_checkpoint(saved, TrainingState(PARAMS, ()), 3)
    for change in ({"epoch": None}, {"history": 3}, {"seen": "many"}):
        broken = Checkpoint(saved.tensors, {**saved.state, **change})
        with pytest.raises(RunError, match="damaged"):
            from_checkpoint(broken, STATE, 3)
    with pytest.raises(RunError, match="'epoch'"):
        from_checkpoint(Checkpoint(saved.tensors, {}), STATE, 3)


def test_a_state_knows_whether_it_is_finite():
    assert STATE.is_finite
    assert not TrainingState([np.array([1.0, np.inf])], ()).is_finite
    assert TrainingState(PARAMS, ()).mean_cost == 0.0


# ---- journal ------------------------------------------------------------------------------------


def test_without_a_folder_nothing_is_kept():
    with open_journal(None, {}, resume=False, seed=0) as journal:
        assert journal.begin(STATE, 9) is STATE
        journal.epoch_done(STATE, last=True)
        journal.step_done(STATE)
        journal.checkpoint(STATE)
        journal.finish(STATE)
        assert journal.kept == ""


def test_checkpoints_within_long_epochs(tmp_path, monkeypatch):
    with open_journal(tmp_path / "run", {}, resume=False, seed=0) as journal:
        assert journal.begin(STATE, 9) is STATE
        journal.step_done(STATE)
        assert journal.kept.endswith("holds no checkpoint yet")
        monkeypatch.setattr("chainrule.training.journal.BETWEEN_CHECKPOINTS", 0.0)
        journal.step_done(STATE)
        assert load_latest(tmp_path / "run" / "checkpoint")[0] == 17
        assert "the last good checkpoint" in journal.kept


def test_no_checkpoint_of_what_is_not_finite(tmp_path):
    with open_journal(tmp_path / "run", {}, resume=False, seed=0) as journal:
        journal.checkpoint(TrainingState([np.array([np.nan])], ()))
        assert load_latest(tmp_path / "run" / "checkpoint") is None


def test_short_epochs_do_not_wait_for_the_disk(tmp_path):
    with open_journal(tmp_path / "run", {}, resume=False, seed=0) as journal:
        journal.epoch_done(STATE, last=False)
        assert load_latest(tmp_path / "run" / "checkpoint") is None
        journal.epoch_done(STATE, last=True)
        assert len(RunFolder.open(tmp_path / "run").read_metrics()) == 2
        assert load_latest(tmp_path / "run" / "checkpoint") is not None


def test_a_model_means_that_the_run_is_finished(tmp_path):
    run = tmp_path / "run"
    fit(sequential(), run)

    def stopping(event):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        fit(sequential(), run, epochs=5, resume=True, callbacks=[stopping])
    assert not (run / "model.safetensors").exists() and not load_trained(run).complete
    assert RunFolder.open(run).config["training"]["epochs"] == 5
    whole = fit(sequential(), tmp_path / "whole", epochs=5)
    fit(sequential(), run, epochs=5, resume=True)
    assert load_trained(run).complete
    assert np.array_equal(load_trained(run).params[0]["weights"], whole.params[0]["weights"])


def test_resuming_what_does_not_fit(tmp_path):
    run = tmp_path / "run"
    with pytest.raises(RunError, match="this is a file"):
        (tmp_path / "file").write_text("")
        fit(sequential(), tmp_path / "file", resume=True)
    fit(sequential(), run, resume=True)
    with pytest.raises(RunError, match="already holds a run"):
        fit(sequential(), run)
    with pytest.raises(RunError, match=r"training.eta = 0.1, not 0.2"):
        fit(sequential(), run, optimiser=cr.optim.sgd(0.2), resume=True)
    with pytest.raises(RunError, match=r"training.momentum = nothing, not 0.9"):
        fit(sequential(), run, optimiser=cr.optim.sgd(0.1, 0.9), resume=True)
    with pytest.raises(RunError, match=r"model.layers = .*, not "):
        fit(sequential(cr.nn.tanh), run, resume=True)
    with pytest.raises(RunError, match="2 epochs are done already"):
        fit(sequential(), run, epochs=1, resume=True)


def test_fewer_epochs_than_have_begun(tmp_path):
    config = {"training": {"epochs": 9}}
    with open_journal(tmp_path / "run", config, resume=False, seed=3) as journal:
        journal.checkpoint(STATE)
        with pytest.raises(RunError, match="1 epochs and a part of the next are done"):
            journal.begin(TrainingState(PARAMS, {"v": PARAMS}), 1)
        assert journal.begin(TrainingState(PARAMS, {"v": PARAMS}), 2).steps == 17


def test_settings_that_are_the_same():
    before = {"data": {"scale": [0.1, 0.2], "shape": [2]}, "training": {"epochs": 2}, "x": {"y": 1}}
    now = {"data": {"scale": (0.1 + 1e-17, 0.2), "shape": (2,)}, "training": {"epochs": 9}}
    require_same_settings(before, now, "run")
    for other in ([0.1], [0.1, 0.3], "much"):
        with pytest.raises(RunError, match=r"data\.scale"):
            require_same_settings(before, {**now, "data": {"scale": other, "shape": [2]}}, "run")
    with pytest.raises(RunError, match=r"\.\.\., not nothing"):
        require_same_settings({"data": {"classes": ["long name"] * 20}}, {"data": 3}, "run")


def test_replace_config_writes_only_what_is_new(tmp_path):
    run = RunFolder.create(tmp_path / "run", {"a": {"b": (1, 2)}})
    path = tmp_path / "run" / "config.toml"
    before = path.stat().st_ino
    run.replace_config({"a": {"b": [1, 2]}})
    assert path.stat().st_ino == before
    run.replace_config({"a": {"b": [1, 3]}})
    assert run.config == {"a": {"b": [1, 3]}}


# ---- trained ------------------------------------------------------------------------------------


def test_a_trained_model_is_read_back(tmp_path):
    result = fit(sequential(), tmp_path / "run")
    trained = load_trained(tmp_path / "run")
    X = np.random.default_rng(0).standard_normal((5, 2))
    assert trained.dtype == np.float32 and trained.complete
    expected = sequential()(result.params, X.astype(np.float32))
    assert np.array_equal(trained.outputs(X), expected)
    with pytest.raises(RunError, match="does not say what data"):
        _ = trained.data


def test_only_its_program_can_build_a_model_of_functions(tmp_path):
    def odd(z):
        return z * z

    fit(sequential(odd), tmp_path / "run")
    with pytest.raises(RunError, match="custom:odd"):
        load_trained(tmp_path / "run")


def test_a_checkpoint_with_too_few_arrays(tmp_path):
    fit(sequential(), tmp_path / "run")
    (tmp_path / "run" / "model.safetensors").unlink()
    number, saved = load_latest(tmp_path / "run" / "checkpoint")
    few = Checkpoint({"000000": saved.tensors["000000"]}, saved.state)
    save_checkpoint(tmp_path / "run" / "checkpoint", few, number)
    with pytest.raises(FileFormatError, match="holds arrays of shapes"):
        load_trained(tmp_path / "run")


def test_a_description_of_data_comes_back(tmp_path):
    X = np.random.default_rng(0).standard_normal((30, 2)).astype(np.float32)
    np.savez(tmp_path / "x.npz", X=X, Y=np.stack([X[:, 0] * 9, np.full(30, 7.0)], axis=1))
    described = DataDescription.of(cr.data.load(tmp_path / "x.npz"), "x.npz")
    again = DataDescription.from_config(described.to_config(), "config.toml")
    assert again.to_config() == described.to_config()
    Y = np.array([[9.0, 7.0], [-3.0, 7.0]])
    np.testing.assert_allclose(again.in_target_units(again.scaled_targets(Y, Y.dtype)), Y)
    with pytest.raises(RunError, match="section data lacks 'shape'"):
        DataDescription.from_config({}, "config.toml")
    for change in ({"shape": 3}, {"scale": [0.0, 1.0]}, {"classes": 3}, {"shift": "x"}):
        with pytest.raises(RunError, match="section data is damaged"):
            DataDescription.from_config(described.to_config() | change, "config.toml")


# ---- metrics ------------------------------------------------------------------------------------


def test_scores_in_parts_are_those_of_the_whole(monkeypatch):
    rng = np.random.default_rng(0)
    net = cr.nn.Network([3, 4, 2], cost="log-likelihood")
    X, Y = rng.standard_normal((10, 3)), np.eye(2)[np.arange(10) % 2]
    whole = score(net, net.cost, net.params, X, Y, classes=True)
    monkeypatch.setattr("chainrule.training.metrics._ROWS", 3)
    parts = score(net, net.cost, net.params, X, Y, classes=True)
    assert parts == pytest.approx(whole)
    np.testing.assert_allclose(outputs(net, net.cost, net.params, X), net.feedforward(X))
    assert whole["cost"] == pytest.approx(net.total_cost(X, Y))


def test_r2():
    net = cr.nn.Network([1, 1], ["identity"], init="scaled")
    net.params = [{"weights": np.array([[1.0]]), "biases": np.zeros(1)}]
    X = np.arange(4.0)[:, None]
    found = score(net, net.cost, net.params, X, X, classes=False)
    assert found == {"cost": 0.0, "r2": 1.0}
    assert score(net, net.cost, net.params, X, X + 1, classes=False)["r2"] == pytest.approx(0.2)
    assert np.isnan(score(net, net.cost, net.params, X, 0 * X, classes=False)["r2"])


def test_chosen():
    assert chosen(np.array([[0.2, 0.7], [0.9, 0.1]])).tolist() == [1, 0]
    assert chosen(np.array([[0.2], [0.7]])).tolist() == [0, 1]


# ---- Ctrl-C -------------------------------------------------------------------------------------


def test_ctrl_c_is_noted_and_the_second_raises():
    with noted_interrupts() as stop:
        signal.raise_signal(signal.SIGINT)
        assert stop.requested
        with pytest.raises(KeyboardInterrupt):
            signal.raise_signal(signal.SIGINT)
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler


def test_a_program_with_its_own_handler_keeps_it():
    heard = []
    signal.signal(signal.SIGINT, lambda *_: heard.append(1))
    try:
        with noted_interrupts() as stop:
            signal.raise_signal(signal.SIGINT)
        assert heard == [1] and not stop.requested
    finally:
        signal.signal(signal.SIGINT, signal.default_int_handler)


def test_other_threads_train_too():
    done = []
    thread = threading.Thread(target=lambda: done.append(fit(sequential(), None)))
    thread.start()
    thread.join()
    assert len(done[0].history) == 2


def test_ctrl_c_in_a_step_completes_it(tmp_path):
    def interrupting(a, y):
        if calls:
            calls.pop()
            signal.raise_signal(signal.SIGINT)
        return ((a - y) ** 2).sum(axis=-1)

    calls: list[int] = []

    def told(event):
        calls.append(1)

    # the cost is traced, so the signal comes while the first step is being traced
    with pytest.raises(KeyboardInterrupt):
        fit(sequential(), tmp_path / "run", cost=interrupting, callbacks=[told])
    number, checkpoint = load_latest(tmp_path / "run" / "checkpoint")
    assert number == checkpoint.state["steps"] == 1
