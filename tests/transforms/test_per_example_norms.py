"""``cr.per_example_norms`` equals what materialised gradients give, without materialising them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import chainrule as cr
from chainrule.core.tree import flatten, leaf_names
from chainrule.transforms.examples import norms as module
from chainrule.transforms.examples import plan
from chainrule.transforms.examples.choice import Choice

B = 5


def softmax_cost(z, y):
    m = np.max(z)
    return m + np.log(np.sum(np.exp(z - m))) - np.sum(z * y)


@dataclass(frozen=True)
class Loss:
    """A loss with shapes of parameters and of one example, and which gradients it materialises."""

    name: str
    f: Callable[..., Any]
    params: Any
    x: Any
    materialised: tuple[str, ...] = ()
    y: Any = (3,)


def dense(p, x, y):
    a = np.tanh(p["W1"] @ x + p["b1"])
    return softmax_cost(p["W2"] @ a + p["b2"], y)


def rows(p, x, y):  # several positions: x is a matrix, weights on the right
    return np.sum((np.tanh(x @ p["V"] + p["b"]) @ p["W"] - y) ** 2)


def convolution(p, x, y):
    windows = np.stack([x[i : i + 3] for i in range(6)])
    z = np.einsum("tk,kc->tc", windows, p["K"]) + p["b"]
    return softmax_cost(np.sum(np.maximum(z, 0), axis=0) @ p["W"], y)


def convolution_2d(p, x, y):
    windows = np.stack([np.stack([x[i : i + 2, j : j + 2] for j in range(4)]) for i in range(4)])
    z = np.einsum("ijkl,klc->ijc", windows, p)
    return np.sum(np.tanh(z) ** 2) + np.sum(y)


def recurrent(p, x, y):
    h = np.zeros(3)
    for t in range(6):
        h = np.tanh(p["U"] @ h + p["V"] @ x[t] + p["b"])
    return np.sum((h - y) ** 2)


def recurrent_scan(p, x, y):
    def step(h, xt):
        h = np.tanh(p["U"] @ h + p["V"] @ xt + p["b"])
        return h, h

    h, _ = cr.scan(step, np.zeros(3, x.dtype), x)
    return np.sum((h - y) ** 2)


def embedding(p, x, y):
    e = p["E"][x]
    return softmax_cost(p["W"] @ np.tanh(np.sum(e, axis=0)), y)


def tied_embedding(p, x, y):  # the table gives inputs and scores
    e = np.tanh(np.sum((p["E"] * 0.5)[x], axis=0))
    z = p["E"] @ e + p["b"]
    return np.log(np.sum(np.exp(z))) - z[x[0]] + np.sum(y)


def lookups(p, x, y):
    e = np.reshape(p["E"], (2, 2, 20))[:, :, x[:4]]  # along the last axis
    rows = np.sum(p["E"].T[np.reshape(x, (2, 3, 1))], axis=2)
    one = p["one"][x * 0] * p["E"][:, 0] + np.sum(p["E"], axis=0)[x][:, None]
    scores = np.sum(p["f"][x]) ** 2 + np.sum(np.exp(p["f"])[x])
    return np.sum(np.tanh(e)) + np.sum(rows**2) + np.sum(one**2) + scores + np.sum(y)


def attention(p, x, y):
    q, k, v = x @ p["Q"], x @ p["K"], x @ p["V"]
    weights = np.exp(q @ k.T)
    return np.sum((weights / np.sum(weights, axis=1, keepdims=True) @ v @ p["O"] - y) ** 2)


def constant_along(p, x, y):
    z = np.mean(p, axis=0).T @ x + np.sum(p, axis=(0, 2)) @ x
    return np.sum(np.sin(z)) * np.mean(p) + np.sum(y)


def twice(p, x, y):  # the same weights as they are and transposed: an autoencoder
    return np.sum((p.T @ np.tanh(p @ x) - x) ** 2) + np.sum(y)


def low_rank(p, x, y):
    return softmax_cost((p["A"] @ p["B"]) @ x, y)


def deep_linear(p, x, y):  # one product of ten matrices, and then the example
    product = p["A"]
    for name in "BCDEFGHIJ":
        product = product @ p[name]
    return softmax_cost(product @ x, y)


def masked(p, x, y):
    mask = np.arange(12).reshape(3, 4) % 2
    return softmax_cost((p * mask * 2.0 - p / 3) @ x, y)


def scales(p, x, y):
    z = x * p["scale"] + p["shift"]
    return np.sum((z - p["one"]) ** 2) * p["number"] + np.sum(y)


def normalised(p, x, y):
    m = np.mean(x, axis=-1, keepdims=True)
    v = np.mean((x - m) ** 2, axis=-1, keepdims=True)
    return np.sum(np.sin((x - m) / np.sqrt(v + 1e-3) * p["scale"] + p["shift"])) + np.sum(y)


def views(p, x, y):
    top, bottom = p["W"][:2], p["W"][2:]
    last = p["W"][-1, ::2]
    joined = np.concatenate([p["C"], p["W"]], axis=0)
    z = np.tanh(top @ x) @ np.reshape(bottom, (-1, 2, 2))[0] + np.sum(last * x[:2]) + last[0]
    return np.sum(z**2) + np.sum(np.tanh(joined @ x)) + np.sum(p["W"].T[None, 1] * y) + p["W"][0, 0]


def merged_axes(p, x, y):
    z = np.reshape(p, (3, 4)) @ x  # of shape (3, 2, 2)
    return softmax_cost(z, y)


def split_axes(p, x, y):
    return np.sum(np.einsum("abi,i->ab", np.reshape(p, (2, 2, 4)), x) ** 2) + np.sum(y)


def flat(p, x, y):  # all parameters in one vector, as optimisers of SciPy want them
    W, b = np.reshape(p[:12], (3, 4)), p[12:]
    return softmax_cost(np.tanh(W @ x) + b, y)


def flat_by_several_names(p, x, y):  # taken out twice, and used transposed, too
    def weights(n):
        return np.reshape(p[n : n + 12], (3, 4))

    a = np.tanh(weights(0) @ x) + p[-3:] * weights(12).T[1, 1]
    return softmax_cost(weights(0) @ (weights(0).T @ a) + p[-3:] + weights(12)[:, 0], y)


def overlapping_slices(p, x, y):
    z = p[:4] @ x + p[1:5, ::-1] @ x + np.sum(np.concatenate([p[2:3], p[4:]]) @ x) * p[3, 0]
    return softmax_cost(z[:3], y) + z[3] ** 2


def split_over_factors(p, x, y):  # of the same entries, a matrix and a vector
    return softmax_cost(np.reshape(p, (3, 4)) @ x, y) + np.sum(np.sin(p * x[0]))


def nonlinear(p, x, y):
    return softmax_cost(np.exp(p["W"]) @ x + np.maximum(p["b"], 0) ** 2, y)


def partly(p, x, y):  # one use that is a product, one that is none
    return softmax_cost(p @ x + np.exp(p) @ x, y)


def heads(p, x, y):  # a stack of matrices
    z = p["W"] @ x
    return np.sum(np.einsum("hk,hk->h", z, np.tanh(z)) * p["g"]) + np.sum(y)


def quadratic_form(p, x, y):
    return x @ p @ x + np.sum(y) + np.sum(p * np.outer(x, x))


def diagonal(p, x, y):
    return np.einsum("ii,i->", p, x) + np.sum(np.einsum("ij->ji", p) @ x) + np.sum(y)


def only_regular(p, x, y):  # a parameter that meets no example, and one that is not used
    return np.sum(p["W"] ** 2) + np.sum(x) + np.sum(y)


def branching(p, x, y):
    of_both = (lambda p, x: np.sum(np.tanh(p @ x)), lambda p, x: np.sum(p @ x * 2))
    return cr.cond(x[0] > 0, *of_both, p, x) + np.sum(y)


def activation_by_value(p, x, y):
    z = p["W"] @ x
    return np.sum(np.where(z > 0, z, 0.1 * z) * (np.abs(p["W"][:, 0]) > 0.1)) + np.sum(y)


LOSSES = [
    Loss("dense", dense, {"W1": (6, 4), "b1": (6,), "W2": (3, 6), "b2": (3,)}, (4,)),
    Loss("rows", rows, {"V": (4, 7), "b": (7,), "W": (7, 3)}, (9, 4), y=(9, 3)),
    Loss("few rows", rows, {"V": (40, 7), "b": (7,), "W": (7, 30)}, (2, 40), y=(2, 30)),
    Loss("convolution", convolution, {"K": (3, 4), "b": (4,), "W": (4, 3)}, (8,)),
    Loss("convolution_2d", convolution_2d, (2, 2, 3), (5, 5)),
    Loss("recurrent", recurrent, {"U": (3, 3), "V": (3, 4), "b": (3,)}, (6, 4)),
    Loss("scan", recurrent_scan, {"U": (3, 3), "V": (3, 4), "b": (3,)}, (6, 4),
         ("['U']", "['V']")),
    Loss("embedding", embedding, {"E": (20, 4), "W": (3, 4)}, "indices"),
    Loss("tied embedding", tied_embedding, {"E": (20, 4), "b": (20,)}, "indices"),
    Loss("lookups", lookups, {"E": (4, 20), "f": (20,), "one": (1, 4)}, "indices", ("['f']",)),
    Loss("attention", attention, dict.fromkeys("QKVO", (4, 4)), (5, 4), y=(5, 4)),
    Loss("constant along an axis", constant_along, (4, 5, 2), (5,)),
    Loss("twice", twice, (3, 4), (4,)),
    Loss("low rank", low_rank, {"A": (3, 2), "B": (2, 4)}, (4,)),
    Loss("deep and linear", deep_linear, dict.fromkeys("ABCDEFGHIJ", (3, 3)), (3,)),
    Loss("masked", masked, (3, 4), (4,)),
    Loss("scales", scales, {"scale": (4,), "shift": (4,), "one": (1,), "number": ()}, (6, 4)),
    Loss("normalised", normalised, {"scale": (4,), "shift": (4,)}, (6, 4)),
    Loss("views", views, {"W": (5, 4), "C": (1, 4)}, (4,), ("['W']",), y=(5,)),
    Loss("merged axes", merged_axes, (3, 2, 2), (4,)),
    Loss("split axes", split_axes, (4, 4), (4,)),
    Loss("flat", flat, (15,), (4,)),
    Loss("flat, by several names", flat_by_several_names, (40,), (4,)),
    Loss("overlapping slices", overlapping_slices, (6, 4), (4,)),
    Loss("split over factors", split_over_factors, (12,), (4,), ("params",)),
    Loss("nonlinear", nonlinear, {"W": (3, 4), "b": (3,)}, (4,), ("['W']",)),
    Loss("partly", partly, (3, 4), (4,), ("params",)),
    Loss("heads", heads, {"W": (2, 5, 4), "g": (2,)}, (4,)),
    Loss("quadratic form", quadratic_form, (4, 4), (4,)),
    Loss("diagonal", diagonal, (4, 4), (4,), ("params",)),
    Loss("only regular", only_regular, {"W": (3, 4), "unused": (2,)}, (4,), ("['W']",)),
    Loss("cond", branching, (3, 4), (4,), ("params",)),
    Loss("by value", activation_by_value, {"W": (3, 4)}, (4,)),
]  # fmt: skip
every = pytest.mark.parametrize("case", LOSSES, ids=[case.name for case in LOSSES])


def problem(case, dtype, size=B):
    rng = np.random.default_rng(0)

    def array(shape):
        return np.asarray(rng.standard_normal(shape) / 2).astype(dtype)[()]

    if isinstance(case.params, dict):
        params = {name: array(shape) for name, shape in case.params.items()}
    else:
        params = array(case.params)
    X = rng.integers(-20, 20, (size, 6)) if case.x == "indices" else array((size, *case.x))
    return params, X, array((size, *case.y))


def materialised(f, params, X, Y):
    """Norms, products with the mean, mean and variances, from the gradients themselves."""
    gradients = cr.vmap(cr.grad(f), in_axes=(None, 0, 0))(params, X, Y)
    leaves = [g.reshape(len(X), -1).astype(np.float64) for g in flatten(gradients)[0]]
    G = np.concatenate(leaves, axis=1)
    return {
        "norms": np.linalg.norm(G, axis=1),
        "dots": G @ np.mean(G, axis=0),
        "variance": np.sum(np.var(G, axis=0)),
        "mean": [np.mean(g, axis=0) for g in leaves],
        "leaf_norms": [np.linalg.norm(g, axis=1) for g in leaves],
        "leaf_variances": [np.sum(np.var(g, axis=0)) for g in leaves],
    }


def check(found, expected, tolerance):
    scale = max(np.max(expected["norms"]), 0.1)
    for name in ("norms", "dots", "variance"):
        bound = tolerance * (scale if name == "norms" else scale**2)
        np.testing.assert_allclose(getattr(found, name), expected[name], rtol=0, atol=bound)
    for name, power in (("mean", 1), ("leaf_norms", 1), ("leaf_variances", 2)):
        for one, other in zip(flatten(getattr(found, name))[0], expected[name], strict=True):
            bound = np.sqrt(tolerance) * scale if name == "leaf_norms" else tolerance * scale**power
            np.testing.assert_allclose(np.ravel(one), np.ravel(other), rtol=0, atol=bound)


@every
@pytest.mark.parametrize("dtype", ["float64", "float32"])
def test_equals_what_materialised_gradients_give(case, dtype):
    params, X, Y = problem(case, dtype)
    found = cr.per_example_norms(case.f, params, X, Y)
    check(found, materialised(case.f, params, X, Y), 1e-13 if dtype == "float64" else 1e-5)
    assert found.materialised == case.materialised
    for one, other in zip(flatten(found.mean)[0], flatten(params)[0]):
        assert one.shape == np.shape(other)
        assert one.dtype == np.result_type(other)


@every
def test_in_chunks(case, monkeypatch):
    monkeypatch.setattr(module, "BOUND", 1)  # a chunk is one example
    params, X, Y = problem(case, "float64")
    check(cr.per_example_norms(case.f, params, X, Y), materialised(case.f, params, X, Y), 1e-13)


@every
@pytest.mark.parametrize("multiplied", [False, True])
def test_either_form_gives_the_same(case, multiplied, monkeypatch):
    choice = Choice(multiplied=multiplied, room=0)
    monkeypatch.setattr(plan, "choose", lambda pieces: choice)
    params, X, Y = problem(case, "float64")
    check(cr.per_example_norms(case.f, params, X, Y), materialised(case.f, params, X, Y), 1e-13)


STEPS = {
    "turn": lambda w, x: w.T,
    "flatten": lambda w, x: np.reshape(w, (-1,)),
    "split": lambda w, x: np.reshape(w, (2, -1)) if np.size(w) % 2 == 0 else w,
    "fewer": lambda w, x: w[1:] if w.shape[0] > 1 else w,
    "backwards": lambda w, x: w[::-1],
    "one": lambda w, x: w[..., -1] if w.ndim > 1 else w,
    "new": lambda w, x: w[:, None] if w.ndim < 3 else w,
    "double": lambda w, x: np.concatenate([w, -w], axis=0) if w.shape[0] < 5 else w,
    "sum": lambda w, x: np.sum(w, axis=0) / 2 if w.ndim > 1 else w,
    "spread": lambda w, x: np.broadcast_to(w, (2, *w.shape)) if w.ndim < 3 else w,
    "halve": lambda w, x: w * 0.5 - w / 3,
    "mask": lambda w, x: w * np.cos(np.arange(w.shape[-1])),
    "rows": lambda w, x: w[(x[:3] > 0).astype(int) * (w.shape[0] - 1)] if w.ndim < 3 else w,
    "square": lambda w, x: w @ w.T if w.ndim == 2 else w,
    "scale": lambda w, x: w * x[0],
    "bend": lambda w, x: np.tanh(w),
}  # fmt: skip
PROGRAMS = st.lists(st.lists(st.sampled_from(sorted(STEPS)), max_size=4), min_size=1, max_size=3)


@settings(max_examples=40)
@given(PROGRAMS, st.booleans())
def test_random_uses_of_a_parameter(programs, multiplied):
    """Each program takes the parameter through some steps and multiplies it with the example."""

    def f(p, x, y):
        total = np.sum(y)
        for program in programs:
            w = p
            for step in program:
                w = STEPS[step](w, x)
            total = total + np.sum(np.sin(w * x[1]) if w.ndim > 2 else np.tanh(w.T @ _like(w, x)))
        return total

    choice = Choice(multiplied=multiplied, room=0)
    params, X, Y = problem(Loss("random", f, (3, 4), (4,)), "float64")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(plan, "choose", lambda pieces: choice)
        found = cr.per_example_norms(f, params, X, Y)
    check(found, materialised(f, params, X, Y), 1e-6)  # pieces may cancel, and a root is taken


def _like(w, x):
    """A vector of the example's values that a product with ``w`` takes."""
    return np.resize(np.arange(4), w.shape[0]) * x[2] + x[0]


@pytest.mark.parametrize("size", [1, 2, 6, 7])
def test_chunks_that_do_not_divide_the_batch(size, monkeypatch):
    case = next(case for case in LOSSES if case.name == "nonlinear")
    monkeypatch.setattr(module, "BOUND", 3 * 8 * (12 + 3))  # about three examples
    params, X, Y = problem(case, "float64", size)
    for f in (cr.per_example_norms, compiled(case, "interpreter")):
        found = f(case.f, params, X, Y) if f is cr.per_example_norms else f(params, X, Y)
        check(found, materialised(case.f, params, X, Y), 1e-13)


def compiled(case, executor):
    return cr.compile(lambda p, X, Y: cr.per_example_norms(case.f, p, X, Y), executor=executor)


@every
def test_compiled_to_the_interpreter(case):
    params, X, Y = problem(case, "float64")
    found = compiled(case, "interpreter")(params, X, Y)
    check(found, materialised(case.f, params, X, Y), 1e-13)
    assert found.materialised == case.materialised


@pytest.mark.parametrize("name", ["low rank", "partly"])
def test_compiled_to_machine_code(name, monkeypatch):
    monkeypatch.setattr(module, "BOUND", 200)  # two examples of what is materialised
    case = next(case for case in LOSSES if case.name == name)
    params, X, Y = problem(case, "float32")
    f = cr.compile(lambda p, X, Y: cr.per_example_norms(case.f, p, X, Y).norms)
    expected = materialised(case.f, params, X, Y)["norms"]
    np.testing.assert_allclose(f(params, X, Y), expected, rtol=1e-5)
    assert "in the interpreter" not in f.report()


def test_no_array_is_as_large_as_the_gradients():
    rng = np.random.default_rng(0)
    size, wide, narrow = 8, 50, 40
    params = {"W1": rng.standard_normal((narrow, wide)), "b1": rng.standard_normal(narrow),
              "W2": rng.standard_normal((3, narrow)), "b2": rng.standard_normal(3)}  # fmt: skip
    X, Y = rng.standard_normal((size, wide)), rng.standard_normal((size, 3))
    graph = compiled(LOSSES[0], "interpreter").graph(params, X, Y)
    made = [v.type.size for e in graph.equations for v in e.outputs]
    assert max(made) <= narrow * wide < size * narrow * wide  # the mean gradient
    norms = cr.compile(lambda *a: cr.per_example_norms(dense, *a).norms, executor="interpreter")
    made = [v.type.size for e in norms.graph(params, X, Y).equations for v in e.outputs]
    assert max(made) <= narrow * wide
    assert (
        len([e for e in norms.graph(params, X, Y).equations if e.primitive.name == "matmul"]) == 3
    )


def test_the_cheaper_of_both_forms_is_taken():
    def steps(shape):
        rng = np.random.default_rng(0)
        W, X = rng.standard_normal((shape[1], 20)), rng.standard_normal((4, *shape))
        f = lambda W, x, y: np.sum(np.tanh(x @ W))
        graph = cr.trace(lambda *a: cr.per_example_norms(f, *a).norms)(W, X, X)
        return {v.type.shape for e in graph.equations for v in e.outputs}

    assert (4, 3, 3) in steps((3, 30)) and (4, 30, 20) not in steps((3, 30))
    assert (4, 30, 20) in steps((200, 30)) and (4, 200, 200) not in steps((200, 30))


def test_a_table_is_as_large_as_its_gradient_only_once():
    case = next(case for case in LOSSES if case.name == "tied embedding")
    rng = np.random.default_rng(0)
    params = {"E": rng.standard_normal((1000, 4)), "b": np.zeros(1000)}
    X, Y = rng.integers(0, 1000, (B, 6)), np.zeros((B, 3))
    graph = cr.trace(lambda *a: cr.per_example_norms(case.f, *a).norms)(params, X, Y)
    assert max(v.type.size for e in graph.equations for v in e.outputs) < B * 1000 * 4
    found = cr.per_example_norms(case.f, params, X, Y)
    check(found, materialised(case.f, params, X, Y), 1e-13)


def test_many_uses_of_one_parameter_are_stacked():
    case = next(case for case in LOSSES if case.name == "recurrent")
    params, X, Y = problem(case, "float64")
    graph = cr.trace(lambda *a: cr.per_example_norms(case.f, *a).norms)(params, X, Y)
    assert len([e for e in graph.equations if e.primitive.name == "einsum"]) < 20


def test_containers_of_examples_and_integers():
    def f(p, x, y):
        z = p[0] * x["a"] + np.where(y["label"] == np.arange(4), x["b"][0], 0.0)
        return np.sum(z**2 * p[0])

    rng = np.random.default_rng(0)
    X = {"a": rng.standard_normal((B, 4)), "b": (rng.standard_normal(B),)}
    Y = {"label": rng.integers(0, 4, B)}
    found = cr.per_example_norms(f, [np.ones(4)], X, Y)
    expected = cr.vmap(cr.grad(f), in_axes=(None, 0, 0))([np.ones(4)], X, Y)[0]
    np.testing.assert_allclose(found.norms, np.linalg.norm(expected, axis=1), rtol=1e-14)
    assert isinstance(found.mean, list) and found.leaf_norms[0].shape == (B,)


def test_python_numbers_are_parameters():
    found = cr.per_example_norms(lambda p, x, y: p * x * y, 2.0, np.array([1.0, -3.0]), np.ones(2))
    np.testing.assert_array_equal(found.norms, [1.0, 3.0])
    assert found.mean == -1.0 and found.variance == 4.0
    np.testing.assert_array_equal(found.dots, [-1.0, 3.0])


def test_its_own_derivative_and_batches_of_it():
    params, X, Y = problem(LOSSES[0], "float64")

    def total(p):
        return np.sum(cr.per_example_norms(dense, p, X, Y).norms)

    def plain(p):
        g = cr.vmap(cr.grad(dense), in_axes=(None, 0, 0))(p, X, Y)
        squares = [np.sum(v.reshape(B, -1) ** 2, axis=1) for v in g.values()]
        return np.sum(np.sqrt(sum(squares)))

    for one, other in zip(cr.grad(total)(params).values(), cr.grad(plain)(params).values()):
        np.testing.assert_allclose(one, other, rtol=1e-11, atol=1e-13)
    stacked = np.stack([X, X + 1])
    found = cr.vmap(lambda x: cr.per_example_norms(dense, params, x, Y).norms)(stacked)
    for x, row in zip(stacked, found):
        np.testing.assert_allclose(row, materialised(dense, params, x, Y)["norms"], rtol=1e-13)


def test_says_what_was_materialised():
    case = next(case for case in LOSSES if case.name == "nonlinear")
    assert str(cr.per_example_norms(case.f, *problem(case, "float64"))) == (
        "norms of the gradients of 5 examples; materialised, in chunks: ['W']"
    )


def test_errors_name_what_is_wrong():
    W, X = np.ones(3), np.ones((4, 3))
    f = lambda p, x, y: np.sum(p * x)
    with pytest.raises(cr.ChainruleError, match="X and Y hold arrays of shapes"):
        cr.per_example_norms(f, W, X, np.ones(3))
    with pytest.raises(cr.ChainruleError, match="X and Y hold arrays of shapes"):
        cr.per_example_norms(f, W, X, 1.0)
    with pytest.raises(
        cr.ChainruleError, match="per_example_norms is for functions that return one"
    ):
        cr.per_example_norms(lambda p, x, y: p * x, W, X, X)
    with pytest.raises(cr.ChainruleError, match="complex parameters"):
        cr.per_example_norms(f, W * 1j, X, X)
    with pytest.raises(cr.ChainruleError, match="floating-point"):
        cr.per_example_norms(f, np.arange(3), X, X)


def test_names_of_leaves():
    assert leaf_names(flatten({"a": [1.0, 2.0]})[1]) == ["['a'][0]", "['a'][1]"]
