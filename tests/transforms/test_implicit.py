"""Roots of equations are differentiated by the equation: beside formulas, differences, and loops
that are differentiated step by step.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import pytest
from scipy import optimize
from scipy.sparse import linalg as sparse_linalg

import chainrule as cr
from chainrule.core.errors import ArgumentError, DTypeError, ShapeError, TraceError
from chainrule.core.tree import flatten

from .pairing import difference, directions
from .test_vmap import check, examples

rng = np.random.default_rng(2)
A = rng.normal(size=(3, 3)) + 4 * np.eye(3)
b = rng.normal(size=3)


@dataclass(frozen=True)
class Root:
    """A root that can be traced, the same by a loop that is differentiated, and arguments."""

    name: str
    root: Callable[..., Any]
    loop: Callable[..., Any]
    args: tuple[Any, ...]


def newton(residual: Callable[..., Any], start: Any, steps: int = 30) -> Callable[..., Any]:
    """Newton's iteration for one unknown, a fixed number of steps."""

    def solve(*args: Any) -> Any:
        def step(x: Any, _: Any) -> Any:
            r, slope = cr.jvp(lambda x: residual(x, *args), (x,), (np.ones_like(x),))
            return x - r / slope, None

        return cr.scan(step, start, None, length=steps)[0]

    return solve


def cube(x: Any, a: Any) -> Any:
    return x**3 + x - a


def kepler(E: Any, M: Any, e: Any) -> Any:
    return E - e * np.sin(E) - M


def contraction(x: Any, A: Any, b: Any) -> Any:
    return np.tanh(A @ x * 0.1 + b)


def iterate(g: Callable[..., Any], start: Any) -> Callable[..., Any]:
    return lambda *args: cr.scan(lambda x, _: (g(x, *args), None), start, None, length=60)[0]


def curve(x: Any, p: Any) -> Any:
    """Two unknowns in a container, two equations, a container of parameters."""
    u, v = x["u"], x["v"]
    return {"u": u * u + p["r"] * v[0] - 4.0, "v": v * np.exp(0.1 * u) - np.reshape(p["s"], (1,))}


def curve_loop(p: Any) -> Any:
    def step(x: Any, _: Any) -> Any:
        return {
            "u": np.sqrt(4.0 - p["r"] * x["v"][0]),
            "v": np.reshape(p["s"], (1,)) * np.exp(-0.1 * x["u"]),
        }, None

    return cr.scan(step, {"u": 1.5, "v": np.ones(1)}, None, length=60)[0]


def of_curve(f: Callable[..., Any]) -> Callable[..., Any]:
    def loss(r: Any, s: Any) -> Any:
        x = f({"r": r, "s": s})
        return x["u"] * np.sum(x["v"])

    return loss


def conjugate_gradients(matvec: Callable[[Any], Any], right: Any) -> Any:
    """For any regular matrix, of the normal equations; traced, so that it goes everywhere."""
    _, transpose = cr.vjp(matvec, right)
    normal = lambda u: transpose(matvec(u))[0]

    def step(state: Any, _: Any) -> Any:
        u, r, p, rr = state
        q = normal(p)
        alpha = rr / np.maximum(np.sum(p * q), 1e-300)
        u, r = u + alpha * p, r - alpha * q
        new = np.sum(r * r)
        return (u, r, r + new / np.maximum(rr, 1e-300) * p, new), None

    r = transpose(right)[0]
    start = (np.zeros_like(right), r, r, np.sum(r * r))
    return cr.scan(step, start, None, length=8)[0][0]


contracted = iterate(contraction, np.zeros(3))
fixed_point = lambda x, A, b: contraction(x, A, b) - x
ROOTS = [
    Root("cube", cr.implicit_root(cube, newton(cube, 0.5)), newton(cube, 0.5), (1.7,)),
    Root("kepler", cr.implicit_root(kepler, newton(kepler, 0.5)), newton(kepler, 0.5), (1.0, 0.2)),
    Root("fixed point", cr.implicit_root(fixed_point, contracted), contracted, (A, b)),
    Root(
        "matrix-free",
        cr.implicit_root(fixed_point, contracted, linear_solve=conjugate_gradients),
        contracted,
        (A, b),
    ),
    Root(
        "container", of_curve(cr.implicit_root(curve, curve_loop)), of_curve(curve_loop), (0.3, 0.8)
    ),
]
by_name = pytest.mark.parametrize("case", ROOTS, ids=lambda case: case.name)


def close(found: Any, wanted: Any, rtol: float = 1e-8) -> None:
    for x, y in zip(flatten(found)[0], flatten(wanted)[0], strict=True):
        assert np.shape(x) == np.shape(y)
        np.testing.assert_allclose(x, y, rtol=rtol, atol=1e-9)


def every(case: Root) -> tuple[int, ...]:
    return tuple(range(len(case.args)))


def total(f: Callable[..., Any]) -> Callable[..., Any]:
    return lambda *args: np.sum(f(*args) ** 3)


@by_name
def test_first_order(case: Root):
    ts = directions(case.args, 3)
    close(case.root(*case.args), case.loop(*case.args))
    close(cr.jvp(case.root, case.args, ts), cr.jvp(case.loop, case.args, ts))
    close([cr.jvp(case.root, case.args, ts)[1]], difference(case.root, case.args, ts))
    found, wanted = (cr.grad(total(f), every(case))(*case.args) for f in (case.root, case.loop))
    close(found, wanted)


@by_name
@pytest.mark.parametrize("outer", ["forward", "reverse"])
@pytest.mark.parametrize("inner", ["forward", "reverse"])
def test_second_order(case: Root, outer: str, inner: str):
    """In the last argument, which all roots depend on nonlinearly."""
    last = len(case.args) - 1
    found, wanted = (
        cr.jacobian(cr.jacobian(f, last, mode=inner), last, mode=outer)(*case.args)
        for f in (total(case.root), total(case.loop))
    )
    close(found, wanted, rtol=1e-6)


@by_name
def test_compiled(case: Root):
    wanted = cr.value_and_grad(total(case.loop), every(case))(*case.args)
    native = case.name in ("kepler", "fixed point")
    for executor in ("interpreter", "native") if native else ("interpreter",):
        both = cr.compile(cr.value_and_grad(total(case.root), every(case)), executor=executor)
        close(both(*case.args), wanted)
    compiled = cr.compile(case.root, executor="interpreter")
    close(cr.grad(total(compiled), every(case))(*case.args), wanted[1])


@by_name
def test_in_batches(case: Root):
    n = len(case.args)
    for mapped in [(True,) * n, *(tuple(i == j for j in range(n)) for i in range(n))]:
        check(total(case.root), case.args, mapped)
        check(cr.grad(total(case.root), every(case)), case.args, mapped)
    args = [examples(x) for x in case.args]
    found, wanted = (
        cr.grad(lambda *xs, f=f: np.sum(cr.vmap(f)(*xs) ** 2), every(case))(*args)
        for f in (case.root, case.loop)
    )
    close(found, wanted)


def test_inside_loops_and_branches():
    root = ROOTS[0].root

    def loop(f: Callable[..., Any]) -> Callable[..., Any]:
        def step(c: Any, x: Any) -> Any:
            return cr.cond(x > 0, lambda c: f(c) + x, lambda c: c * c, c), c

        return lambda c: np.sum(cr.scan(step, c, np.array([1.0, -1.0, 2.0]))[1])

    for transform in (
        cr.grad,
        cr.hessian,
        lambda f: cr.compile(cr.grad(f), executor="interpreter"),
    ):
        close(transform(loop(root))(1.3), transform(loop(ROOTS[0].loop))(1.3))


def test_a_root_of_scipy_of_any_order():
    """x^3 + x = a: x' = 1 / (3 x^2 + 1), and so on, of a root that no trace goes through."""
    calls: list[float] = []

    def solve(a: Any) -> Any:
        calls.append(a)
        return optimize.brentq(cube, -10, 10, (a,), xtol=1e-15)

    root = cr.implicit_root(cube, solve)
    x = root(3.0)
    s = 3 * x**2 + 1
    for first in (cr.grad, lambda f: lambda a: cr.jvp(f, (a,), (1.0,))[1]):
        calls.clear()
        assert first(root)(3.0) == pytest.approx(1 / s)
        assert len(calls) == 1
        for second in (cr.grad, lambda f: lambda a: cr.jvp(f, (a,), (1.0,))[1]):
            assert second(first(root))(3.0) == pytest.approx(-6 * x / s**3)
            third = cr.grad(second(first(root)))(3.0)
            assert third == pytest.approx(-6 / s**4 + 108 * x**2 / s**5)
    with pytest.raises(TraceError, match="types are known and no values"):
        cr.compile(root)(3.0)


def test_a_minimum_is_the_root_of_the_gradient():
    """Ridge regression by BFGS; the derivative in the penalty is that of the closed form."""
    X, y = rng.normal(size=(8, 3)), rng.normal(size=8)

    def cost(w: Any, penalty: Any) -> Any:
        return np.sum((X @ w - y) ** 2) + np.sum(penalty * w * w)

    def solve(penalty: Any) -> Any:
        return optimize.minimize(
            cost, np.zeros(3), (penalty,), "BFGS", jac=cr.grad(cost), options={"gtol": 1e-12}
        ).x

    def closed(penalty: Any) -> Any:
        return np.linalg.solve(X.T @ X + penalty * np.eye(3), X.T @ y)

    best = cr.implicit_root(cr.grad(cost), solve)
    close(cr.jacobian(best)(0.5), cr.jacobian(closed)(0.5), rtol=1e-6)
    close(cr.jacobian(cr.jacobian(best))(0.5), cr.jacobian(cr.jacobian(closed))(0.5), rtol=1e-5)


def test_a_large_system_without_its_matrix():
    """x_i = a_i + sin(x_{i-1}) / 4, by scipy's GMRES, in both modes and at second order."""
    n = 400
    products: list[int] = []

    def residual(x: Any, a: Any) -> Any:
        return x - a - np.sin(np.concatenate([np.zeros_like(x[:1]), x[:-1]])) / 4

    def solve(a: Any) -> Any:
        x = np.zeros(n)
        for _ in range(60):
            x = x - residual(x, a)
        return x

    def gmres(matvec: Callable[[Any], Any], right: Any) -> Any:
        def counted(u: Any) -> Any:
            products.append(1)
            return matvec(u)

        operator = sparse_linalg.LinearOperator((n, n), counted, dtype=np.float64)
        u, failed = sparse_linalg.gmres(operator, right, rtol=1e-13)
        assert failed == 0
        return u

    a, t = rng.normal(size=n), rng.normal(size=n)
    free = cr.implicit_root(residual, solve, linear_solve=gmres)
    dense = cr.implicit_root(residual, solve)
    loss = lambda f: lambda a: np.sum(np.cos(f(a)))
    close(cr.jvp(free, (a,), (t,)), cr.jvp(dense, (a,), (t,)))
    close(cr.grad(loss(free))(a), cr.grad(loss(dense))(a))
    assert len(products) < n / 4
    close(cr.hvp(loss(free), (a,), (t,)), cr.hvp(loss(dense), (a,), (t,)))


def test_complex_roots_and_narrow_ones():
    square = lambda x, a: x * x - a
    root = cr.implicit_root(square, lambda a: np.sqrt(a))
    z = 0.3 + 0.7j
    close(cr.jvp(root, (z,), (1j,)), (np.sqrt(z), 1j / (2 * np.sqrt(z))))
    close(cr.grad(lambda z: np.real(root(z)))(z), cr.grad(lambda z: np.real(np.sqrt(z)))(z))
    x = np.array([1.0, 2.0], np.float32)
    assert cr.grad(lambda x: np.sum(root(x)))(x).dtype == np.float32


def test_arguments_of_other_kinds():
    def residual(x: Any, n: Any, a: Any, name: str) -> Any:
        assert name == "power"
        return x**n - a

    def solve(n: Any, a: Any, name: str) -> Any:
        return a ** (1.0 / n)

    root = cr.implicit_root(residual, solve)
    for n in (3, np.array(3)):
        slope = 8.0 ** (-2 / 3) / 3
        assert cr.grad(lambda a, n=n: root(n, a, "power"))(8.0) == pytest.approx(slope)
        assert cr.jvp(lambda a, n=n: root(n, a, "power"), (8.0,), (1.0,))[1] == pytest.approx(slope)


@pytest.mark.parametrize(
    ("root", "error", "says"),
    [
        (cr.implicit_root(lambda x, a: x * x - a, lambda a: 0.0 * a), ArgumentError, "singular"),
        (
            cr.implicit_root(lambda x, a: np.ones(2) * (x[0] - a), lambda a: np.array([a, a])),
            ArgumentError,
            r"\(2, 2\), is singular",
        ),
        (cr.implicit_root(lambda x, a: (x, a), lambda a: a), ShapeError, "the residual of"),
        (cr.implicit_root(lambda x, a: np.stack([x, x]), lambda a: a), ShapeError, "must agree"),
        (cr.implicit_root(lambda x, a: x - a, lambda a: 3), DTypeError, "floating-point"),
    ],
)
def test_refusals(root: Any, error: type[Exception], says: str):
    for derivative in (cr.jacobian(root), lambda a: cr.jvp(root, (a,), (1.0,))):
        with pytest.raises(error, match=says):
            derivative(2.0)


def test_what_the_residual_closes_over_is_an_argument():
    def f(a: Any) -> Any:
        return cr.implicit_root(lambda x, c: x - a * c, lambda c: 2.0 * c)(3.0 * a)

    with pytest.raises(TraceError, match="pass it as an argument"):
        cr.grad(f)(2.0)
