"""``cr.fit`` from Python."""

from __future__ import annotations

import itertools
import warnings
from dataclasses import dataclass

import numpy as np
import pytest

import chainrule as cr
from chainrule.core.errors import ArgumentError, DataError, DivergenceError, RunError, ShapeError
from chainrule.core.tree import flatten, map_leaves
from chainrule.nn.activations import identity
from chainrule.nn.costs import Cost, quadratic
from chainrule.nn.objective import mean_cost
from chainrule.training.events import EpochDone, Progress, Started
from chainrule.training.optim import optimiser_named

SGD = cr.optim.sgd(0.5)


def model_of(n_in=4, n_out=3):
    return cr.nn.Sequential([cr.nn.Dense(n_in, 6), cr.nn.tanh, cr.nn.Dense(n_in + 2, n_out)])


def fit(model, data, **settings):
    settings = {"cost": "quadratic", "optimiser": SGD, "epochs": 2, "batch_size": 8} | settings
    settings = {"executor": "interpreter"} | settings
    return cr.fit(model, data, **settings)


def bits(params):
    return [x.tobytes() for x in flatten(params)[0]]


def test_labels_one_hot_and_columns_are_the_same(blobs):
    X, Y = blobs
    found = [
        fit(model_of(), (X, targets)).params
        for targets in (Y, Y.tolist(), np.eye(3)[Y], Y[:, None], np.eye(3, dtype=int)[Y])
    ]
    assert all(bits(p) == bits(found[0]) for p in found)


def test_images_are_flattened(blobs):
    X, Y = blobs
    flat, image = (fit(model_of(), (x, Y)).params for x in (X, X.reshape(60, 2, 2)))
    assert bits(flat) == bits(image)


def test_same_seed_same_bits(blobs):
    a, b, c = (fit(model_of(), blobs, seed=seed).params for seed in (0, 0, 1))
    assert bits(a) == bits(b) != bits(c)


def test_history(blobs):
    result = fit(model_of(), blobs, validation=blobs, epochs=30, optimiser=cr.optim.adam(0.05))
    assert [record["epoch"] for record in result.history] == list(range(1, 31))
    last = result.history[-1]
    assert last["validation_accuracy"] > 0.9 and last["cost"] < result.history[0]["cost"] / 3
    assert last["eta"] == 0.05 and last["seconds"] >= 0 and last["examples_per_second"] > 0
    assert result.run is None


def test_regression(blobs):
    X, _ = blobs
    y = X @ np.array([1.0, -2.0, 0.5, 0.0])
    net = cr.nn.Network([4, 8, 1], ["tanh", "identity"], init="scaled")
    result = fit(net, (X, y), validation=(X, y[:, None]), epochs=60, optimiser=cr.optim.adam(0.02))
    assert result.history[-1]["validation_r2"] > 0.95


@pytest.mark.parametrize("labels", [np.arange(60) % 2, np.arange(60) % 2 == 1])
def test_one_output_tells_0_from_1(labels):
    X = np.random.default_rng(0).standard_normal((60, 4)) + 3 * labels[:, None]
    net = cr.nn.Network([4, 1], cost="cross-entropy", init="scaled")
    result = fit(net, (X, labels), cost=None, validation=(X, labels), epochs=20)
    assert result.history[-1]["validation_accuracy"] > 0.9


def test_a_network_holds_what_was_trained(blobs):
    net = cr.nn.Network([4, 5, 3], seed=3)
    before = [w.copy() for w in net.weights]
    result = fit(net, blobs, cost=None)
    assert net.weights[0] is result.params[0]["weights"]
    assert net.weights[0].dtype == np.float64 and not np.array_equal(before[0], net.weights[0])
    assert net.feedforward(blobs[0]).shape == (60, 3)


def test_dtypes(blobs):
    assert fit(model_of(), blobs).params[0]["weights"].dtype == np.float32
    assert fit(model_of(), blobs, dtype="float64").params[0]["weights"].dtype == np.float64
    given = model_of().init(0, "float64")
    result = fit(model_of(), blobs, params=given)
    assert result.params[0]["weights"].dtype == np.float64
    assert bits(given) == bits(model_of().init(0, "float64"))  # the given ones are left alone
    net = cr.nn.Network([4, 3])
    fit(net, blobs, cost=None, dtype="float32")
    assert net.dtype == np.float32 and net.feedforward(blobs[0]).dtype == np.float32


def test_a_schedule_keeps_the_dtype(blobs):
    result = fit(model_of(), blobs, schedule=lambda epoch: np.float64(1 / epoch), epochs=3)
    assert [record["eta"] for record in result.history] == [0.5, 0.25, 0.5 / 3]
    assert result.params[0]["weights"].dtype == np.float32


def test_no_epochs(blobs, tmp_path):
    result = fit(model_of(), blobs, epochs=0, out=tmp_path / "run")
    assert bits(result.params) == bits(model_of().init(0)) and result.history == []
    assert bits(cr.files.load(tmp_path / "run" / "model.safetensors")) == bits(result.params)


# ---- against updates written by hand ------------------------------------------------------------


def linear_gradient(params, X, Y):
    """Of the mean quadratic cost of one linear layer."""
    delta = (X @ params[0]["weights"].T + params[0]["biases"] - Y) / len(X)
    return delta.T @ X, delta.sum(axis=0)


def sgd_by_hand(w, g, s, t):
    return w - 0.1 * g, s


def momentum_by_hand(w, g, s, t):
    v = 0.9 * s.get("v", 0.0) - 0.1 * g
    return w + v, {"v": v}


def adam_by_hand(w, g, s, t):
    m = 0.9 * s.get("m", 0.0) + 0.1 * g
    v = 0.999 * s.get("v", 0.0) + 0.001 * g**2
    step = (m / (1 - 0.9**t)) / (np.sqrt(v / (1 - 0.999**t)) + 1e-8)
    return w - 0.1 * step, {"m": m, "v": v}


@pytest.mark.parametrize("l2", [0.0, 5.0])
@pytest.mark.parametrize(
    ("name", "rule"),
    [("sgd", sgd_by_hand), ("momentum", momentum_by_hand), ("adam", adam_by_hand)],
)
def test_optimisers_against_updates_by_hand(name, rule, l2):
    rng = np.random.default_rng(1)
    X, Y = rng.standard_normal((23, 3)), rng.standard_normal((23, 2))
    model = cr.nn.Sequential([cr.nn.Dense(3, 2)])
    start = model.init(7, "float64")
    result = fit(
        model, (X, Y), params=start, optimiser=optimiser_named(name, 0.1), l2=l2, epochs=3, seed=4
    )
    params, states, t = start, [{}, {}], 0
    for epoch in (1, 2, 3):
        order = np.random.default_rng([4, epoch]).permutation(23)
        for i in range(0, 23, 8):
            rows, t = order[i : i + 8], t + 1
            gw, gb = linear_gradient(params, X[rows], Y[rows])
            w, states[0] = rule(
                params[0]["weights"], gw + l2 / 23 * params[0]["weights"], states[0], t
            )
            b, states[1] = rule(params[0]["biases"], gb, states[1], t)
            params = [{"weights": w, "biases": b}]
    np.testing.assert_allclose(result.params[0]["weights"], params[0]["weights"], rtol=1e-12)
    np.testing.assert_allclose(result.params[0]["biases"], params[0]["biases"], rtol=1e-12)


@pytest.mark.parametrize(
    "make",
    [
        lambda: cr.optim.sgd(0),
        lambda: cr.optim.sgd(float("nan")),
        lambda: cr.optim.sgd(1, momentum=1),
        lambda: cr.optim.adam(-1),
        lambda: cr.optim.adam(1, beta2=1.5),
        lambda: cr.optim.adam(1, epsilon=0),
        lambda: optimiser_named("newton", 1),
    ],
)
def test_optimisers_out_of_range(make):
    with pytest.raises(ArgumentError):
        make()


# ---- data ---------------------------------------------------------------------------------------


def test_a_data_set_brings_its_validation(tmp_path, blobs):
    np.savez(tmp_path / "x.npz", X=blobs[0], Y=blobs[1])
    data = cr.data.load(tmp_path / "x.npz")
    result = fit(model_of(), data)
    assert "validation_accuracy" in result.history[0]
    result = fit(model_of(), data.train, validation=data.test)
    assert "validation_accuracy" in result.history[0]


def test_an_iterable_of_mini_batches_in_its_order(blobs):
    X, Y = blobs
    batches = [(X[i : i + 8], Y[i : i + 8]) for i in range(0, 60, 8)]
    model, told = model_of(), []
    result = fit(model, batches, callbacks=[told.append], validation=(X, Y))
    assert "validation_accuracy" in result.history[0]
    params = model.init(0)
    gradient = cr.grad(mean_cost(model, quadratic))
    step = cr.compile(
        lambda p, x, y: map_leaves(lambda w, g: w - 0.5 * g, p, gradient(p, x, y)),
        executor="interpreter",
    )
    for _ in range(2):
        for x, y in batches:
            params = step(params, x.astype("float32"), np.eye(3, dtype="float32")[y])
    assert bits(result.params) == bits(params)


def test_two_mini_batches_are_no_pair_of_arrays(blobs):
    X, Y = blobs
    assert len(fit(model_of(), [(X[:8], Y[:8]), (X[8:12], Y[8:12])]).history) == 2


@dataclass
class Half:
    """A model of the user's own: no layers, no sizes."""

    def init(self, seed, dtype="float32"):
        return {"slope": np.full((2, 2), 0.1, dtype)}

    def weighted_output(self, params, x):
        return x @ params["slope"]

    def __call__(self, params, x):
        return self.output_activation(self.weighted_output(params, x))

    @property
    def output_activation(self):
        return identity


def test_a_model_of_the_users_own(tmp_path):
    X = np.random.default_rng(0).standard_normal((40, 2))
    result = fit(Half(), (X, X / 2), epochs=20, out=tmp_path / "run", validation=(X, X / 2))
    np.testing.assert_allclose(result.params["slope"], np.eye(2) / 2, atol=1e-3)
    assert cr.files.RunFolder.open(tmp_path / "run").config["model"]["kind"] == "custom:Half"
    with pytest.raises(ShapeError, match="3 features each, which the model does not take"):
        fit(Half(), (X[:, [0, 1, 1]], X))


class Sums(Half):
    def weighted_output(self, params, x):
        return (x @ params["slope"]).sum(axis=1)


class Empty:
    def __iter__(self):
        return iter(())


class Once:
    """Gives its mini-batches in the first two passes only."""

    def __init__(self, batches):
        self.batches, self.passes = batches, 0

    def __iter__(self):
        self.passes += 1
        return iter(self.batches if self.passes <= 2 else ())


X0, Y0 = np.ones((6, 4)), np.array([0, 1, 2, 0, 1, 2])


def with_nan(place):
    X = X0.copy()
    X[place] = np.nan
    return X


BAD = {
    "batch_size": ({"batch_size": 0}, ArgumentError, "batch_size must be an integer of at least 1"),
    "batch_size 2.5": ({"batch_size": 2.5}, ArgumentError, "got 2.5"),
    "epochs": ({"epochs": -1}, ArgumentError, "epochs must be"),
    "seed": ({"seed": -1}, ArgumentError, "seed must be"),
    "threads": ({"threads": 0}, ArgumentError, "threads must be"),
    "l2": ({"l2": -1.0}, ArgumentError, "l2 must be"),
    "l2 nan": ({"l2": float("nan")}, ArgumentError, "l2 must be"),
    "l2 of batches": ({"l2": 1.0, "data": [(X0, Y0)]}, ArgumentError, "number of examples"),
    "dtype": ({"dtype": "float16"}, ArgumentError, "float32 or float64"),
    "no dtype": ({"dtype": "huge"}, ArgumentError, "'huge'"),
    "no cost": ({"cost": None}, ArgumentError, "fit needs cost="),
    "cost": ({"cost": "free"}, ArgumentError, "'free' is not one of quadratic"),
    "cost shape": ({"cost": lambda a, y: (a - y) ** 2}, ShapeError, "one number for each row"),
    "cost object": (
        {"cost": Cost("whole", lambda a, y: (a - y) ** 2)}, ShapeError, "cost whole"
    ),
    "executor": ({"executor": "gpu"}, ArgumentError, "'gpu'"),
    "schedule": ({"schedule": lambda epoch: -1.0}, ArgumentError, r"schedule\(1\) gave -1.0"),
    "resume nowhere": ({"resume": True}, RunError, "needs out="),
    "features": ({"data": (X0[:, :2], Y0)}, ShapeError, "2 features each"),
    "one feature": ({"data": (X0[:, 0], Y0)}, ShapeError, "1 feature each"),
    "lengths": ({"data": (X0, Y0[:5])}, DataError, "6 inputs but 5 targets"),
    "no targets": ({"data": (X0, 3)}, DataError, "6 inputs but 1 targets"),
    "label": ({"data": (X0, Y0 + 1)}, DataError, "label 3 of example 2 .* from 0 to 2"),
    "negative": ({"data": (X0, Y0 - 1)}, DataError, "label -1 of example 0"),
    "columns": ({"data": (X0, np.ones((6, 2)))}, ShapeError, "2 columns, .* 3 neurons"),
    "floats": ({"data": (X0, Y0 * 1.0)}, ShapeError, "1 column, .* class numbers as integers"),
    "nan": ({"data": (with_nan((3, 1)), Y0)}, DataError, "training data: X .* row 3, column 1"),
    "nan target": (
        {"data": (X0, np.full((6, 3), np.inf))}, DataError, "training data: Y .* row 0, column 0"
    ),
    "overflow": ({"data": (X0 * 1e300, Y0)}, DataError, "not finite"),
    "text": ({"data": (X0, list("abcabc"))}, DataError, "number the classes from 0"),
    "text inputs": ({"data": (X0.astype(str), Y0)}, DataError, "inputs X are of dtype"),
    "ragged": ({"data": ([[1.0], [1.0, 2.0]], [0, 1])}, DataError, "not an array"),
    "nothing": ({"data": (X0[:0], Y0[:0])}, DataError, "no examples"),
    "a number": ({"data": 3}, DataError, "of type int"),
    "one array": ({"data": X0}, DataError, "of type ndarray"),
    "a generator": ({"data": iter([(X0, Y0)])}, DataError, "iterator"),
    "no batches": ({"data": []}, DataError, "gave none at all"),
    "empty": ({"data": Empty()}, DataError, "gave none at all"),
    "once": ({"data": Once([(X0, Y0)])}, DataError, "none in epoch 2"),
    "batch": ({"data": [3, 4, 5]}, DataError, "first mini-batch is of type int"),
    "later batch": ({"data": [(X0, Y0), 4, 5]}, DataError, "mini-batch 2 of epoch 1 is of type"),
    "other batch": (
        {"data": [(X0, Y0), (X0[:, :2], Y0), (X0, Y0)]}, ShapeError, "2 features each, those before"
    ),
    "bad batch": (
        {"data": [(X0, Y0), (with_nan((1, 0)), Y0), (X0, Y0)]}, DataError, "mini-batch 2 of epoch 1"
    ),
    "validation": ({"validation": 3}, ArgumentError, "validation must be"),
    "validation nan": ({"validation": (with_nan(0), Y0)}, DataError, "validation data"),
    "validation size": ({"validation": (X0[:, :3], Y0)}, ShapeError, "validation data"),
    "model": ({"model": Sums(), "data": (X0[:, :2], X0[:, :2])}, ShapeError, "one row of outputs"),
}  # fmt: skip


@pytest.mark.parametrize("case", BAD)
def test_errors(case, tmp_path):
    settings, error, words = BAD[case]
    settings = {"model": model_of(), "data": (X0, Y0), "out": tmp_path / "run", **settings}
    if case == "resume nowhere":
        settings["out"] = None
    with pytest.raises(error, match=words):
        fit(**settings)
    late = ("schedule", "once", "later batch", "other batch", "bad batch")
    assert case in late or not (tmp_path / "run").exists()


def test_one_output_takes_no_third_class():
    with pytest.raises(DataError, match="one output neuron tells 0 from 1"):
        fit(cr.nn.Network([4, 1]), (X0, Y0))


# ---- events and endings -------------------------------------------------------------------------


def test_callbacks(blobs, monkeypatch, tmp_path):
    monkeypatch.setattr("chainrule.training.loop.BETWEEN_PROGRESS", 0.0)
    told = []
    fit(model_of(), blobs, callbacks=[told.append], out=tmp_path / "run")
    kinds = [type(event) for event in told]
    assert kinds == [Started, *[Progress] * 8, EpochDone, *[Progress] * 8, EpochDone]
    assert told[0] == Started(1, 2, 0, tmp_path / "run")
    last = told[-2]
    assert (last.epoch, last.epochs, last.batch, last.batches) == (2, 2, 8, 8)
    assert last.cost == pytest.approx(told[-1].record["cost"])
    assert told[-1].params[0]["weights"].shape == (6, 4)


def test_a_callback_may_stop(blobs, tmp_path, monkeypatch):
    monkeypatch.setattr("chainrule.training.loop.BETWEEN_PROGRESS", 0.0)
    whole = fit(model_of(), blobs, epochs=3, optimiser=cr.optim.adam(0.01))
    settings = {"epochs": 3, "optimiser": cr.optim.adam(0.01), "out": tmp_path / "run"}
    for n in itertools.count(1):
        count = itertools.count(1)

        def stopping(event, count=count):
            if isinstance(event, Progress) and next(count) == 5:
                raise KeyboardInterrupt

        try:
            result = fit(model_of(), blobs, **settings, callbacks=[stopping], resume=n > 1)
            break
        except KeyboardInterrupt:
            pass
    assert n == 5  # 24 steps, five at a time
    assert bits(result.params) == bits(whole.params)
    assert [r["epoch"] for r in result.history] == [1, 2, 3]
    costs = [[r["cost"] for r in x.history] for x in (result, whole)]
    assert costs[0] == costs[1]


def test_stopping_in_the_last_step_is_the_end(blobs, tmp_path):
    def stopping(event):
        if isinstance(event, EpochDone) and event.epoch == 2:
            raise KeyboardInterrupt

    assert len(fit(model_of(), blobs, callbacks=[stopping]).history) == 2


def test_a_stopped_network_holds_what_it_learned(blobs):
    def stopping(event):
        if isinstance(event, EpochDone):
            raise KeyboardInterrupt

    net = cr.nn.Network([4, 3])
    before = net.weights[0]
    with pytest.raises(KeyboardInterrupt):
        fit(net, blobs, callbacks=[stopping], cost=None)
    assert not np.array_equal(before, net.weights[0])


def test_divergence_names_the_place_and_keeps_the_checkpoint(blobs, tmp_path, monkeypatch):
    monkeypatch.setattr("chainrule.training.journal.BETWEEN_EPOCH_CHECKPOINTS", 0.0)
    X = blobs[0]
    net = cr.nn.Network([4, 1], ["identity"], init="scaled", dtype="float32")
    settings = {
        "optimiser": cr.optim.sgd(1e-3), "out": tmp_path / "run", "cost": None, "epochs": 40,
        "schedule": lambda epoch: 1.0 if epoch < 3 else 1e9,
    }  # fmt: skip
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        with pytest.raises(DivergenceError, match=r"epoch 3, mini-batch \d+; .* kept in"):
            fit(net, (X, X[:, :1]), **settings)
    number, checkpoint = cr.files.load_latest(tmp_path / "run" / "checkpoint")
    assert number == 16 and checkpoint.state["epoch"] == 3
    assert np.isfinite(checkpoint.tensors["000001"]).all()


def test_divergence_in_the_last_step():
    with pytest.raises(DivergenceError, match="parameters became infinite in epoch 1, mini-batch"):
        X = np.full((8, 1), 1e15)
        fit(cr.nn.Network([1, 1], ["identity"], init="scaled", dtype="float32"),
            (X, X), cost=None, epochs=1, optimiser=cr.optim.sgd(1e30))  # fmt: skip


def test_threads(blobs):
    assert fit(model_of(), blobs, threads=1).history


def test_history_and_model_save_and_load(blobs, tmp_path):
    result = fit(model_of(), blobs, out=tmp_path / "run", validation=blobs)
    assert result.run == tmp_path / "run"
    assert cr.files.RunFolder.open(result.run).read_metrics() == result.history
    cr.files.save_history(tmp_path / "h.jsonl", result.history)
    assert cr.files.load_history(tmp_path / "h.jsonl") == result.history
    cr.files.save(tmp_path / "p.safetensors", result.params)
    assert bits(cr.files.load(tmp_path / "p.safetensors")) == bits(result.params)
    assert bits(cr.files.load(result.run / "model.safetensors")) == bits(result.params)
