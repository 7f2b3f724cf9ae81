"""Training in native loops: the numbers of the interpreter, sooner, with the same guarantees."""

from __future__ import annotations

import numpy as np
import pytest

import chainrule as cr
from chainrule.core.tree import flatten
from chainrule.training.events import EpochDone, Progress

OPTIMISERS = {
    "sgd": cr.optim.sgd(0.5),
    "momentum": cr.optim.sgd(0.1, momentum=0.9),
    "adam": cr.optim.adam(0.01),
}


@pytest.fixture(scope="module", autouse=True)
def cache(tmp_path_factory):
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("CHAINRULE_CACHE", str(tmp_path_factory.mktemp("cache")))
        yield


def data(n=203, dtype=np.float64):
    rng = np.random.default_rng(0)
    Y = np.arange(n) % 3
    return rng.standard_normal((n, 6)).astype(dtype) + 2 * np.eye(6)[Y], Y


def model():
    layers = [cr.nn.Dense(6, 8), cr.nn.tanh, cr.nn.Dense(8, 3)]
    return cr.nn.Sequential(layers)


def trained(executor, name, **settings):
    given = {
        "cost": "log-likelihood", "optimiser": OPTIMISERS[name], "epochs": 4, "batch_size": 10,
        "dtype": "float64", "l2": 0.1, "executor": executor, "validation": data(60),
    }  # fmt: skip
    return cr.fit(model(), data(), **(given | settings))


@pytest.mark.parametrize("name", OPTIMISERS)
def test_same_numbers_as_the_interpreter(name):
    native, reference = (trained(executor, name) for executor in ("native", "interpreter"))
    for a, b in zip(flatten(native.params)[0], flatten(reference.params)[0], strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-9, atol=1e-11)
    for ours, theirs in zip(native.history, reference.history, strict=True):
        assert ours["cost"] == pytest.approx(theirs["cost"], rel=1e-10)
        assert ours["validation_cost"] == pytest.approx(theirs["validation_cost"], rel=1e-9)


def test_float32_network_of_the_book():
    def network():
        return cr.nn.Network([6, 8, 3], dtype="float32", seed=1)

    found = [
        cr.fit(
            network(), data(), optimiser=cr.optim.sgd(3.0), epochs=3, batch_size=10, executor=e
        ).params
        for e in ("native", "interpreter")
    ]
    for a, b in zip(flatten(found[0])[0], flatten(found[1])[0], strict=True):
        assert a.dtype == np.float32
        np.testing.assert_allclose(a, b, rtol=2e-3, atol=2e-4)


def test_stopped_and_resumed_is_bit_identical(tmp_path):
    whole = trained("native", "adam", epochs=40)

    def stop_at(epoch):
        def stop(event):
            if isinstance(event, (Progress, EpochDone)) and event.epoch >= epoch:
                raise KeyboardInterrupt

        return stop

    for number, epoch in enumerate((3, 9, 20)):
        with pytest.raises(KeyboardInterrupt):
            trained("native", "adam", epochs=40, out=tmp_path, resume=number > 0,
                    callbacks=[stop_at(epoch)])  # fmt: skip
    resumed = trained("native", "adam", epochs=40, out=tmp_path, resume=True)
    for a, b in zip(flatten(whole.params)[0], flatten(resumed.params)[0], strict=True):
        np.testing.assert_array_equal(a, b)
    assert [r["cost"] for r in whole.history] == [r["cost"] for r in resumed.history]


def test_divergence_names_the_mini_batch():
    X, Y = data()
    with pytest.raises(cr.ChainruleError, match=r"epoch 1, mini-batch \d+"):
        cr.fit(
            cr.nn.Sequential([cr.nn.Dense(6, 8), cr.nn.softplus, cr.nn.Dense(8, 3)]),
            (1e150 * X, Y), cost="quadratic", optimiser=cr.optim.sgd(1e100), epochs=2,
            batch_size=10, dtype="float64", executor="native",
        )  # fmt: skip


def test_a_step_that_is_not_native_throughout_still_trains():
    def wavy(z):
        return np.cumsum(z, axis=-1) * 0.1

    layers = [cr.nn.Dense(6, 8), wavy, cr.nn.Dense(8, 3)]
    found = [
        cr.fit(
            cr.nn.Sequential(layers), data(), cost="log-likelihood", optimiser=cr.optim.sgd(0.1),
            epochs=2, batch_size=50, dtype="float64", executor=e,
        ).params
        for e in ("native", "interpreter")
    ]  # fmt: skip
    for a, b in zip(flatten(found[0])[0], flatten(found[1])[0], strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-10)


def wide(seed=0):
    """A network whose layers are cut at multiples of 16, and at odd places."""
    layers = [cr.nn.Dense(6, 70), cr.nn.relu, cr.nn.Dense(70, 33), cr.nn.tanh, cr.nn.Dense(33, 3)]
    return cr.nn.Sequential(layers)


@pytest.mark.parametrize("name", ["sgd", "adam"])
def test_a_team_of_threads_trains_as_the_interpreter_does(name):
    def run(**how):
        return cr.fit(
            wide(), data(), cost="log-likelihood", optimiser=OPTIMISERS[name], epochs=3,
            batch_size=40, dtype="float64", **how,
        )  # fmt: skip

    team, reference = run(threads=2), run(executor="interpreter")
    for a, b in zip(flatten(team.params)[0], flatten(reference.params)[0], strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-9, atol=1e-11)
    assert team.history[-1]["cost"] == pytest.approx(reference.history[-1]["cost"], rel=1e-10)


def test_deterministic_is_bit_identical_for_any_number_of_threads():
    def run(threads):
        return cr.fit(
            wide(), data(n=215, dtype=np.float32), cost="log-likelihood", epochs=3, batch_size=50,
            optimiser=cr.optim.sgd(0.1), threads=threads, deterministic=True, l2=0.1,
        )  # fmt: skip

    one, two = run(1), run(2)
    for a, b in zip(flatten(two.params)[0], flatten(one.params)[0], strict=True):
        assert a.tobytes() == b.tobytes()
    assert [r["cost"] for r in two.history] == [r["cost"] for r in one.history]


def test_a_team_stops_together_when_the_cost_is_not_finite():
    X, Y = data()
    with pytest.raises(cr.ChainruleError, match=r"epoch 1, mini-batch \d+"):
        cr.fit(
            wide(), (1e200 * X, Y), cost="quadratic", optimiser=cr.optim.sgd(1e100), epochs=2,
            batch_size=10, dtype="float64", threads=2,
        )  # fmt: skip


def test_one_thread_that_fails_does_not_leave_the_others_waiting():
    def looked_up(x):
        return x + x[x[:, 0].astype(np.int64)]

    X, Y = data()
    X[:, 0] = 0.0
    X[100, 0] = 77.0  # no mini-batch has that many rows
    layers = [looked_up, cr.nn.Dense(6, 8), cr.nn.tanh, cr.nn.Dense(8, 3)]
    with pytest.raises(IndexError, match="size 10"):
        cr.fit(
            cr.nn.Sequential(layers), (X, Y), cost="log-likelihood", optimiser=cr.optim.sgd(0.1),
            epochs=2, batch_size=10, dtype="float64", threads=2,
        )  # fmt: skip
