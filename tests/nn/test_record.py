"""Records of networks: the four equations, ``cr.grad``, any model, and only what is asked for."""

from __future__ import annotations

import tracemalloc
from dataclasses import dataclass
from xml.etree import ElementTree

import numpy as np
import pytest

import chainrule as cr
from chainrule.core.array_text import norm
from chainrule.core.errors import ArgumentError, ShapeError
from chainrule.nn import record as module_of_record
from chainrule.nn.activations import ACTIVATIONS
from chainrule.nn.costs import COSTS
from chainrule.nn.objective import mean_cost
from chainrule.nn.record import QUANTITIES
from chainrule.nn.stack import stack_of

SIZES = (4, 5, 3)


def logistic(z):
    return 1 / (1 + np.exp(-z))


def normal(z):
    return np.exp(-(z**2) / 2) / np.sqrt(2 * np.pi)


SLOPES = {  # written by hand
    "sigmoid": lambda z: logistic(z) * logistic(-z),
    "tanh": lambda z: 1 / np.cosh(z) ** 2,
    "relu": lambda z: (z > 0) * 1.0,
    "leaky_relu": lambda z: np.where(z > 0, 1.0, 0.01),
    "gelu": lambda z: np.vectorize(cr.scipy.special.ndtr)(z) + z * normal(z),
    "softplus": logistic,
    "identity": np.ones_like,
}


def batch(examples=3, dtype="float64", sizes=SIZES):
    rng = np.random.default_rng(1)
    X = rng.standard_normal((examples, sizes[0])).astype(dtype)
    classes = np.arange(examples) % sizes[-1]
    return X, classes, np.eye(sizes[-1], dtype=dtype)[classes]


def through(name, z, delta_a):
    """delta of delta_a: times the slope, or for softmax times its Jacobian."""
    if name != "softmax":
        return delta_a * SLOPES[name](z)
    a = np.exp(z - z.max(axis=1, keepdims=True))
    a /= a.sum(axis=1, keepdims=True)
    return a * (delta_a - (a * delta_a).sum(axis=1, keepdims=True))


@pytest.mark.parametrize("dtype", ["float64", "float32"])
@pytest.mark.parametrize("cost", COSTS)
@pytest.mark.parametrize("activation", ACTIVATIONS)
def test_the_four_equations(activation, cost, dtype):
    net = cr.nn.Network(SIZES, activation=activation, cost=cost, init="scaled", dtype=dtype)
    for examples in (1, 3):
        X, _, Y = batch(examples, dtype)
        if activation == "softmax" and cost == "quadratic" and examples == 1:
            X = X[0]  # one example as a vector
        r = net.record(X, Y)
        parts = (r.z, r.a, r.delta, r.delta_a, r.nabla_w, r.nabla_b)
        assert all(x.dtype == dtype for part in parts for x in part.values())
        single = dtype == "float32"
        close = {"rtol": 2e-4, "atol": 2e-5} if single else {"rtol": 1e-9, "atol": 1e-12}
        names = {n: f.__name__ for n, f in enumerate(net.activations, start=1)}
        for n in (1, 2):
            z = r.a[n - 1] @ net.weights[n - 1].T + net.biases[n - 1]
            np.testing.assert_allclose(r.z[n], z, **close)
            delta = through(names[n], r.z[n].astype(float), r.delta_a[n].astype(float))
            np.testing.assert_allclose(r.delta[n], delta, **close)  # BP1, BP2
            back = r.delta[n] @ net.weights[n - 1]
            np.testing.assert_allclose(r.delta_a[n - 1], back, **close)  # BP2
            np.testing.assert_allclose(r.nabla_b[n], r.delta[n].mean(axis=0), **close)  # BP3
            each = r.per_example_nabla_w(n)
            assert each.shape == (examples, SIZES[n], SIZES[n - 1])
            np.testing.assert_allclose(r.nabla_w[n], each.mean(axis=0), **close)  # BP4
            np.testing.assert_array_equal(r.per_example_nabla_b(n), r.delta[n])


@pytest.mark.parametrize("cost", COSTS)
@pytest.mark.parametrize("activation", ACTIVATIONS)
def test_gradients_and_costs_are_those_of_grad(activation, cost):
    net = cr.nn.Network(SIZES, activation=activation, cost=cost, init="scaled", seed=2)
    X, classes, Y = batch(4)
    r = net.record(X, classes)
    close = {"rtol": 1e-10, "atol": 1e-13}
    expected = cr.grad(mean_cost(net, net.cost))(net.params, X, Y)
    for n, layer in enumerate(expected, start=1):
        np.testing.assert_allclose(r.nabla_w[n], layer["weights"], **close)
        np.testing.assert_allclose(r.nabla_b[n], layer["biases"], **close)
    assert np.mean(r.cost) == pytest.approx(net.total_cost(X, classes), rel=1e-12)
    dC_dx = cr.grad(lambda X: len(X) * mean_cost(net, net.cost)(net.params, X, Y))(X)
    np.testing.assert_allclose(r.delta_a[0], dC_dx, **close)


def sequential(net):
    model = net.sequential()
    params = iter(net.params)
    return model, [next(params) if isinstance(x, cr.nn.Dense) else () for x in model.layers]


@pytest.mark.parametrize("cost", ["quadratic", "log-likelihood"])
def test_a_sequential_model_is_recorded_as_the_network_is(cost):
    net = cr.nn.Network(SIZES, cost=cost)
    model, params = sequential(net)
    X, classes, _ = batch()
    ours, theirs = net.record(X, classes), model.record(params, X, classes, cost=cost)
    for q in QUANTITIES:
        a, b = ours.kept[q], theirs.kept[q]
        np.testing.assert_equal(a, b)
    assert str(ours) == str(theirs)
    with pytest.raises(ArgumentError, match="give cost="):
        model.record(params, X, classes)


def test_several_functions_between_layers_are_one_activation():
    def scaled(x):
        return x / 2

    def shifted(x):
        return np.tanh(x) + 1

    Dense = cr.nn.Dense
    model = cr.nn.Sequential([scaled, Dense(4, 5), shifted, cr.nn.relu, Dense(5, 3)])
    params = model.init(0, "float64")
    X, classes, Y = batch()
    r = model.record(params, X, classes, cost="log-likelihood")
    np.testing.assert_array_equal(r.a[0], X / 2)
    np.testing.assert_allclose(r.a[1], np.maximum(shifted(r.z[1]), 0), rtol=1e-12)
    np.testing.assert_allclose(r.delta[2], r.a[2] - Y, rtol=1e-9, atol=1e-12)
    assert r.activations == ("shifted_then_relu", "softmax")
    known = module_of_record._compiled.cache_info().hits
    model.record(params, X, classes, cost="log-likelihood")
    assert module_of_record._compiled.cache_info().hits == known + 1


def test_forms_of_examples_and_targets():
    net = cr.nn.Network(SIZES)
    X, classes, Y = batch()
    whole = net.record(X, Y)
    np.testing.assert_equal(net.record(X, classes).kept, whole.kept)
    for x, y in ((X[0], Y[0]), (X[0][:, None], Y[0][:, None]), (X[:1], 0), (X[0], classes[0])):
        one = net.record(x, y)
        assert one.z[1].shape == (1, 5)
        np.testing.assert_allclose(one.delta[1], whole.delta[1][:1], rtol=1e-12)
    with pytest.raises(ShapeError, match=r"X has shape \(3, 5\)"):
        net.record(np.zeros((3, 5)), classes)
    with pytest.raises(ShapeError, match="3 inputs but 2 targets"):
        net.record(X, Y[:2])


def test_new_parameters_give_new_numbers():
    net = cr.nn.Network(SIZES)
    X, classes, _ = batch()
    before = net.record(X, classes)
    net.weights[1] *= 2  # in place
    after = net.record(X, classes)
    np.testing.assert_array_equal(before.a[1], after.a[1])
    moved = before.z[2] + before.a[1] @ net.weights[1].T / 2
    np.testing.assert_allclose(after.z[2], moved, rtol=1e-12)
    X[0] = 0.0
    assert before.a[0][0].any()  # a record is of the batch as it was


def test_functions_of_the_user_and_one_that_cannot_be_hashed():
    @dataclass
    class Bent:  # with ==, so without a hash
        power: int
        __name__ = "bent"

        def __call__(self, z):
            return z**self.power

    def cubic(a, y):
        return np.sum(np.abs(a - y) ** 3, axis=1)

    net = cr.nn.Network(SIZES, activation=Bent(2), cost=cubic)
    X, classes, Y = batch()
    r = net.record(X, classes)
    np.testing.assert_allclose(r.delta[2], r.delta_a[2] * 2 * r.z[2], rtol=1e-12)
    np.testing.assert_allclose(r.delta_a[2], 3 * (r.a[2] - Y) * np.abs(r.a[2] - Y), rtol=1e-12)
    assert "bent" in str(net.record(np.tile(X, (9, 1)), np.tile(classes, 9)))


# ---- what is asked for ---------------------------------------------------------------------------


@pytest.mark.parametrize("keep", [("delta",), ("nabla_w", "cost"), ("z", "a"), "delta_a"])
def test_what_is_kept_is_what_everything_has(keep):
    net = cr.nn.Network(SIZES, cost="log-likelihood")
    X, classes, _ = batch()
    whole, part = net.record(X, classes), net.record(X, classes, keep=keep)
    asked = {keep} if isinstance(keep, str) else set(keep)
    assert set(part.kept) == asked
    np.testing.assert_equal(part.kept, {q: whole.kept[q] for q in part.kept})
    for q in set(QUANTITIES) - asked:
        with pytest.raises(ArgumentError, match=rf"{q} was not kept; ask for it: record\("):
            getattr(part, q)


def test_reading_needs_what_it_is_made_of():
    net = cr.nn.Network(SIZES)
    X, classes, _ = batch()
    part = net.record(X, classes, keep="delta")
    assert part.per_example_nabla_b(2).shape == (3, 3)
    with pytest.raises(ArgumentError, match=r'keep=\("a", "delta"\)'):
        part.per_example_nabla_w(1)
    with pytest.raises(ShapeError, match="layer 3 is not one of 1 to 2"):
        part.per_example_nabla_w(3)
    with pytest.raises(ArgumentError, match="keep asks for 'deltas', which is not one of z, a"):
        net.record(X, classes, keep="deltas")
    with pytest.raises(ArgumentError, match="executor 'gpu' is not one of native, interpreter"):
        net.record(X, classes, executor="gpu")


def graph_of(net, X, Y, *keep):
    stack = stack_of(net)
    of = tuple(stack.activations.values())
    sweeps = module_of_record._sweeps_of(of, stack, frozenset(keep), "interpreter")
    return sweeps.graph(stack.weights, stack.biases, X, Y)


def test_what_is_not_asked_for_is_not_computed():
    net = cr.nn.Network([6, 5, 4, 3])
    X, _, Y = batch(7, sizes=(6, 3))
    whole = graph_of(net, X, Y, *QUANTITIES)
    weights = {w.shape for w in net.weights}

    def shapes(*keep):
        return [v.type.shape for e in graph_of(net, X, Y, *keep).equations for v in e.outputs]

    assert weights <= {v.type.shape for e in whole.equations for v in e.outputs}
    assert not weights & set(shapes("delta"))  # no gradient of weights
    assert (7, 6) not in shapes("delta", "nabla_w", "nabla_b")  # nor of the input
    assert len(shapes("cost")) < len(shapes("cost", "delta")) < len(whole.equations)
    assert len(shapes("z", "a")) == 9 + 3  # a product and a sum a layer, transposes, and sigmoids


def peak(net, X, Y, keep):
    net.record(X, Y, keep=keep)
    tracemalloc.start()
    net.record(X, Y, keep=keep)
    found = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    return found


def test_memory_is_for_what_is_asked_for():
    net = cr.nn.Network([20, *[200] * 8, 3])
    X, _, Y = batch(500, sizes=(20, 3))
    layer = 500 * 200 * 8
    assert peak(net, X, Y, "cost") < 4 * layer  # a few layers at a time
    assert peak(net, X, Y, None) > 8 * 4 * layer  # z, a, delta and delta_a of all


def test_machine_code_gives_the_same():
    net = cr.nn.Network(SIZES, activation="tanh", cost="log-likelihood")
    X, classes, _ = batch()
    plain, native = (
        net.record(X, classes, ("a", "delta", "nabla_w"), by) for by in ("interpreter", "native")
    )
    for q, part in plain.kept.items():
        for n, x in part.items():
            np.testing.assert_allclose(native.kept[q][n], x, rtol=1e-12, atol=1e-15)


# ---- how it reads --------------------------------------------------------------------------------


def test_small_records_show_all_their_numbers():
    net = cr.nn.Network([2, 3, 1])
    r = net.record(np.array([0.5, 1.0]), np.array([1.0]))
    text = str(r)
    assert text.startswith("record of 2-3-1, 1 example, cost 0.0001801 (quadratic)")
    order = [line.split()[0] for line in text.splitlines()[2:] if line.split()[0][0] != "["]
    assert order == [
        "a[0]", "z[1]", "a[1]", "z[2]", "a[2]", "cost", "delta_a[2]", "delta[2]", "nabla_w[2]",
        "nabla_b[2]", "delta_a[1]", "delta[1]", "nabla_w[1]", "nabla_b[1]", "delta_a[0]",
    ]  # fmt: skip
    assert f"{r.delta[1][0, 1]:.4g}" in text
    cells = [e.text for e in ElementTree.fromstring(r._repr_html_()).iter("td")]
    assert "sigmoid(z[2])" in cells
    assert f"[{r.z[2][0, 0]:.4g}]" in cells


def test_large_records_show_a_line_for_each_layer():
    net = cr.nn.Network([30, 20, 10])
    X, classes, _ = batch(50, sizes=(30, 10))
    r = net.record(X, classes)
    lines = str(r).splitlines()
    assert lines[0].startswith("record of 30-20-10, 50 examples, mean cost")
    size = np.mean([np.sqrt((row**2).sum()) for row in r.delta[2]])
    cells = lines[4].split()
    assert cells[:2] == ["2", "sigmoid"]
    assert f"{size:.3g}" in cells
    assert f"{np.sqrt((r.nabla_w[2] ** 2).sum()):.3g}" in cells
    page = ElementTree.fromstring(f"<div>{r._repr_html_()}</div>")
    assert [e.text for e in page.iter("td")][-len(cells) + 1 :] == cells[1:]
    only = str(net.record(X, classes, keep="delta"))
    assert "nabla" not in only
    assert len(only.splitlines()) == 5  # title, head, two layers, what |delta| is


def test_numbers_that_are_not_finite_are_seen():
    net = cr.nn.Network([30, 20, 10])
    net.biases[1][3] = np.nan
    X, classes, _ = batch(50, sizes=(30, 10))
    assert "nan" in str(net.record(X, classes))


def test_norms_do_not_overflow():
    assert norm(np.full(4, 1e200)) == pytest.approx(2e200)
    assert norm(np.array([3e-200, 4e-200])) == pytest.approx(5e-200)
    assert norm(np.zeros((2, 0))) == 0
