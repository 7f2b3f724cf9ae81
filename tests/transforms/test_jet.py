"""Taylor mode beside nested forward mode for every case, beside 40 digits, and counted."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any

import mpmath
import numpy as np
import pytest
from scipy import special

import chainrule as cr
from chainrule.core.errors import ArgumentError, DTypeError, NoRuleError, ShapeError
from chainrule.core.primitive import NoRule, Primitive
from chainrule.core.trace import type_of
from chainrule.core.tree import flatten

from ..cases import Case
from .control_cases import TWINS, Twin
from .pairing import DIFFERENTIABLE, directions, every, of_floats, precision
from .test_vmap import check

rng = np.random.default_rng(11)
W = rng.normal(size=(3, 3))


def network(x: Any) -> Any:
    a = np.tanh(W @ x + 0.1)
    return np.log(np.sum(np.exp(W @ a)))


def nested(f: Callable[..., Any], xs: Sequence[Any], series: Sequence[Sequence[Any]]) -> list[Any]:
    """The derivatives along the path by forward mode of forward mode of ..., the leaves of each."""

    def along(t: Any) -> list[Any]:
        at = list(xs)
        for k, part in enumerate(series, start=1):
            at = [
                x + (s * (t**k / math.factorial(k))).astype(type_of(x).dtype)
                for x, s in zip(at, part, strict=True)
            ]
        return flatten(f(*at))[0]

    found: list[Any] = []
    for _ in series:
        along = (lambda before: lambda t: cr.jvp(before, (t,), (1.0,))[1])(along)
        found.append(along(0.0))
    return found


def close(found: Any, wanted: Any, tolerance: dict[str, float]) -> None:
    for x, y in zip(flatten(found)[0], flatten(wanted)[0], strict=True):
        assert np.shape(x) == np.shape(y)
        scale = 1 + float(np.max(np.abs(y), initial=0))
        np.testing.assert_allclose(
            x, y, rtol=100 * tolerance["rtol"], atol=20 * scale * tolerance["atol"]
        )


TIGHT = {"rtol": 1e-11, "atol": 1e-12}


@every(DIFFERENTIABLE)
def test_three_orders_equal_nested_forward_mode(case: Case) -> None:
    f, xs = of_floats(case)
    series = [directions(xs, 10 * k) for k in (1, 2, 3)]
    with np.errstate(all="ignore"):
        out, found = cr.jet(lambda values: f(*values), list(xs), series)
        wanted = nested(f, [np.asarray(x)[()] for x in xs], series)
    values = flatten(f(*xs))[0]
    close(out, values, precision(xs))
    for part, same in zip(found, wanted, strict=True):
        for x, value in zip(flatten(part)[0], values, strict=True):
            assert type_of(x).dtype == type_of(value).dtype
        close(part, same, precision(xs))


@pytest.mark.parametrize("twin", TWINS, ids=lambda twin: twin.name)
def test_loops_and_branches(twin: Twin) -> None:
    xs = [np.asarray(x, float)[()] for x in twin.args]
    series = [directions(xs, 7 * k) for k in (1, 2, 3, 4)]
    _, found = cr.jet(lambda values: twin.ours(*values), xs, series)
    close(found, nested(twin.python, xs, series), TIGHT)
    equations = [
        len(
            cr.trace(lambda values, n=n: cr.jet(lambda v: twin.ours(*v), values, series[:n]))(
                xs
            ).equations
        )
        for n in (2, 4)
    ]
    assert equations[1] < 3 * equations[0] + 60


ELEMENTARY: dict[str, tuple[Callable[..., Any], Callable[..., Any]]] = {
    "exp": (np.exp, mpmath.exp), "expm1": (np.expm1, mpmath.expm1), "log": (np.log, mpmath.log),
    "log1p": (np.log1p, lambda x: mpmath.log(1 + x)), "sqrt": (np.sqrt, mpmath.sqrt),
    "cbrt": (np.cbrt, mpmath.cbrt), "sin": (np.sin, mpmath.sin), "tan": (np.tan, mpmath.tan),
    "arcsin": (np.arcsin, mpmath.asin), "arctan": (np.arctan, mpmath.atan),
    "sinh": (np.sinh, mpmath.sinh), "tanh": (np.tanh, mpmath.tanh),
    "arcsinh": (np.arcsinh, mpmath.asinh), "arctanh": (np.arctanh, mpmath.atanh),
    "erf": (special.erf, mpmath.erf), "ndtr": (special.ndtr, mpmath.ncdf),
    "expit": (special.expit, lambda x: 1 / (1 + mpmath.exp(-x))),
    "log_expit": (special.log_expit, lambda x: -mpmath.log(1 + mpmath.exp(-x))),
    "reciprocal": (np.reciprocal, lambda x: 1 / x), "cube": (lambda x: x**3, lambda x: x**3),
    "power": (lambda x: x**2.5, lambda x: x ** mpmath.mpf(2.5)),
    "power of itself": (lambda x: x**x, lambda x: x**x),
    "arctan2": (lambda x: np.arctan2(x, 1 + x), lambda x: mpmath.atan(x / (1 + x))),
    "quotient": (lambda x: np.sin(x) / np.exp(x * x), lambda x: mpmath.sin(x) / mpmath.exp(x * x)),
    "nest": (
        lambda x: np.tanh(np.exp(np.sin(x))), lambda x: mpmath.tanh(mpmath.exp(mpmath.sin(x)))
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", ELEMENTARY)
def test_ten_orders_of_elementary_functions(name: str) -> None:
    ours, exact = ELEMENTARY[name]
    order, x = 10, 0.4
    with mpmath.workdps(60):
        wanted = [
            float(c * math.factorial(k)) for k, c in enumerate(mpmath.taylor(exact, x, order))
        ]
    out, found = cr.jet(ours, x, [1.0, *[0.0] * (order - 1)])
    np.testing.assert_allclose([out, *found], wanted, rtol=1e-12)


def test_sixty_orders() -> None:
    order, x = 60, 0.8
    for ours, exact in ((lambda x: x**x, lambda x: x**x), (np.tanh, mpmath.tanh)):
        with mpmath.workdps(120):
            last = mpmath.taylor(exact, mpmath.mpf(x), order)[order] * mpmath.factorial(order)
        series = [1.0, *[0.0] * (order - 1)]
        assert cr.jet(ours, x, series)[1][-1] == pytest.approx(float(last), rel=1e-12)
    several = lambda x: cr.jet(np.exp, x, [1.0, *[0.0] * 24])[1]
    np.testing.assert_allclose(cr.compile(several, executor="interpreter")(0.5), math.exp(0.5))
    with pytest.raises(ArgumentError, match="order 171"):
        cr.jet(np.exp, 0.0, [0.0] * 171)


def test_a_sigmoid_keeps_its_digits_far_out() -> None:
    """1 - sigmoid(40) is 4e-18: computed as 1 - 1 it would be lost."""
    _, found = cr.jet(special.expit, 40.0, [1.0, 0.0, 0.0])
    with mpmath.workdps(60):
        exact = mpmath.taylor(lambda x: 1 / (1 + mpmath.exp(-x)), 40, 3)[1:]
        wanted = [float(c * math.factorial(k)) for k, c in enumerate(exact, start=1)]
    np.testing.assert_allclose(found, wanted, rtol=1e-13)


def test_what_is_computed_again() -> None:
    x, v = rng.normal(size=3), rng.normal(size=3)
    series = [v, v * 0.3, v]
    for memory in (None, 10_000):
        again = cr.checkpoint(network, memory=memory)
        close(cr.jet(again, x, series), cr.jet(network, x, series), TIGHT)
        close(cr.grad(third(again, v))(x), cr.grad(third(network, v))(x), TIGHT)
        graph = cr.trace(lambda x, f=again: cr.jet(f, x, series))(x)
        assert {e.primitive.name for e in graph.equations} >= {"checkpoint"}


# ---- what it costs ------------------------------------------------------------------------------


def equations(f: Callable[[Any], Any], x: Any, order: int) -> int:
    series = [x * 0 + 1.0, *[x * 0] * (order - 1)]
    return len(cr.trace(lambda x: cr.jet(f, x, series))(x).equations)


A = W @ W.T + 3 * np.eye(3)
EXPENSIVE: dict[str, Callable[[Any], Any]] = {
    "elementary": lambda x: np.tanh(np.exp(np.sin(x))), "network": lambda x: network(x * W[0]),
    "sigmoid": special.expit, "power": lambda x: (1 + x * x) ** x,
    "product": lambda x: np.prod(np.stack([x, 2 * x, np.sin(x), 1 + x])),
    "cholesky": lambda x: np.linalg.cholesky(A + x), "logaddexp": lambda x: np.logaddexp(x, x * x),
    "triangular": lambda x: cr.scipy.linalg.solve_triangular(A + x, np.ones(3) * x),
}  # fmt: skip


@pytest.mark.parametrize("name", EXPENSIVE)
def test_the_cost_is_a_polynomial_of_the_order(name: str) -> None:
    """At most the third power, from 1 to 12; nested forward mode doubles each time."""
    counts = [equations(EXPENSIVE[name], 0.3, order) for order in range(1, 13)]
    assert counts[11] / counts[5] < 2**3, counts
    assert counts[5] / counts[2] < 2**3, counts


def test_a_long_chain_does_not_recurse() -> None:
    def chain(x: Any) -> Any:
        for _ in range(3000):
            x = np.sin(x)
        return x

    _, found = cr.jet(chain, 0.5, [1.0, 0.0, 0.0])
    assert found[0] == pytest.approx(cr.grad(chain)(0.5))


# ---- nesting ------------------------------------------------------------------------------------


def third(f: Callable[[Any], Any], v: Any) -> Callable[[Any], Any]:
    """The third derivative along v."""
    return lambda x: cr.jet(f, x, [v, v * 0, v * 0])[1][2]


def third_nested(f: Callable[[Any], Any], v: Any) -> Callable[[Any], Any]:
    def along(f: Callable[[Any], Any]) -> Callable[[Any], Any]:
        return lambda x: cr.jvp(f, (x,), (v,))[1]

    return along(along(along(f)))


def test_nested_in_and_around_other_transforms() -> None:
    x, v = rng.normal(size=3), rng.normal(size=3)
    ours, theirs = third(network, v), third_nested(network, v)
    assert ours(x) == pytest.approx(theirs(x))
    close(cr.grad(ours)(x), cr.grad(theirs)(x), TIGHT)
    close(cr.hessian(ours)(x), cr.hessian(theirs)(x), TIGHT)
    close(cr.jvp(ours, (x,), (v,)), cr.jvp(theirs, (x,), (v,)), TIGHT)
    close(third(cr.grad(network), v)(x), third_nested(cr.grad(network), v)(x), TIGHT)
    twice = third(third(network, v), v)(x)
    assert twice == pytest.approx(cr.jet(network, x, [v, *[v * 0] * 5])[1][5])
    check(ours, (x,), (True,))
    check(cr.grad(ours), (x,), (True,))
    many = cr.vmap(network)
    X = rng.normal(size=(4, 3))
    close(
        cr.jet(many, X, [X, X])[1],
        [cr.vmap(lambda x, k=k: cr.jet(network, x, [x, x])[1][k])(X) for k in (0, 1)],
        TIGHT,
    )


@pytest.mark.parametrize("executor", ["interpreter", "native"])
def test_compiled(executor: Any) -> None:
    x, v = rng.normal(size=3), rng.normal(size=3)

    def all_orders(x: Any) -> Any:
        return cr.jet(network, x, [v, v, v, v])

    close(cr.compile(all_orders, executor=executor)(x), all_orders(x), TIGHT)
    compiled = cr.compile(network, executor=executor)
    close(cr.jet(compiled, x, [v, v, v, v]), all_orders(x), TIGHT)


def test_functions_with_rules_of_their_own() -> None:
    plain = lambda x: np.sin(x) * np.exp(x)
    sine = cr.custom_derivative(np.sin)
    cosine = cr.custom_derivative(np.cos)
    for f, rule in ((sine, lambda x: cosine(x)), (cosine, lambda x: -sine(x))):
        f.def_jvp(lambda p, t, f=f, rule=rule: (f(p[0], *p[1:]), t[0] * rule(p[0])))
    series = [1.0, 0.5, -0.3, 0.2, 0.0, 1.0]
    _, found = cr.jet(lambda x: sine(x) * np.exp(x), 0.7, series)
    close(found, cr.jet(plain, 0.7, series)[1], TIGHT)
    assert equations(lambda x: sine(x), 0.7, 12) < 8 * equations(lambda x: sine(x), 0.7, 6)
    root = cr.implicit_root(lambda y, x: y**3 + y - x, lambda x: special.cbrt(x) * 0 + _root(x))
    inverse = cr.jet(root, 2.0, [1.0, 0.0, 0.0, 0.0])[1]
    round_trip = cr.jet(lambda y: y**3 + y, root(2.0), inverse)[1]
    close(round_trip, [1.0, 0.0, 0.0, 0.0], TIGHT)


def _root(a: Any) -> float:
    return float(max(r.real for r in np.roots([1, 0, 1, -a]) if abs(r.imag) < 1e-9))


# ---- uses ---------------------------------------------------------------------------------------


def test_an_equation_of_motion_by_taylor_series() -> None:
    """The harmonic oscillator in 10 steps of order 20, to the last digits."""

    def field(state: Any) -> Any:
        return {"x": state["v"], "v": -state["x"]}

    def step(state: Any, h: float, order: int = 20) -> Any:
        series = [field(state)]
        while len(series) < order:
            series = [field(state), *cr.jet(field, state, series)[1]]
        powers = [h**k / math.factorial(k) for k in range(1, order + 1)]
        return {
            name: state[name] + sum(p * s[name] for p, s in zip(powers, series, strict=True))
            for name in state
        }

    state = {"x": np.array([1.0, 0.0]), "v": np.array([0.0, 1.0])}
    for _ in range(10):
        state = step(state, 1.0)
    np.testing.assert_allclose(state["x"], [math.cos(10), math.sin(10)], rtol=1e-13)


def test_no_orders_and_constants() -> None:
    assert cr.jet(np.sin, 0.0, []) == (0.0, [])
    _, found = cr.jet(lambda x: (np.ones(2), x > 0, x), 3.0, [1.0, 0.0])
    close(found[0][0], np.zeros(2), TIGHT)
    assert found[0][2] == 1.0 and found[1][2] == 0.0


def test_refusals() -> None:
    with pytest.raises(ShapeError, match="derivative of order 2 has shape"):
        cr.jet(np.sin, np.ones(3), [np.ones(3), 1.0])
    with pytest.raises(ShapeError, match=r"series\[0\] must have the structure"):
        cr.jet(lambda x: x["a"], {"a": 1.0}, [1.0])
    with pytest.raises(DTypeError, match="floating"):
        cr.jet(np.sin, np.ones(3, int), [np.ones(3)])
    lacking = Primitive("lacking", np.sin, lambda x: x, NoRule("a test"), NoRule("a test"))
    with pytest.raises(NoRuleError, match="lacking has no rule for Taylor mode: a test"):
        cr.jet(lacking, 1.0, [1.0])
