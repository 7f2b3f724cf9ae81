"""What can be handed over to look at, and what is said of the rest."""

from __future__ import annotations

import numpy as np
import pytest
from tests.explorer.small import CLASSES, small_data

import chainrule as cr
from chainrule.core.errors import ArgumentError, DataError, RunError, ShapeError
from chainrule.explorer.given import session_of
from chainrule.explorer.questions import answer

RNG = np.random.default_rng(3)
X, LABELS = RNG.random((30, 16)), np.arange(30) % 3


def scale(x, factor=2.0, *, power=3):
    return np.sum(x**power) * factor


@pytest.fixture
def net():
    return cr.nn.Network([16, 5, 3])


def about(session):
    return answer(session, "session.about", {})


@pytest.mark.parametrize(
    "data",
    [
        (X, LABELS), (X.tolist(), LABELS.tolist()),
        (X, np.eye(3)[LABELS]), cr.data.Examples(X, LABELS.astype(np.int64)),
        [(x[:, None], np.eye(3)[y][:, None]) for x, y in zip(X, LABELS)],
    ],
)  # fmt: skip
def test_examples_come_in_every_form_that_people_have(net, data):
    session = session_of(net, data)
    told = about(session)
    assert (told["name"], told["sizes"], told["classes"]) == ("16-5-3", [16, 5, 3], ("0", "1", "2"))
    assert told["examples"] == {"test": 30, "train": 30}
    example = session.example("4")
    np.testing.assert_allclose(example.x[0], X[4])
    assert (example.label, example.y.tolist()) == (1, [[0, 1, 0]])
    record = net.record(X[4:5], np.eye(3)[[1]])
    np.testing.assert_allclose(session.record(0, "4").delta[1], record.delta[1])
    assert told["shape"] == ()


def test_pictures_keep_their_form(net):
    assert about(session_of(net, (X.reshape(30, 4, 4), LABELS)))["shape"] == (4, 4)


def test_a_data_set_keeps_its_names_and_splits(net):
    told = about(session_of(net, small_data()))
    assert (told["data"], told["classes"], told["shape"]) == ("sides", CLASSES, (4, 4))
    assert told["examples"] == {"test": 15, "train": 30}


def test_targets_that_are_numbers_are_a_regression():
    net = cr.nn.Network([2, 4, 1])
    Y = RNG.random((30, 1))
    session = session_of(net, (X[:, :2], Y))
    assert about(session)["classes"] == ()
    example = session.example("7")
    assert example.label is None and example.y[0, 0] == Y[7, 0]
    one = session_of(net, (X[:, :2], LABELS > 0)).example("7")  # one neuron tells 0 from 1
    assert (one.label, one.y.tolist()) == (None, [[1.0]])


def test_a_model_without_parameters_is_given_them():
    model = cr.nn.Sequential([cr.nn.Dense(16, 4), cr.nn.relu, cr.nn.Dense(4, 3)])
    params = model.init(0)
    told = about(session_of(model, (X, LABELS), params=params, cost="log-likelihood"))
    assert (told["sizes"], told["cost"]) == ([16, 4, 3], "log-likelihood")
    with pytest.raises(ArgumentError, match="give params="):
        session_of(model, (X, LABELS))


def test_what_was_fitted_and_a_run_folder_are_models(tmp_path, net):
    run = tmp_path / "run"
    result = cr.fit(
        net,
        (X, LABELS),
        epochs=1,
        out=str(run),
        optimiser=cr.optim.sgd(0.5),
        executor="interpreter",
    )
    assert about(session_of(result, (X, LABELS)))["sizes"] == [16, 5, 3]
    with_data = session_of(run, (X, LABELS))
    np.testing.assert_allclose(with_data.stack(0).weights[1], net.weights[0], rtol=1e-6)


def test_a_function_brings_its_arguments_its_file_and_its_defaults():
    session = session_of(scale, args=(np.arange(3.0),))
    found = session.functions["scale"]
    assert list(session.functions) == ["scale", "essay"]
    assert found.file == __file__ and len(found.args) == 2
    assert found.f(*found.args) == 18.0
    assert found.f.__wrapped__ is scale
    assert session_of(np.sin, args=(1.0,)).functions["sin"].file is None


@pytest.mark.parametrize(
    ("given", "error", "words"),
    [
        (lambda net: session_of(net), ArgumentError, "give data="),
        (lambda net: session_of(net, (X[:, :4], LABELS)), ShapeError, "4 features"),
        (lambda net: session_of(net, (X, LABELS[:4])), DataError, "30 inputs but 4 targets"),
        (lambda net: session_of(net, (X * np.nan, LABELS)), DataError, "not finite"),
        (lambda net: session_of(net, 3), DataError, "pair of arrays"),
        (lambda net: session_of(cr.nn.Network([3, 2]), small_data()), ShapeError, "16 features"),
        (lambda net: session_of(net, (X, LABELS), args=(1.0,)), ArgumentError, "give data="),
        (lambda net: session_of(scale, (X, LABELS)), ArgumentError, "give args="),
        (lambda net: session_of(scale), ArgumentError, "missing a required argument: 'x'"),
        (lambda net: session_of(None, (X, LABELS)), ArgumentError, "nothing that it belongs to"),
        (lambda net: session_of("no/such/run"), RunError, "no/such/run"),
        (lambda net: session_of(3.0), ArgumentError, "float is no model"),
    ],
)
def test_the_rest_is_refused_with_a_remedy(net, given, error, words):
    with pytest.raises(error, match=words):
        given(net)
