"""The mathematics of backpropagation, one row of the subject a test.

1 the computational graph e = (a + b)(b + 1); 2 matrix calculus; 3 the four equations; 4 the demon;
5 the chain of single neurons; 6 mini-batches and updates. Every derivative is the graph's; what it
is compared with is written out here from the equations.
"""

from __future__ import annotations

import numpy as np
import pytest

import chainrule as cr


def sigmoid(z):
    return 1.0 / (1.0 + np.exp(-z))


def sigmoid_prime(z):
    return sigmoid(z) * (1 - sigmoid(z))


# ---- 1. the computational graph ------------------------------------------------------------------


def essay(a, b):
    c = a + b
    d = b + 1
    return c * d


def test_essay_graph_has_the_nodes_c_d_e_with_their_values():
    graph = cr.trace(essay)(2.0, 1.0)
    assert str(graph) == (
        "graph(a: float64~, b: float64~)\n"
        "  c: float64~ = add a b\n"
        "  d: float64~ = add b 1\n"
        "  e: float64~ = mul c d\n"
        "  return e"
    )
    a, b = graph.inputs
    values = {a: 2.0, b: 1.0}
    for equation in graph.equations:
        x, y = (values[v] if v in values else v.value for v in equation.inputs)
        values[equation.outputs[0]] = equation.primitive.value(x, y)
    assert [values[e.outputs[0]] for e in graph.equations] == [3.0, 2.0, 6.0]


def test_essay_derivative_in_b_is_the_sum_over_two_paths():
    c, d = 3.0, 2.0
    de_dc, de_dd = cr.grad(lambda c, d: c * d, argnums=(0, 1))(c, d)
    through_c = de_dc * cr.grad(lambda b: 2.0 + b)(1.0)
    through_d = de_dd * cr.grad(lambda b: b + 1)(1.0)
    de_da, de_db = cr.grad(essay, argnums=(0, 1))(2.0, 1.0)
    assert (through_c, through_d) == (2.0, 3.0)
    assert (de_da, de_db) == (2.0, 5.0)
    assert de_db == through_c + through_d


def test_essay_forward_mode_takes_one_sweep_an_input_and_reverse_mode_one_in_all():
    with cr.count_sweeps() as forward:
        _, de_da = cr.jvp(essay, (2.0, 1.0), (1.0, 0.0))
        _, de_db = cr.jvp(essay, (2.0, 1.0), (0.0, 1.0))
    with cr.count_sweeps() as reverse:
        gradient = cr.grad(essay, argnums=(0, 1))(2.0, 1.0)
    assert gradient == (de_da, de_db) == (2.0, 5.0)
    assert (forward.forward, forward.reverse) == (2, 0)
    assert (reverse.forward, reverse.reverse) == (0, 1)


def test_sweeps_of_a_function_of_many_inputs():
    x = np.linspace(0.0, 1.0, 50)

    def f(x):
        return np.sum(np.sin(x) * x)

    with cr.count_sweeps() as forward:
        by_forward = cr.jacobian(f, mode="forward")(x)
    with cr.count_sweeps() as reverse:
        by_reverse = cr.jacobian(f)(x)
    np.testing.assert_allclose(by_forward, by_reverse, rtol=1e-14)
    assert (forward.forward, forward.reverse) == (50, 0)
    assert (reverse.forward, reverse.reverse) == (0, 1)


# ---- 2. matrix calculus
# ----------------------------------------------------------------------------

rng = np.random.default_rng(0)
W = rng.standard_normal((3, 4))
x = rng.standard_normal(4)
target = rng.standard_normal(3)


def y_of(W, x):
    return np.tanh(W @ x)


def cost_of(y):
    return 0.5 * np.sum((y - target) ** 2)


def test_gradient_of_a_scalar_in_a_vector():
    y = y_of(W, x)
    assert cr.grad(cost_of)(y).shape == (3,)
    np.testing.assert_allclose(cr.grad(cost_of)(y), y - target, rtol=1e-14)


def test_jacobian_of_a_vector_in_a_vector():
    expected = (1 - np.tanh(W @ x) ** 2)[:, None] * W  # diag(tanh') W
    for mode in ("forward", "reverse", "auto"):
        np.testing.assert_allclose(
            cr.jacobian(lambda x: y_of(W, x), mode=mode)(x), expected, rtol=1e-12
        )


def test_rows_of_the_jacobian_are_gradients_of_the_components():
    J = cr.jacobian(lambda x: y_of(W, x))(x)
    for i in range(3):
        np.testing.assert_allclose(J[i], cr.grad(lambda x, i=i: y_of(W, x)[i])(x), rtol=1e-12)


def test_derivative_of_a_scalar_in_a_matrix():
    z = W @ x
    expected = np.outer((np.tanh(z) - target) * (1 - np.tanh(z) ** 2), x)
    found = cr.grad(lambda W: cost_of(y_of(W, x)))(W)
    assert found.shape == W.shape
    np.testing.assert_allclose(found, expected, rtol=1e-12)


def test_derivative_of_a_vector_in_a_matrix_is_a_tensor_of_rank_3():
    tensor = cr.jacobian(lambda W: W @ x)(W)
    assert tensor.shape == (3, 3, 4)
    for i in range(3):
        for j in range(3):  # d z_i / d W_jk is x_k for i = j, else 0
            np.testing.assert_allclose(tensor[i, j], x if i == j else np.zeros(4), atol=1e-15)


def test_vector_chain_rule():
    y = y_of(W, x)
    dy_dx = cr.jacobian(lambda x: y_of(W, x))(x)
    np.testing.assert_allclose(
        cr.grad(lambda x: cost_of(y_of(W, x)))(x), dy_dx.T @ cr.grad(cost_of)(y), rtol=1e-12
    )


def test_tensor_contraction_of_dy_dW_with_dC_dy_is_dC_dW():
    dy_dW = cr.jacobian(lambda W: y_of(W, x))(W)
    dC_dy = cr.grad(cost_of)(y_of(W, x))
    assert dy_dW.shape == (3, 3, 4)
    np.testing.assert_allclose(
        np.tensordot(dC_dy, dy_dW, axes=(0, 0)),
        cr.grad(lambda W: cost_of(y_of(W, x)))(W),
        rtol=1e-12,
    )


# ---- 3. the four equations
# -------------------------------------------------------------------------

ACTIVATIONS = {
    "sigmoid": sigmoid_prime,
    "tanh": lambda z: 1 - np.tanh(z) ** 2,
    "relu": lambda z: (z > 0).astype(float),
    "leaky_relu": lambda z: np.where(z > 0, 1.0, 0.01),
    "softplus": sigmoid,
    "identity": np.ones_like,
}
COSTS = {
    "quadratic": lambda a, y: a - y,
    "mean-absolute": lambda a, y: np.sign(a - y) / a.shape[1],
    "huber": lambda a, y: np.clip(a - y, -1, 1),
}


def batch(examples=5, sizes=(6, 7, 5, 3)):
    rng = np.random.default_rng(1)
    return rng.standard_normal((examples, sizes[0])), rng.random((examples, sizes[-1]))


@pytest.mark.parametrize("cost", COSTS)
@pytest.mark.parametrize("activation", ACTIVATIONS)
def test_four_equations_in_matrix_form(activation, cost):
    net = cr.nn.Network([6, 7, 5, 3], activation=activation, cost=cost, seed=2)
    X, Y = batch()
    r = net.record(X, Y)
    prime, grad_a = ACTIVATIONS[activation], COSTS[cost]
    L = 3
    close = {"rtol": 1e-12, "atol": 1e-12}
    np.testing.assert_allclose(r.delta[L], grad_a(r.a[L], Y) * prime(r.z[L]), **close)  # BP1
    for layer in range(1, L):  # BP2, with weights[l] leading into layer l + 1
        back = r.delta[layer + 1] @ net.weights[layer]
        np.testing.assert_allclose(r.delta_a[layer], back, **close)
        np.testing.assert_allclose(r.delta[layer], back * prime(r.z[layer]), **close)
    for layer in range(1, L + 1):
        np.testing.assert_allclose(r.nabla_b[layer], r.delta[layer].mean(axis=0), **close)  # BP3
        outer = r.delta[layer].T @ r.a[layer - 1] / len(X)
        np.testing.assert_allclose(r.nabla_w[layer], outer, **close)  # BP4
        np.testing.assert_allclose(r.delta[layer], r.delta_a[layer] * prime(r.z[layer]), **close)


def test_four_equations_in_components():
    net = cr.nn.Network([6, 7, 5, 3], seed=3)
    X, Y = batch(examples=1)
    r = net.record(X, Y)
    z, a, delta = ({k: v[0] for k, v in part.items()} for part in (r.z, r.a, r.delta))
    for j in range(3):
        assert delta[3][j] == pytest.approx((a[3][j] - Y[0, j]) * sigmoid_prime(z[3][j]), abs=1e-12)
    for j in range(5):
        back = sum(net.weights[2][k, j] * delta[3][k] for k in range(3))
        assert delta[2][j] == pytest.approx(back * sigmoid_prime(z[2][j]), abs=1e-12)
        assert r.nabla_b[2][j] == pytest.approx(delta[2][j], abs=1e-12)
        for k in range(7):
            assert r.nabla_w[2][j, k] == pytest.approx(a[1][k] * delta[2][j], abs=1e-12)


def test_errors_of_sigmoid_and_quadratic_cost():
    net = cr.nn.Network([6, 7, 3])
    X, Y = batch(sizes=(6, 7, 3))
    r = net.record(X, Y)
    a = r.a[2]
    np.testing.assert_allclose(r.delta[2], (a - Y) * a * (1 - a), rtol=0, atol=1e-15)
    np.testing.assert_allclose(r.delta_a[2], a - Y, rtol=0, atol=1e-15)


@pytest.mark.parametrize("cost", ["cross-entropy", "log-likelihood"])
def test_costs_that_belong_to_their_output_have_the_error_a_minus_y(cost):
    net = cr.nn.Network([6, 7, 3], activation="tanh", cost=cost)
    X, _ = batch(sizes=(6, 7, 3))
    r = net.record(X, np.array([0, 1, 2, 1, 0]))
    Y = np.eye(3)[[0, 1, 2, 1, 0]]
    np.testing.assert_allclose(r.delta[2], r.a[2] - Y, rtol=0, atol=1e-14)
    # delta = J^T delta_a, J the Jacobian of the output activation, holds there too
    for i in range(5):
        J = cr.jacobian(net.output_activation)(r.z[2][i])
        np.testing.assert_allclose(J.T @ r.delta_a[2][i], r.delta[2][i], rtol=1e-9, atol=1e-12)


def test_any_activation_and_cost_given_as_plain_numpy_functions():
    def bent(z):
        return z / np.sqrt(1 + z * z)

    def quartic(a, y):
        return np.sum((a - y) ** 4, axis=-1)

    net = cr.nn.Network([6, 7, 3], activation=bent, cost=quartic, seed=4)
    X, Y = batch(sizes=(6, 7, 3))
    r = net.record(X, Y)
    prime = (1 + r.z[2] ** 2) ** -1.5
    np.testing.assert_allclose(r.delta[2], 4 * (r.a[2] - Y) ** 3 * prime, rtol=1e-11, atol=1e-13)


# ---- 4. the demon --------------------------------------------------------------------------------


def cost_with_nudge(net, x, y, layer, neuron, dz):
    """C_x when a demon adds dz to the weighted input of one neuron; plain NumPy."""
    a = x
    for i, (w, b) in enumerate(zip(net.weights, net.biases, strict=True), start=1):
        z = w @ a + b
        if i == layer:
            z = z.copy()
            z[neuron] += dz
        a = sigmoid(z)
    return 0.5 * np.sum((a - y) ** 2)


@pytest.mark.parametrize(("layer", "neuron"), [(1, 0), (1, 6), (2, 3), (3, 0), (3, 2)])
def test_demon_moves_the_cost_by_delta_times_dz_in_the_limit(layer, neuron):
    net = cr.nn.Network([6, 7, 5, 3], init="scaled", seed=5)
    X, Y = batch(examples=1)
    delta = net.record(X, Y).delta[layer][0, neuron]
    base = cost_with_nudge(net, X[0], Y[0], layer, neuron, 0.0)
    steps = 0.02 / 2.0 ** np.arange(5)
    gaps = np.array(
        [cost_with_nudge(net, X[0], Y[0], layer, neuron, dz) - base - delta * dz for dz in steps]
    )
    # first order: what is left shrinks with the square of dz, so its quotient by dz goes to zero
    rates = np.log2(np.abs(gaps[:-1] / gaps[1:]))
    assert np.all(rates > 1.7), rates
    assert abs(gaps[-1] / steps[-1]) < abs(gaps[0] / steps[0]) / 8


# ---- 5. the chain of single neurons
# ----------------------------------------------------------------


def chain_cost(w, x, y):
    a = x
    for weight in w:
        a = sigmoid(weight * a)
    return (a - y) ** 2


def chain_values(w, x):
    h, a = [], [x]
    for weight in w:
        h.append(weight * a[-1])
        a.append(sigmoid(h[-1]))
    return h, a


w_chain, x_chain, y_chain = np.array([0.8, -1.3, 2.1]), 0.6, 0.25


def test_chain_gradient_is_the_product_of_the_factors():
    (h1, h2, h3), (*_, y_hat) = chain_values(w_chain, x_chain)
    dC_dy = 2 * (y_hat - y_chain)
    expected = (
        x_chain
        * sigmoid_prime(h1)
        * w_chain[1]
        * sigmoid_prime(h2)
        * w_chain[2]
        * sigmoid_prime(h3)
        * dC_dy
    )
    gradient = cr.grad(chain_cost)(w_chain, x_chain, y_chain)
    assert gradient[0] == pytest.approx(expected, rel=1e-13)


def test_chain_network_without_biases_gives_the_same_gradient():
    net = cr.nn.Network([1, 1, 1, 1], cost=lambda a, y: np.sum((a - y) ** 2, axis=-1))
    net.weights = [np.array([[w]]) for w in w_chain]
    net.biases = [np.zeros(1) for _ in w_chain]
    _, nabla_w = net.backprop(np.array([x_chain]), np.array([y_chain]))
    gradient = cr.grad(chain_cost)(w_chain, x_chain, y_chain)
    np.testing.assert_allclose([g[0, 0] for g in nabla_w], gradient, rtol=1e-13)


def test_cascade_of_nudges_step_by_step():
    """dw1 -> da1 -> dh2 -> da2 -> dh3 -> dy -> dC: each step by forward mode and by its factor."""
    w1, w2, w3 = w_chain
    (h1, h2, h3), (_, a1, a2, y_hat) = chain_values(w_chain, x_chain)
    dw1 = 1e-3
    _, da1 = cr.jvp(lambda w: sigmoid(w * x_chain), (w1,), (dw1,))
    _, dh2 = cr.jvp(lambda a: w2 * a, (a1,), (da1,))
    _, da2 = cr.jvp(sigmoid, (h2,), (dh2,))
    _, dh3 = cr.jvp(lambda a: w3 * a, (a2,), (da2,))
    _, dy = cr.jvp(sigmoid, (h3,), (dh3,))
    _, dC = cr.jvp(lambda y: (y - y_chain) ** 2, (y_hat,), (dy,))
    assert da1 == pytest.approx(sigmoid_prime(h1) * x_chain * dw1, rel=1e-13)
    assert dh2 == pytest.approx(w2 * da1, rel=1e-13)
    assert da2 == pytest.approx(sigmoid_prime(h2) * dh2, rel=1e-13)
    assert dh3 == pytest.approx(w3 * da2, rel=1e-13)
    assert dy == pytest.approx(sigmoid_prime(h3) * dh3, rel=1e-13)
    assert dC == pytest.approx(2 * (y_hat - y_chain) * dy, rel=1e-13)
    whole = cr.grad(chain_cost)(w_chain, x_chain, y_chain)[0] * dw1
    assert dC == pytest.approx(whole, rel=1e-13)
    moved = np.array([w1 + dw1, w2, w3])
    real = chain_cost(moved, x_chain, y_chain) - chain_cost(w_chain, x_chain, y_chain)
    assert real == pytest.approx(dC, rel=1e-2)


# ---- 6. mini-batches and updates
# -------------------------------------------------------------------


def test_mini_batch_gradient_is_the_mean_of_the_gradients_of_its_examples():
    net = cr.nn.Network([6, 7, 3], seed=6)
    X, Y = batch(examples=8, sizes=(6, 7, 3))
    r = net.record(X, Y)
    single = [net.backprop(x, y) for x, y in zip(X, Y, strict=True)]
    for layer in (1, 2):
        mean_w = np.mean([nabla_w[layer - 1] for _, nabla_w in single], axis=0)
        mean_b = np.mean([nabla_b[layer - 1] for nabla_b, _ in single], axis=0)
        np.testing.assert_allclose(r.nabla_w[layer], mean_w, rtol=1e-12, atol=1e-15)
        np.testing.assert_allclose(r.nabla_b[layer], mean_b, rtol=1e-12, atol=1e-15)
        np.testing.assert_allclose(r.per_example_nabla_w(layer).mean(axis=0), mean_w, atol=1e-15)


def test_cost_is_the_average_over_examples():
    net = cr.nn.Network([6, 7, 3], seed=6)
    X, Y = batch(examples=8, sizes=(6, 7, 3))
    each = [0.5 * np.sum((net.feedforward(x) - y) ** 2) for x, y in zip(X, Y, strict=True)]
    assert net.total_cost(X, Y) == pytest.approx(np.mean(each), rel=1e-14)
    np.testing.assert_allclose(net.record(X, Y).cost, each, rtol=1e-14)


def test_update_rules_for_weights_and_biases():
    net = cr.nn.Network([6, 7, 3], seed=6)
    X, Y = batch(examples=4, sizes=(6, 7, 3))
    weights, biases = [w.copy() for w in net.weights], [b.copy() for b in net.biases]
    eta, m = 0.7, 4
    singles = [net.backprop(x, y) for x, y in zip(X, Y, strict=True)]
    net.update_mini_batch(list(zip(X, Y, strict=True)), eta)
    for i in range(2):
        w = weights[i] - eta / m * sum(nabla_w[i] for _, nabla_w in singles)
        b = biases[i] - eta / m * sum(nabla_b[i] for nabla_b, _ in singles)
        np.testing.assert_allclose(net.weights[i], w, rtol=1e-12)
        np.testing.assert_allclose(net.biases[i], b, rtol=1e-12)


def test_every_epoch_has_a_new_shuffle_of_all_examples():
    orders = [cr.data.permutation(7, epoch, 100) for epoch in (1, 2, 3)]
    for order in orders:
        assert sorted(order) == list(range(100))
    assert len({tuple(order) for order in orders}) == 3


def test_SGD_visits_each_example_once_an_epoch_in_changing_order():
    net = cr.nn.Network([2, 1], seed=8)
    seen: list[float] = []
    net._step = lambda X, Y, eta: seen.extend(X[:, 0])
    data = [(np.array([float(i), 0.0]), np.array([0.0])) for i in range(10)]
    net.SGD(data, epochs=2, mini_batch_size=3, eta=0.1)
    assert sorted(seen[:10]) == sorted(seen[10:]) == list(map(float, range(10)))
    assert seen[:10] != seen[10:]
