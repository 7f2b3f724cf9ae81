"""``cr.nn.Network`` beside the book's per-example algorithm, written here from its equations."""

from __future__ import annotations

import numpy as np
import pytest

import chainrule as cr


def sigmoid(z):
    return 1.0 / (1.0 + np.exp(-z))


class PerExample:
    """Gradient descent with column vectors, one example after the other, by BP1 to BP4."""

    def __init__(self, sizes):
        self.biases = [np.random.randn(n, 1) for n in sizes[1:]]
        self.weights = [np.random.randn(n, m) for m, n in zip(sizes, sizes[1:])]

    def gradient(self, x, y):
        activations, zs = [x], []
        for w, b in zip(self.weights, self.biases):
            zs.append(w @ activations[-1] + b)
            activations.append(sigmoid(zs[-1]))
        errors = [(activations[-1] - y) * sigmoid(zs[-1]) * (1 - sigmoid(zs[-1]))]
        for w, z in zip(self.weights[:0:-1], zs[-2::-1]):
            errors.insert(0, (w.T @ errors[0]) * sigmoid(z) * (1 - sigmoid(z)))
        return errors, [e @ a.T for e, a in zip(errors, activations)]

    def update(self, batch, eta):
        sums_b = [np.zeros(b.shape) for b in self.biases]
        sums_w = [np.zeros(w.shape) for w in self.weights]
        for x, y in batch:
            for total, part in zip(sums_b + sums_w, sum(self.gradient(x, y), [])):
                total += part
        scale = eta / len(batch)
        self.biases = [b - scale * g for b, g in zip(self.biases, sums_b)]
        self.weights = [w - scale * g for w, g in zip(self.weights, sums_w)]


def seeded_book(sizes, seed):
    state = np.random.get_state()
    np.random.seed(seed)
    book = PerExample(sizes)
    np.random.set_state(state)
    return book


def columns(X, labels):
    eye = np.eye(10)
    return [(x.reshape(-1, 1).astype(float), eye[k].reshape(-1, 1)) for x, k in zip(X, labels)]


def test_initial_parameters_are_those_of_the_book_after_the_same_seed():
    book, net = seeded_book([784, 30, 10], 12), cr.nn.Network([784, 30, 10], seed=12)
    for ours, theirs in zip(net.weights, book.weights):
        np.testing.assert_array_equal(ours, theirs)
    for ours, theirs in zip(net.biases, book.biases):
        np.testing.assert_array_equal(ours, theirs[:, 0])


def test_follows_the_book_for_1000_mini_batches_on_mnist():
    train = cr.data.mnist().train
    book, net = seeded_book([784, 30, 10], 0), cr.nn.Network([784, 30, 10], seed=0)
    largest = 0.0
    order = np.random.default_rng(0).permutation(len(train))
    for k in range(1000):
        rows = order[10 * k : 10 * k + 10]
        batch = columns(train.X[rows], train.Y[rows])
        book.update(batch, 3.0)
        net.update_mini_batch(batch, 3.0)
    for ours, theirs in zip(net.weights, book.weights):
        largest = max(largest, np.max(np.abs(ours - theirs)))
    for ours, theirs in zip(net.biases, book.biases):
        largest = max(largest, np.max(np.abs(ours - theirs[:, 0])))
    scale = max(np.max(np.abs(w)) for w in book.weights)
    print(f"largest difference {largest:.3g}, largest weight {scale:.3g}: {largest / scale:.3g}")
    assert largest <= 1e-9 * scale


def test_backprop_of_one_example_has_the_books_order_and_values():
    book, net = seeded_book([5, 4, 3], 1), cr.nn.Network([5, 4, 3], seed=1)
    x, y = np.linspace(0, 1, 5).reshape(-1, 1), np.array([[0.0], [1.0], [0.0]])
    nabla_b, nabla_w = net.backprop(x, y)
    errors, gradients = book.gradient(x, y)
    for ours, theirs in zip(nabla_b, errors):
        np.testing.assert_allclose(ours, theirs[:, 0], rtol=1e-12)
    for ours, theirs in zip(nabla_w, gradients):
        np.testing.assert_allclose(ours, theirs, rtol=1e-12)


@pytest.mark.parametrize("shape", [(5,), (5, 1), (1, 5), (7, 5)])
def test_feedforward_returns_the_form_it_was_given(shape):
    net = cr.nn.Network([5, 4, 3], seed=1)
    x = np.random.default_rng(0).random(shape)
    out = net.feedforward(x)
    rows = x.reshape(-1, 5)
    expected = np.stack(
        [
            sigmoid(net.weights[1] @ sigmoid(net.weights[0] @ r + net.biases[0]) + net.biases[1])
            for r in rows
        ]
    )
    assert out.shape == {(5,): (3,), (5, 1): (3, 1), (1, 5): (1, 3), (7, 5): (7, 3)}[shape]
    np.testing.assert_allclose(out.reshape(expected.shape), expected, rtol=1e-13)


def test_evaluate_counts_right_examples_in_every_form_of_test_data():
    net = cr.nn.Network([5, 4, 3], seed=1)
    X = np.random.default_rng(0).random((20, 5))
    found = [int(np.argmax(net.feedforward(x))) for x in X]
    labels = np.array(found)
    labels[:6] = (labels[:6] + 1) % 3
    pairs = [(x.reshape(-1, 1), int(k)) for x, k in zip(X, labels)]
    one_hot = [(x, np.eye(3)[k].reshape(-1, 1)) for x, k in zip(X, labels)]
    for data in (pairs, one_hot, (X, labels), (X, np.eye(3)[labels])):
        assert net.evaluate(data) == 14


def test_SGD_prints_what_the_books_prints_and_learns(capsys):
    net = cr.nn.Network([2, 4, 2], seed=3)
    rng = np.random.default_rng(0)
    X = rng.random((200, 2))
    labels = (X[:, 0] > X[:, 1]).astype(int)
    net.SGD((X, labels), 20, 10, 3.0, test_data=(X, labels))
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) == 20
    right, total = (int(n) for n in lines[-1].removeprefix("Epoch 19: ").split(" / "))
    assert total == 200
    assert right > 180
    net.SGD((X, labels), 1, 10, 3.0)
    assert capsys.readouterr().out == "Epoch 0 complete\n"


def test_SGD_leaves_the_callers_list_alone():
    net = cr.nn.Network([2, 2])
    data = [(np.array([float(i), 0.0]), np.array([0.0, 1.0])) for i in range(6)]
    before = [x for x, _ in data]
    net.SGD(data, 2, 2, 0.1)
    assert all(a is b for a, b in zip(before, [x for x, _ in data]))


def test_cost_derivative_is_a_minus_y_for_the_quadratic_cost():
    net = cr.nn.Network([2, 3])
    a, y = np.array([0.2, 0.5, 0.9]), np.array([0.0, 1.0, 0.0])
    np.testing.assert_allclose(net.cost_derivative(a, y), a - y, rtol=1e-15)
    column = net.cost_derivative(a[:, None], y[:, None])
    np.testing.assert_allclose(column, (a - y)[:, None], rtol=1e-15)


@pytest.mark.parametrize(
    ("call", "says"),
    [
        (lambda net: net.feedforward(np.zeros(4)), r"\(4,\).*5 neurons"),
        (lambda net: net.backprop(np.zeros((2, 5)), np.zeros((2, 3))), "one example"),
        (lambda net: net.update_mini_batch([], 1.0), "empty"),
        (lambda net: net.update_mini_batch([(np.zeros(5), 7)], 1.0), "label 7 at position 0"),
        (lambda net: net.SGD([(np.zeros(5), np.zeros(3))], 1, 1, -1.0), "eta > 0"),
        (lambda net: net.evaluate([]), "empty"),
        (lambda net: net.record(np.zeros((2, 5)), np.zeros((3, 3))), "2 inputs but 3 targets"),
        (
            lambda net: net.record(np.zeros((2, 5)), np.zeros((2, 3))).per_example_nabla_w(3),
            "layer",
        ),
        (lambda net: cr.nn.Network([5]), "at least two layers"),
        (lambda net: cr.nn.Network([5, 0]), "at least one neuron"),
        (lambda net: cr.nn.Network([5, 3], activation="sgimoid"), "not one of sigmoid"),
        (lambda net: cr.nn.Network([5, 3], activation=["tanh", "tanh"]), "2 activations for 1"),
        (lambda net: cr.nn.Network([5, 3], cost="cubic"), "not one of quadratic"),
        (lambda net: cr.nn.Network([5, 3], init="zeros"), "not one of book"),
        (
            lambda net: cr.nn.Network([5, 3], cost=lambda a, y: np.sum(a - y)).backprop(
                np.zeros(5), np.zeros(3)
            ),
            "one number for each row",
        ),
    ],
)
def test_wrong_use_says_what_is_expected(call, says):
    with pytest.raises(cr.ChainruleError, match=says):
        call(cr.nn.Network([5, 4, 3]))
