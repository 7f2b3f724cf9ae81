"""What programs are made of besides arrays: containers, arguments, closures, control flow."""

from __future__ import annotations

import functools
from collections import OrderedDict, defaultdict, deque
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any, NamedTuple

import numpy as np
import pytest

import chainrule as cr
from chainrule.core.tree import STATIC

X = np.array([0.5, 1.5, -2.0])


class Pair(NamedTuple):
    a: Any
    b: Any = None


@dataclass(frozen=True)
class Model:
    w: Any
    parts: dict[str, Any]
    power: int = field(default=2, metadata=STATIC)

    def __call__(self, x: Any) -> Any:
        return np.sum(self.w * x**self.power) + self.parts["bias"]


def leaves_of(gradient: Any) -> list[Any]:
    return cr.core.tree.flatten(gradient)[0]


TREES: dict[str, tuple[Callable[[Any], Any], Any]] = {
    "ordered": (lambda p: np.sum(p["z"] * p["a"]), OrderedDict(z=X, a=2.0 * X)),
    "default": (lambda p: np.sum(p["z"] ** 2), defaultdict(list, z=X)),
    "deque": (lambda p: np.sum(p[0] * p[1]), deque([X, X + 1.0])),
    "named": (lambda p: np.sum(p.a**3), Pair(X)),
    "nested": (lambda p: np.sum(p[0]["k"][1] * p[1].b), [{"k": (1.0, X)}, Pair(2.0, X)]),
    "none": (lambda p: np.sum(p[1] * 2.0) if p[0] is None else 0.0, (None, X, [None])),
    "empty": (lambda p: p["x"] ** 2 + len(p["none"]), {"x": 3.0, "none": []}),
    "dataclass": (lambda m: m(X), Model(X + 1.0, {"bias": 3.0}, power=3)),
    "replaced": (lambda m: replace(m, w=m.w * 2.0)(X), Model(X, {"bias": 3.0})),
}


@pytest.mark.parametrize(("f", "tree"), TREES.values(), ids=TREES)
def test_gradients_have_the_structure_of_the_argument(f: Callable[[Any], Any], tree: Any) -> None:
    gradient = cr.grad(f)(tree)
    assert type(gradient) is type(tree)
    assert cr.core.tree.flatten(gradient)[1] == cr.core.tree.flatten(tree)[1]
    leaves, structure = cr.core.tree.flatten(tree)
    for i, leaf in enumerate(leaves):
        t, h = np.cos(np.asarray(leaf)), 1e-6

        def at(s: float, i: int = i, t: Any = t) -> Any:
            moved = [x + s * t if j == i else x for j, x in enumerate(leaves)]
            return f(cr.core.tree.unflatten(structure, moved))

        difference = (at(h) - at(-h)) / (2 * h)
        np.testing.assert_allclose(np.sum(leaves_of(gradient)[i] * t), difference, rtol=1e-7)
    compiled = cr.compile(cr.grad(f), executor="interpreter")(tree)
    for a, b in zip(leaves_of(compiled), leaves_of(gradient), strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-12)


def test_functions_return_containers() -> None:
    def f(x: Any) -> Any:
        return {"pair": Pair(x * x, [np.sum(x), None]), "model": Model(x, {"bias": x[0]})}

    out, pullback = cr.vjp(f, X)
    assert type(out["pair"]) is Pair
    assert type(out["model"]) is Model
    cts = {"pair": Pair(np.ones(3), [2.0, None]), "model": Model(np.ones(3), {"bias": 5.0})}
    np.testing.assert_array_equal(pullback(cts)[0], 2 * X + 3.0 + [5.0, 0.0, 0.0])
    jacobian = cr.jacobian(f)(X)
    np.testing.assert_array_equal(jacobian["pair"].a, np.diag(2 * X))


def test_ways_of_passing_arguments() -> None:
    scale = np.array([1.0, 2.0, 3.0])

    def f(x: Any, *rest: Any, power: int = 2, shift: Any = scale, **named: Any) -> Any:
        total = np.sum(x**power * shift)
        for r in rest:
            total = total * np.sum(r)
        return total + sum(np.sum(value) for value in named.values())

    np.testing.assert_array_equal(cr.grad(f)(X), 2 * X * scale)
    np.testing.assert_allclose(cr.grad(f)(X, [1.0, 2.0], power=3, other=X), 9 * X**2 * scale)
    gx, gy = cr.grad(f, (0, 2))(X, 4.0, 3.0 * X, other=X)
    np.testing.assert_allclose(gx, 2 * X * scale * 4.0 * np.sum(3.0 * X), atol=1e-12)
    np.testing.assert_allclose(gy, np.full(3, 4.0 * np.sum(X**2 * scale)))


def test_functions_of_every_kind() -> None:
    class Scaled:
        def __init__(self, factor: Any) -> None:
            self.factor = factor
            self.calls = 0

        def value(self, x: Any) -> Any:
            self.calls += 1
            return np.sum(x * self.factor)

        __call__ = value

    def twice(f: Callable[..., Any]) -> Callable[..., Any]:
        @functools.wraps(f)
        def inner(*args: Any) -> Any:
            return 2.0 * f(*args)

        return inner

    @twice
    def decorated(x: Any) -> Any:
        return np.sum(x)

    scaled = Scaled(3.0)
    product = functools.partial(lambda a, b: np.sum(a * b), X)
    for f, expected in (
        (scaled, 3.0), (scaled.value, 3.0), (product, X), (decorated, 2.0),
        (lambda x, c=4.0: np.sum(x * c), 4.0), (functools.lru_cache(lambda: np.sum)(), 1.0),
    ):  # fmt: skip
        np.testing.assert_array_equal(cr.grad(f)(X), np.broadcast_to(expected, 3))
    assert scaled.calls == 2


def test_control_flow_follows_values() -> None:
    def f(x: Any) -> Any:
        def power(base: Any, n: int) -> Any:
            return base if n == 1 else base * power(base, n - 1)

        steps = 0
        while np.sum(x * x) < 50.0:
            x = x * 1.5 + 0.1
            steps += 1
        rows = [power(row, 3) if row > 0 else -row for row in x]
        first, *rest = rows
        try:
            total = [first][len(rest)]
        except IndexError:
            total = first
        for i, r in enumerate(reversed(rest)):
            if r > 40.0:
                break
            total = total + (i + 1) * r
        else:
            total = total * 2.0
        best = max(rows)
        assert best in sorted(rows)[-1:]
        return total + (best if best != total else 0.0) + any(r > 0 for r in rows) * sum(rows)

    t, h = np.cos(X), 1e-7
    difference = (f(X + h * t) - f(X - h * t)) / (2 * h)
    value, gradient = cr.value_and_grad(f)(X)
    assert value == f(X)
    np.testing.assert_allclose(gradient @ t, difference, rtol=1e-6)


def test_containers_are_changed_inside_of_the_function() -> None:
    def f(p: dict[str, Any], xs: list[Any]) -> Any:
        p["b"] = p.pop("a") * 2.0
        xs.append(p["b"] ** 2)
        xs[0] = xs[0] + 1.0
        p.setdefault("c", []).extend(xs)
        return sum(np.sum(v) for v in p["c"])

    tree, xs = {"a": X}, [3.0]
    np.testing.assert_array_equal(cr.grad(f)(tree, xs)["a"], 8.0 * X)
    assert list(tree) == ["a"]


def test_values_of_an_outer_function_are_closed_over() -> None:
    def outer(x: Any) -> Any:
        state = {"sum": x[0]}

        def inner(y: Any) -> Any:
            state["seen"] = 1.0
            return np.sum(np.sin(y) * state["sum"]) * x[1]

        return np.sum(cr.grad(inner)(x * 2.0))

    t, h = np.cos(X), 1e-6
    difference = (outer(X + h * t) - outer(X - h * t)) / (2 * h)
    np.testing.assert_allclose(cr.grad(outer)(X) @ t, difference, rtol=1e-7)
