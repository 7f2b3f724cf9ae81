"""Containers go in and come out: tuples, lists, dicts, named tuples, dataclasses, None."""

from __future__ import annotations

import dataclasses
from typing import Any, NamedTuple

import numpy as np
import pytest

import chainrule as cr
from chainrule.core.tree import flatten, leaf_names, map_leaves, unflatten


class Layer(NamedTuple):
    w: Any
    b: Any


@dataclasses.dataclass
class Model:
    first: Layer
    scale: Any


@dataclasses.dataclass(frozen=True, slots=True)
class Frozen:
    w: Any
    rest: Any = None


@dataclasses.dataclass
class Checked:
    w: Any

    def __post_init__(self) -> None:
        if not isinstance(self.w, np.ndarray):
            raise TypeError("only arrays")


W, B = np.arange(6.0).reshape(2, 3), np.array([1.0, -1.0])
CONTAINERS: dict[str, Any] = {
    "tuple": (W, B),
    "list": [W, [B]],
    "dict": {"w": W, "b": {"b": B}},
    "named tuple": Layer(W, B),
    "dataclass": Model(Layer(W, B), 2.0),
    "frozen dataclass": Frozen(W, [B, None]),
    "checking dataclass": Checked(W),
    "None": (W, None, B),
    "empty": (W, (), [], {}),
    "alone": W,
}


def squares(tree: Any) -> Any:
    return sum(np.sum(x * x) for x in flatten(tree)[0])


@pytest.mark.parametrize("tree", CONTAINERS.values(), ids=CONTAINERS.keys())
def test_gradients_have_the_structure_of_the_argument(tree: Any) -> None:
    gradient = cr.grad(squares)(tree)
    assert type(gradient) is type(tree)
    leaves, structure = flatten(tree)
    found, found_structure = flatten(gradient)
    assert found_structure == structure
    for x, g in zip(leaves, found, strict=True):
        np.testing.assert_array_equal(g, 2 * x)


@pytest.mark.parametrize("tree", CONTAINERS.values(), ids=CONTAINERS.keys())
def test_every_transform_keeps_containers(tree: Any) -> None:
    def double(t: Any) -> Any:
        return map_leaves(lambda x: 2.0 * x, t)

    out, tangent = cr.jvp(double, (tree,), (tree,))
    assert flatten(out)[1] == flatten(tangent)[1] == flatten(tree)[1]
    _, pullback = cr.vjp(double, tree)
    assert flatten(pullback(out)[0])[1] == flatten(tree)[1]
    assert len(cr.trace(double)(tree).outputs) == len(flatten(tree)[0])


def test_jacobians_of_containers_are_containers_of_blocks() -> None:
    def f(p: Any) -> Any:
        return {"y": p["w"] @ p["x"], "s": np.sum(p["x"])}

    p = {"w": W, "x": np.array([1.0, 2.0, 3.0])}
    forward, reverse = (cr.jacobian(f, mode=m)(p) for m in ("forward", "reverse"))
    assert forward["y"]["w"].shape == (2, 2, 3)
    assert forward["s"]["w"].shape == (2, 3)
    np.testing.assert_array_equal(forward["y"]["x"], W)
    for out in ("y", "s"):
        for into in ("w", "x"):
            np.testing.assert_array_equal(forward[out][into], reverse[out][into])


def test_leaves_are_named_as_a_person_would_find_them() -> None:
    _, structure = flatten({"layers": [Layer(1.0, 2.0)], "m": Frozen(3.0)})
    names = list(leaf_names(structure))
    assert names == ["['layers'][0].w", "['layers'][0].b", "['m'].w"]
    assert unflatten(structure, [1.0, 2.0, 3.0])["m"] == Frozen(3.0)


def test_aux_comes_back_as_plain_values() -> None:
    def f(x: Any) -> Any:
        y = np.exp(x)
        return np.sum(y), {"y": y, "name": "exp", "n": 3}

    x = np.array([0.0, 1.0])
    gradient, aux = cr.grad(f, has_aux=True)(x)
    (value, aux_2), gradient_2 = cr.value_and_grad(f, has_aux=True)(x)
    out, pullback, aux_3 = cr.vjp(f, x, has_aux=True)
    assert type(aux["y"]) is np.ndarray
    assert (aux["name"], aux["n"]) == ("exp", 3)
    assert value == out == np.sum(np.exp(x))
    for g in (gradient, gradient_2, pullback(1.0)[0], aux_2["y"], aux_3["y"]):
        np.testing.assert_array_equal(g, aux["y"])


def test_keyword_arguments_closures_and_argnums() -> None:
    c = np.array([1.0, 2.0])

    def f(a: Any, b: Any, *, power: int = 1, shift: Any = 0.0) -> Any:
        return np.sum(c * a**power * b + shift)

    a, b = np.array([3.0, 5.0]), np.array([7.0, 11.0])
    np.testing.assert_array_equal(cr.grad(f)(a, b, power=2), 2 * c * a * b)
    ga, gb = cr.grad(f, argnums=(0, -1))(a, b, shift=a)
    np.testing.assert_array_equal(ga, c * b)
    np.testing.assert_array_equal(gb, c * a)
    assert len(cr.grad(f, argnums=[1])(a, b)) == 1
    np.testing.assert_array_equal(cr.grad(f, argnums=np.int64(1))(a, b), c * a)
    assert len(cr.trace(f)(a, b, shift=a).inputs) == 3


def test_results_are_arrays_of_their_own() -> None:
    a, b = cr.grad(lambda x, y: np.sum(x + y), (0, 1))(np.ones(20_000), np.ones(20_000))
    a *= 3.0
    assert b[0] == 1.0
    ct = np.ones(3)
    _, pullback = cr.vjp(lambda x: x + 0.0, np.ones(3))
    (g,) = pullback(ct)
    g += 1.0
    assert ct[0] == 1.0
    t = np.ones(3)
    _, (first, second) = cr.jvp(lambda x: (x, x), (np.ones(3),), (t,))
    first += 1.0
    assert second[0] == t[0] == 1.0

    def twice(x: Any, y: Any) -> Any:
        gx, gy = cr.grad(lambda p, q: np.sum((p + q) ** 2), (0, 1))(x, y)
        gx *= 3.0
        return np.sum(gx * gy)

    assert cr.grad(twice)(np.ones(1), np.ones(1)).tolist() == [48.0]


def test_python_control_flow_follows_values() -> None:
    def f(x: Any) -> Any:
        total = 0.0
        for row in x:
            if np.sum(row) > 0:
                total = total + np.sum(row**2)
            elif row[0] < -1.0:
                continue
            else:
                total = total - row[1]
        return total if total > 0 else -total

    x = np.array([[1.0, 2.0], [-3.0, 1.0], [-0.5, -0.25]])
    assert cr.grad(f)(x).tolist() == [[2.0, 4.0], [0.0, 0.0], [0.0, -1.0]]
