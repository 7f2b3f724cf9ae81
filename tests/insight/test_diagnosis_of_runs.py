"""The diagnosis of run folders: data, learning rate and history as they are written there."""

from __future__ import annotations

import numpy as np
import pytest

import chainrule as cr
from chainrule.cli.main import run as command
from chainrule.core.errors import RunError
from chainrule.insight.curvature import cost_of_parameters
from chainrule.nn.stack import stack_of
from chainrule.training.trained import load_trained
from chainrule.transforms.vector import form_of


def train(*args):
    return command(["train", *map(str, args), "--executor", "interpreter", "--json"])


@pytest.fixture
def blobs(tmp_path, capsys):
    """A file of 300 examples of three classes."""
    rng = np.random.default_rng(5)
    Y = np.arange(300) % 3
    X = (rng.standard_normal((300, 4)) + 2 * np.eye(4)[Y]).astype(np.float32)
    path = tmp_path / "blobs.npz"
    np.savez(path, X=X, Y=Y)
    return path


@pytest.fixture
def line(tmp_path, capsys):
    """A file of 200 numbers that are linear in two others."""
    rng = np.random.default_rng(3)
    X = rng.standard_normal((200, 2)).astype(np.float32)
    path = tmp_path / "line.npz"
    np.savez(path, X=X, Y=50 + 10 * X[:, 0] - 3 * X[:, 1])
    return path


def test_a_good_run(blobs, tmp_path):
    out = tmp_path / "run"
    train(blobs, "--layers", "4,10,3", "--eta", 0.5, "--cost", "cross-entropy", "--init", "scaled",
          "--epochs", 10, "--out", out)  # fmt: skip
    found = cr.insight.diagnose(out)
    assert not [f for f in found.findings if f.severity in ("illness", "warning")], str(found)
    assert "240 training examples" in found.looked_at and "10 epochs" in found.looked_at
    assert "eta 0.5" in found.subject and "mini-batches of 10" in found.subject
    assert {"unsteady cost", "overfitting", "nothing learned"} <= {f.rule for f in found.healthy}
    start = cr.nn.Network([4, 10, 3], cost="cross-entropy", init="scaled", dtype="float32")
    data = load_trained(out).dataset()
    began = cr.insight.curvature(start, data.train.X.astype(np.float64), data.train.Y)
    numbers = found["learning rate too high"].numbers
    assert numbers["start_over_limit"] == pytest.approx(began.largest * 0.5 / 2, rel=1e-3)


def test_a_run_that_diverged_before_anything_was_kept(line, tmp_path, capsys):
    out = tmp_path / "run"
    status = train(line, "--layers", "2,8,1", "--eta", 30, "--activation", "relu", "--init", "he",
                   "--epochs", 3, "--out", out)  # fmt: skip
    assert status == 1 and "the cost became" in capsys.readouterr().err
    found = cr.insight.diagnose(out)
    assert found["learning rate too high"].severity == "illness"
    assert "training is not finished" in found.looked_at
    with pytest.raises(RunError, match="nothing is trained"):
        load_trained(out)


def test_a_run_whose_rate_was_too_high_at_the_start(blobs, tmp_path):
    out = tmp_path / "run"
    train(blobs, "--layers", "4,10,3", "--eta", 2000, "--init", "scaled", "--epochs", 3,
          "--out", out)  # fmt: skip
    found = cr.insight.diagnose(out)
    assert found["nothing learned"].severity == "illness"
    assert found["learning rate too high"].severity == "illness", str(found)


def test_a_run_whose_rate_was_too_low(blobs, tmp_path):
    out = tmp_path / "run"
    train(blobs, "--layers", "4,10,3", "--eta", 0.0005, "--cost", "cross-entropy", "--init",
          "scaled", "--epochs", 2, "--out", out)  # fmt: skip
    assert cr.insight.diagnose(out)["learning rate too low"].severity == "warning"


def test_adam_is_judged_by_the_hessian_that_its_moments_scale(blobs, tmp_path):
    out = tmp_path / "run"
    train(blobs, "--layers", "4,6,3", "--optimiser", "adam", "--eta", 0.01, "--activation", "tanh",
          "--cost", "log-likelihood", "--init", "scaled", "--epochs", 4, "--out", out)  # fmt: skip
    numbers = cr.insight.diagnose(out)["learning rate too high"].numbers
    assert numbers["limit"] == pytest.approx(3800)  # 2 (1 + beta1) / ((1 - beta1) eta)
    trained = load_trained(out)
    optimiser = cr.optim.adam(0.01)
    state = trained.optimiser_state(optimiser.init(trained.params))
    steps = float(state["steps"])
    assert steps == 4 * 24
    stack = stack_of(trained.model, trained.params, trained.cost)
    data = trained.dataset().train
    f = cost_of_parameters(stack, data.X, np.eye(3)[data.Y], 0.0)
    form = form_of((stack.weights, stack.biases))
    point = form.vector((stack.weights, stack.biases)).astype(np.float64)
    moments = stack_of(trained.model, state["second"], trained.cost)
    v = form.vector((moments.weights, moments.biases)).astype(np.float64)
    P = (1 - 0.9**steps) * (np.sqrt(v / (1 - 0.999**steps)) + 1e-8)
    wide = form_of(({n: w.astype(float) for n, w in stack.weights.items()},
                    {n: b.astype(float) for n, b in stack.biases.items()}))  # fmt: skip
    H = cr.hessian(lambda x: f(wide.whole(x)))(point)
    expected = np.linalg.eigvals(H / P[:, None]).real.max()
    assert numbers["lambda_max"] == pytest.approx(expected, rel=1e-4)


def test_a_regression_run_has_targets_as_it_was_trained_on_them(line, tmp_path):
    out = tmp_path / "run"
    train(line, "--layers", "2,8,1", "--eta", 0.05, "--activation", "tanh", "--init", "scaled",
          "--epochs", 5, "--out", out)  # fmt: skip
    found = cr.insight.diagnose(out)
    assert found["nothing learned"].numbers["constant_cost"] == pytest.approx(0.5, rel=1e-3)
    assert found["targets out of reach"].severity == "healthy"
    assert "not classes" in found.unjudged["suspect labels"]


def test_a_run_from_python_needs_its_data(tmp_path):
    rng = np.random.default_rng(0)
    X, y = rng.normal(size=(60, 4)), np.arange(60) % 3
    net = cr.nn.Network([4, 6, 3], init="scaled")
    result = cr.fit(
        net, (X, y), optimiser=cr.optim.sgd(0.8), epochs=4, batch_size=20, out=tmp_path / "run",
        schedule=lambda epoch: 1 / epoch, executor="interpreter", l2=0.6,
    )  # fmt: skip
    with pytest.raises(RunError, match="does not say what data"):
        cr.insight.diagnose(result)
    found = cr.insight.diagnose(result, (X, y))
    numbers = found["learning rate too high"].numbers
    assert numbers["eta"] == pytest.approx(0.2)  # of the last epoch
    decayed = cr.insight.curvature(net, X, y, decay=0.6 / 60)
    assert numbers["lambda_max"] == pytest.approx(decayed.largest, rel=1e-5)
    assert "start_over_limit" not in numbers


def test_the_start_of_a_run_is_what_its_seed_draws(blobs, tmp_path):
    out = tmp_path / "run"
    train(blobs, "--layers", "4,5,3", "--seed", 7, "--epochs", 1, "--out", out)
    expected = cr.nn.Network([4, 5, 3], seed=7, dtype="float32").params
    for layer, drawn in zip(load_trained(out).start, expected):
        np.testing.assert_array_equal(layer["weights"], drawn["weights"])
        np.testing.assert_array_equal(layer["biases"], drawn["biases"])
