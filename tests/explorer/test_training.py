"""Training in the page: the loop of ``cr.fit``, stopped, taken back and gone again, bit by bit."""

from __future__ import annotations

import json
import time
from contextlib import ExitStack, closing
from dataclasses import replace
from threading import Barrier, Thread
from threading import enumerate as enumerate_threads

import numpy as np
import pytest
from tests.explorer.small import small_data, small_network

import chainrule as cr
from chainrule.cli.main import run as command
from chainrule.core.errors import ArgumentError
from chainrule.core.tree import flatten
from chainrule.data.dataset import Dataset, Examples, Scaling
from chainrule.explorer.learning.course import Course
from chainrule.explorer.learning.etas import Etas
from chainrule.explorer.learning.timeline import Timeline
from chainrule.explorer.questions import answer
from chainrule.explorer.session import Session
from chainrule.explorer.subjects import NetworkSubject, initial_params, network_of_run
from chainrule.training.optim import adam
from chainrule.training.state import TrainingState
from chainrule.training.trained import load_trained

PATIENCE = 60.0


@pytest.fixture
def begun():
    """``begun(network)``: a session of a network, which ends with the test, failed or not."""
    with ExitStack() as stack:
        yield lambda network: stack.enter_context(closing(Session(network=network)))


@pytest.fixture
def session(begun):
    """A small network on 30 examples in mini-batches of 4, the last of an epoch has 2."""
    return begun(lambda: replace(small_network(), batch_size=4))


def bits(params):
    return [np.asarray(x).tobytes() for x in flatten(params)[0]]


def until(session, condition):
    """Wait for facts that training tells."""
    end = time.monotonic() + PATIENCE
    while not condition(session.trainer.facts):
        assert time.monotonic() < end, session.trainer.facts
        time.sleep(0.005)


def do(session, name, *args, **settings):
    getattr(session.trainer, name)(*args, **settings).result(PATIENCE)


def taken_again(network, step, etas):
    """The parameters after steps with these rates, from the beginning and in one go."""
    return bits(Course(network).replay(network.begin, step, etas).params)


def rested(session, name, *args, **settings):
    """Have a wish granted, and wait until training rests."""
    do(session, name, *args, **settings)
    until(session, lambda facts: facts["status"] != "running")


def test_one_by_one_and_by_epochs_it_is_what_fit_does(begun):
    subject = replace(small_network(), batch_size=4, optimiser=adam, eta=0.01, l2=0.1, seed=3)
    data = subject.data
    session = begun(lambda: subject)
    for _ in range(9):  # over the short mini-batch into the next epoch
        rested(session, "step")
    for _ in range(3):
        rested(session, "epochs")
    found = cr.fit(
        subject.model, (data.train.X, data.train.Y), optimiser=subject.rule, epochs=4,
        batch_size=4, l2=0.1, seed=3, params=subject.params,
        validation=(data.validation.X, data.validation.Y),
    )  # fmt: skip
    assert session.trainer.facts["step"] == 4 * 8
    assert bits(session.timeline.at(32)) == bits(found.params)
    ends = session.trainer.progress.curves.ends
    assert [end.cost for end in ends] == [record["cost"] for record in found.history]
    for ours, theirs in zip(ends, found.history, strict=True):
        assert ours.validation == theirs["validation_cost"]
        assert ours.score == theirs["validation_accuracy"]


def test_every_step_can_be_looked_at_again_to_the_same_bits(session):
    seen = {}
    for _ in range(20):
        rested(session, "step")
        step = session.trainer.facts["step"]
        seen[step] = bits(session.timeline.at(step))
    course = session.trainer.progress.course
    thin = Timeline(
        session.network.begin, lambda state, step: course.replay(state, step, Etas(((0, 0.5),)))
    )
    thin.add(session.timeline.state(20))
    assert thin.steps == (0, 20)
    assert {step: bits(thin.at(step)) for step in seen} == seen


def test_rewound_it_goes_the_same_way_with_the_same_rates(session):
    rested(session, "epochs")
    do(session, "set_eta", 2.0)
    rested(session, "epochs")
    end = bits(session.timeline.at(16))
    rested(session, "rewind", 3)
    assert session.trainer.facts["eta"] == 0.5
    assert session.trainer.facts["step"] == 3
    rested(session, "step")
    assert session.timeline.steps[-1] == 16, "the same way on: nothing is forgotten"
    rested(session, "epochs")
    assert session.trainer.facts["step"] == 8
    assert session.trainer.facts["eta"] == 2.0
    rested(session, "epochs")
    assert bits(session.trainer.progress.state.params) == end
    assert session.trainer.progress.etas == Etas(((0, 0.5), (8, 2.0)))


def test_another_way_forgets_what_came_after(session):
    told = []
    session.listen(lambda name, facts: told.append((name, dict(facts))))
    rested(session, "epochs")
    before = session.record(8, "0")
    rested(session, "rewind", 4)
    do(session, "set_eta", 1.0)
    assert session.timeline.steps[-1] == 8, "only a step on the other way forgets"
    rested(session, "step")
    assert ("forgotten", {"after": 4}) in told
    assert session.timeline.steps[-1] == 5
    with pytest.raises(ArgumentError, match=r"no training step 8: .* from 0 to 5"):
        session.timeline.at(8)
    assert [p.step for p in session.trainer.progress.curves.points] == [0, 4, 5]
    assert session.trainer.progress.curves.ends == []
    rested(session, "epochs")
    assert not np.array_equal(session.record(8, "0").z[1], before.z[1])
    again = taken_again(session.network, 8, Etas(((0, 0.5), (4, 1.0))))
    assert bits(session.timeline.at(8)) == again


def test_it_runs_until_it_is_paused_and_the_rate_changes_meanwhile(session):
    do(session, "start")
    do(session, "start")
    until(session, lambda facts: facts["step"] > 100)
    do(session, "set_eta", 0.25)
    until(session, lambda facts: facts["eta"] == 0.25)
    changed = session.trainer.facts["step"]
    until(session, lambda facts: facts["step"] > changed + 100)
    do(session, "pause")
    do(session, "pause")
    facts = session.trainer.facts
    assert facts["status"] == "paused"
    etas = session.trainer.progress.etas
    assert [eta for _, eta in etas.changes] == [0.5, 0.25]
    if facts["step"] < 100_000:
        again = taken_again(session.network, facts["step"], etas)
        assert bits(session.timeline.at(facts["step"])) == again


def test_two_pages_at_once(session):
    """Whatever they ask in whatever order, training stands at a step that is as it must be."""
    rested(session, "epochs")
    barrier, failed = Barrier(2), []
    asked = [
        ("start", {}), ("step", {}), ("rewind", {"step": 3}), ("eta", {"eta": 0.1}), ("pause", {}),
        ("step", {}), ("epoch", {}), ("rewind", {"step": 2}), ("start", {}), ("eta", {"eta": 0.3}),
        ("history", {}), ("layers", {"step": 2}), ("batch", {"step": 1}), ("pause", {}),
    ]  # fmt: skip

    def page(order):
        barrier.wait()
        for name, params in order:
            try:
                answer(session, f"train.{name}", params)
            except ArgumentError:  # the other page went another way
                pass
            except Exception as error:
                failed.append(error)

    pages = [Thread(target=page, args=(order,)) for order in (asked, asked[::-1])]
    for each in pages:
        each.start()
    for each in pages:
        each.join(PATIENCE)
    assert not failed
    do(session, "pause")
    facts = session.trainer.facts
    assert facts["status"] == "paused"
    etas = session.trainer.progress.etas
    again = taken_again(session.network, facts["last"], etas)
    assert bits(session.timeline.at(facts["last"])) == again


def test_every_report_is_numbered(session):
    """Also those without a look: by its number a page sees whether an answer is the newer one."""
    told = []
    session.listen(lambda name, facts: told.append(facts) if name == "training" else None)
    rested(session, "step")
    assert {facts["status"] for facts in told} == {"compiling", "running", "paused"}
    assert [facts["report"] for facts in told] == list(range(1, len(told) + 1))
    assert answer(session, "train.history", {})["report"] == len(told)


def test_begun_anew_from_other_parameters(session):
    told = []
    rested(session, "epochs")
    session.listen(lambda name, facts: told.append((name, dict(facts))))
    given = {"seed": 5, "init": "he", "eta": 0.1, "batch_size": 6}
    answer(session, "train.restart", given)
    do(session, "pause")
    assert ("forgotten", {"after": -1}) in told and ("steps", {"steps": (0,)}) in told
    facts = session.trainer.facts
    assert [facts[name] for name in ("step", "seed", "batch_size", "batches")] == [0, 5, 6, 5]
    fresh = initial_params(session.network.model, "he", 5, "float32")
    assert bits(session.timeline.at(0)) == bits(fresh)
    rested(session, "epochs")
    found = cr.fit(
        session.network.model, session.network.data, optimiser=cr.optim.sgd(0.1), epochs=1,
        batch_size=6, seed=5, params=fresh,
    )  # fmt: skip
    assert bits(session.timeline.at(5)) == bits(found.params)


def test_divergence_pauses_before_it_and_says_what_to_do(begun):
    subject = small_network(activation="softplus", cost="quadratic")
    session = begun(lambda: replace(subject, batch_size=5, eta=0.1))
    rested(session, "step")
    do(session, "set_eta", 1e30)
    do(session, "start")
    until(session, lambda facts: facts["status"] == "diverged")
    facts = session.trainer.facts
    assert "the cost became" in facts["message"] and "smaller η" in facts["message"]
    assert session.trainer.progress.state.is_finite
    rested(session, "rewind", 0)
    assert session.trainer.facts["eta"] == 0.1, "the rate of the step that was taken there"
    rested(session, "step")
    assert (session.trainer.facts["status"], session.trainer.facts["step"]) == ("paused", 1)


def test_a_run_goes_on_where_it_stood(begun, tmp_path):
    train = small_data().train
    path, run = tmp_path / "sides.npz", tmp_path / "run"
    np.savez(path, x=train.X, y=train.Y)
    options = [
        "train", str(path), "--layers", "16,5,3", "--optimiser", "momentum", "--eta", "0.1",
        "--batch-size", "4", "--l2", "0.1", "--seed", "1", "--out", str(run),
    ]  # fmt: skip
    assert command([*options, "--epochs", "2"]) == 0
    session = begun(lambda: network_of_run(run))
    (begin,) = session.timeline.steps
    history = answer(session, "train.history", {})
    assert history["step"] == begin == 2 * history["batches"]
    assert [end["step"] for end in history["ends"]] == [begin // 2, begin]
    metrics = [json.loads(x) for x in (run / "metrics.jsonl").read_text().splitlines()]
    assert [end["score"] for end in history["ends"]] == [x["validation_accuracy"] for x in metrics]
    rested(session, "epochs")
    found = bits(session.timeline.at(begin + history["batches"]))
    session.close()
    assert command(["train", "--resume", "--out", str(run), "--epochs", "3"]) == 0
    assert found == bits(load_trained(run).params)


def test_what_cannot_be_is_refused_in_words(session):
    def refused(name, match, **params):
        with pytest.raises(ArgumentError, match=match):
            answer(session, f"train.{name}", params)

    refused("rewind", "cannot go to step 7: training can go back to steps 0 to 0", step=7)
    refused("eta", "η is a positive number", eta=-1.0)
    refused("eta", "η is a positive number", eta=0.0)
    again = {"seed": 0, "init": "he", "eta": 1.0, "batch_size": 5}
    refused("restart", "a seed is an integer from 0", **(again | {"seed": -1}))
    refused("restart", "one of book, scaled, glorot, he, not 'none'", **(again | {"init": "none"}))
    refused("restart", "from 1 to 30 examples, not 31", **(again | {"batch_size": 31}))
    refused("layers", r"no training step 1: .* from 0 to 0", step=1)


def test_the_numbers_of_a_step_are_those_of_insight(session):
    for _ in range(3):
        rested(session, "step")
    found = answer(session, "train.layers", {"step": 3})
    net, data = session.network, session.network.data
    params, after = session.timeline.at(3), None
    chosen = np.random.default_rng([0, 1]).permutation(30)[12:16]
    X, Y = data.train.X[chosen], data.train.Y[chosen]
    record = cr.nn.Network.record(_with(net.model, params), X, Y)
    for n, layer in found["layers"].items():
        assert layer["nabla_w"] == pytest.approx(np.linalg.norm(record.nabla_w[n]), rel=1e-5)
        assert layer["nabla_b"] == pytest.approx(np.linalg.norm(record.nabla_b[n]), rel=1e-5)
        rms = np.sqrt(np.mean(np.sum(record.delta[n] ** 2, axis=1)))
        assert layer["delta"] == pytest.approx(rms, rel=1e-5)
    rested(session, "step")
    after = session.timeline.at(4)
    for n, layer in found["layers"].items():
        before, w = params[n - 1]["weights"], after[n - 1]["weights"]
        moved = np.linalg.norm(w - before) / np.linalg.norm(before)
        assert layer["update"] == pytest.approx(moved, rel=1e-3)
        assert layer["weights"] == pytest.approx(np.linalg.norm(before), rel=1e-5)
    neurons = cr.insight.neurons(_with(net.model, params), data.validation.X)
    for n, layer in found["layers"].items():
        assert layer["saturated"] == pytest.approx(neurons.layers[n].saturated_share)
        assert layer["dead"] == neurons.layers[n].dead.sum()
    again = answer(session, "train.layers", {"step": 3, "eta": 5.0})
    ratio = again["layers"][1]["update"] / found["layers"][1]["update"]
    assert ratio == pytest.approx(10.0, rel=1e-3)


def test_the_examples_of_a_mini_batch(session):
    rested(session, "step")
    found = answer(session, "train.batch", {"step": 1})
    net, data = session.network, session.network.data
    chosen = np.random.default_rng([0, 1]).permutation(30)[4:8]
    assert sorted(found["numbers"]) == sorted(chosen)
    numbers = np.array(found["numbers"])
    X, Y = data.train.X[numbers], data.train.Y[numbers]
    np.testing.assert_array_equal(found["x"], X)
    assert found["labels"] == Y.tolist()
    model = _with(net.model, session.timeline.at(1))
    gradients = [model.backprop(x, np.eye(3)[y]) for x, y in zip(X, Y, strict=True)]
    flat = np.array([np.concatenate([np.ravel(x) for x in (*b, *w)]) for b, w in gradients])
    mean = flat.mean(axis=0)
    np.testing.assert_allclose(found["dots"], flat @ mean, rtol=1e-4, atol=1e-7)
    np.testing.assert_allclose(found["norms"], np.linalg.norm(flat, axis=1), rtol=1e-4)
    assert list(found["cosines"]) == sorted(found["cosines"])
    assert found["against"] == int((flat @ mean < 0).sum())


def _with(net, params):
    """The network with other parameters."""
    found = cr.nn.Network(net.sizes, net.activations, net.cost, dtype=net.dtype)
    found.params = params
    return found


def test_the_timeline_keeps_a_few_steps_evenly():
    def state(step):
        return TrainingState([np.full(10, step)], (), steps=step)

    replayed = []

    def replay(before, step):
        replayed.append(step - before.steps)
        return state(step)

    timeline = Timeline(state(0), replay, most=21)
    for step in range(1, 1001):
        timeline.add(state(step))
    gaps = np.diff(timeline.steps)
    assert (len(gaps), timeline.steps[0], timeline.steps[-1]) == (20, 0, 1000)
    assert gaps.max() <= 4 * 1000 / 20
    for step in range(1001):
        assert timeline.at(step)[0][0] == step
    assert max(replayed) <= gaps.max()
    small = Timeline(state(0), replay, most_bytes=800)
    for step in range(1, 100):
        small.add(state(step))
    assert len(small.steps) == 10


def test_the_thread_ends_with_the_session(session):
    before = enumerate_threads()  # sessions of other tests may be open
    do(session, "start")
    (thread,) = (t for t in enumerate_threads() if t.name == "training" and t not in before)
    session.close()
    thread.join(PATIENCE)
    assert not thread.is_alive()
    with pytest.raises(cr.ChainruleError, match="has ended"):
        session.trainer.start()


def test_looking_takes_a_small_part_of_the_time(session, monkeypatch):
    """However long a look takes, training has ten times its time before the next."""
    rested(session, "step")
    progress, looked = session.trainer.progress, []

    def slow():
        looked.append(time.monotonic())
        time.sleep(0.02)
        return type(progress).look(progress)

    monkeypatch.setattr(progress, "look", slow)
    do(session, "start")
    until(session, lambda facts: len(looked) > 5)
    do(session, "pause")
    gaps = np.diff(looked[:-1])
    assert min(gaps) >= 0.12
    assert np.mean(gaps) >= 0.02 / 0.15


@pytest.mark.parametrize("sizes", [(4, 1), (4, 3, 3, 3, 1)])
def test_a_regression_and_other_depths(begun, sizes):
    rng = np.random.default_rng(0)
    X = rng.standard_normal((40, 4)).astype(np.float32)
    every = Examples(X, (X @ np.ones((4, 1))).astype(np.float32))
    data = Dataset(
        "sums", every[:30], every[30:30], every[30:], "regression", (), ("a", "b", "c", "d"), "sum",
        Scaling.identity(4), (4,), "tests",
    )  # fmt: skip
    net = cr.nn.Network(list(sizes), activation="tanh", init="scaled", dtype="float32")
    own = begun(lambda: NetworkSubject("sums", net, net.cost, net.params, data, eta=0.1))
    rested(own, "epochs")
    history = answer(own, "train.history", {})
    assert (history["step"], history["held_out"], history["score"]) == (3, 0, "r2")
    assert [end["validation"] for end in history["ends"]] == [None]
    layers = answer(own, "train.layers", {"step": 3})["layers"]
    assert list(layers) == list(range(1, len(sizes)))
    assert answer(own, "train.batch", {"step": 3})["labels"] is None
