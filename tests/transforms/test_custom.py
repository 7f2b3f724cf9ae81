"""A function with rules of its own is differentiated by them: in every mode, nested, compiled."""

from __future__ import annotations

import functools
import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import pytest
from scipy import special
from scipy.sparse import linalg as sparse_linalg

import chainrule as cr
from chainrule.core.errors import (
    ArgumentError,
    DTypeError,
    EscapedTracerError,
    NoRuleError,
    ShapeError,
    TraceError,
)
from chainrule.core.tree import flatten
from chainrule.executors.native.executor import native

from .pairing import difference, directions, pair
from .test_vmap import check, examples

rng = np.random.default_rng(5)
x3, W = rng.normal(size=3), rng.normal(size=(2, 3))


@dataclass(frozen=True)
class Ruled:
    """A function with rules, the same without, and arguments to differentiate it in."""

    name: str
    ruled: Callable[..., Any]
    plain: Callable[..., Any]
    args: tuple[Any, ...]


def by_jvp(f: Callable[..., Any], rule: Callable[..., Any]) -> Callable[..., Any]:
    made = cr.custom_derivative(f)
    made.def_jvp(rule)
    return made


def by_vjp(f: Callable[..., Any], forward: Any, backward: Any) -> Callable[..., Any]:
    made = cr.custom_derivative(f)
    made.def_vjp(forward, backward)
    return made


def wave(x: Any, y: Any) -> Any:
    return np.sin(x) * y


def wave_rule(primals: Any, tangents: Any) -> Any:
    (x, y), (tx, ty) = primals, tangents
    return wave_jvp(x, y), np.cos(x) * y * tx + np.sin(x) * ty


def wave_forward(x: Any, y: Any) -> Any:
    return wave_vjp(x, y), {"x": x, "y": y}


def wave_backward(kept: Any, ct: Any) -> Any:
    return np.cos(kept["x"]) * kept["y"] * ct, np.sum(np.sin(kept["x"]) * ct)


wave_jvp = by_jvp(wave, wave_rule)
wave_vjp = by_vjp(wave, wave_forward, wave_backward)


def layer(params: Any, x: Any) -> Any:
    z = params["w"] @ x + params["b"]
    return {"a": np.tanh(z), "sum": np.sum(x)}


def layer_rule(primals: Any, tangents: Any) -> Any:
    (params, x), (t, tx) = primals, tangents
    out = layer_jvp(params, x)
    tz = t["w"] @ x + params["w"] @ tx + t["b"]
    return out, {"a": (1 - out["a"] ** 2) * tz, "sum": np.sum(tx)}


def layer_forward(params: Any, x: Any) -> Any:
    out = layer_vjp(params, x)
    return out, (out["a"], params["w"], x)


def layer_backward(kept: Any, ct: Any) -> Any:
    a, w, x = kept
    delta = (1 - a**2) * ct["a"]
    return {"w": np.outer(delta, x), "b": delta}, w.T @ delta + ct["sum"] * np.ones_like(x)


layer_jvp = by_jvp(layer, layer_rule)
layer_vjp = by_vjp(layer, layer_forward, layer_backward)
params = {"w": W, "b": rng.normal(size=2)}


def of_layer(f: Callable[..., Any]) -> Callable[..., Any]:
    def loss(w: Any, b: Any, x: Any) -> Any:
        out = f({"w": w, "b": b}, x)
        return np.sum(out["a"] ** 3) * out["sum"]

    return loss


def of_wave(f: Callable[..., Any]) -> Callable[..., Any]:
    return lambda x, y: np.sum(f(x, y) ** 3)


def in_scan(f: Callable[..., Any]) -> Callable[..., Any]:
    def loop(x: Any, y: Any) -> Any:
        last, ys = cr.scan(lambda c, e: (f(c, y) + e, c * c), x, np.ones((4, 3)) * x)
        return np.sum(last) + np.sum(ys)

    return loop


def in_while(f: Callable[..., Any]) -> Callable[..., Any]:
    def loop(x: Any, y: Any) -> Any:
        step = lambda s: (f(s[0], y) + s[0], s[1] + 1)
        return np.sum(cr.while_loop(lambda s: s[1] < 3, step, (x, 0))[0] ** 2)

    return loop


def in_cond(f: Callable[..., Any]) -> Callable[..., Any]:
    return lambda x, y: np.sum(cr.cond(y > 0, f, lambda x, y: x * y, x, y) ** 2)


def inside_another(f: Callable[..., Any]) -> Callable[..., Any]:
    """A function with a rule that calls one with a rule."""

    def outer(x: Any, y: Any) -> Any:
        return np.exp(f(x, y))

    def rule(primals: Any, tangents: Any) -> Any:
        out, t = cr.jvp(f, primals, tangents)
        return made(*primals), np.exp(out) * t

    made = by_jvp(outer, rule)
    return lambda x, y: np.sum(made(x, y) ** 2)


USES = (of_wave, in_scan, in_while, in_cond, inside_another)
RULED = [
    *(
        Ruled(f"{use.__name__} {kind}", use(f), use(wave), (x3, 0.7))
        for use in USES
        for kind, f in (("jvp", wave_jvp), ("vjp", wave_vjp))
    ),
    *(
        Ruled(f"layer {kind}", of_layer(f), of_layer(layer), (W, params["b"], x3))
        for kind, f in (("jvp", layer_jvp), ("vjp", layer_vjp))
    ),
]
by_name = pytest.mark.parametrize("case", RULED, ids=lambda case: case.name)


def close(found: Any, wanted: Any) -> None:
    for a, b in zip(flatten(found)[0], flatten(wanted)[0], strict=True):
        assert np.shape(a) == np.shape(b)
        np.testing.assert_allclose(a, b, rtol=1e-10, atol=1e-11)


def every(case: Ruled) -> tuple[int, ...]:
    return tuple(range(len(case.args)))


@by_name
def test_first_order(case: Ruled):
    ts = directions(case.args, 3)
    close(case.ruled(*case.args), case.plain(*case.args))
    close(
        cr.grad(case.ruled, every(case))(*case.args), cr.grad(case.plain, every(case))(*case.args)
    )
    close(cr.jvp(case.ruled, case.args, ts), cr.jvp(case.plain, case.args, ts))
    close([cr.jvp(case.ruled, case.args, ts)[1]], difference(case.ruled, case.args, ts))


@by_name
@pytest.mark.parametrize("outer", ["forward", "reverse"])
@pytest.mark.parametrize("inner", ["forward", "reverse"])
def test_second_order(case: Ruled, outer: str, inner: str):
    second = cr.jacobian(cr.jacobian(case.ruled, mode=inner), mode=outer)
    close(second(*case.args), cr.hessian(case.plain)(*case.args))


@by_name
def test_compiled(case: Ruled):
    wanted = cr.value_and_grad(case.plain, every(case))(*case.args)
    hessian = cr.hessian(case.plain)(*case.args)
    native = case.name in ("of_wave jvp", "in_scan vjp", "layer vjp")  # the others take long
    for executor in ("interpreter", "native") if native else ("interpreter",):
        compiled = cr.compile(case.ruled, executor=executor)
        close(compiled(*case.args), wanted[0])
        close(cr.grad(compiled, every(case))(*case.args), wanted[1])
        outer = cr.compile(cr.value_and_grad(case.ruled, every(case)), executor=executor)
        close(outer(*case.args), wanted)
    close(cr.hessian(cr.compile(case.ruled, executor="interpreter"))(*case.args), hessian)


@by_name
def test_graphs_keep_their_invariants(case: Ruled):
    cr.check_graph(cr.trace(case.ruled)(*case.args))
    cr.check_graph(cr.trace(cr.grad(case.ruled))(*case.args))
    compiled = cr.compile(cr.grad(case.ruled))
    cr.check_graph(compiled.graph(*case.args))
    assert "custom" not in str(compiled.graph(*case.args))


def test_forward_and_reverse_are_transposes():
    """<u, J t> = <J^T u, t>, with one rule given and the other made of it."""
    for f in (layer_jvp, layer_vjp):
        xs = (params, x3)
        ts = {"w": rng.normal(size=(2, 3)), "b": rng.normal(size=2)}, rng.normal(size=3)
        out, t = cr.jvp(f, xs, ts)
        u = {"a": rng.normal(size=2), "sum": 0.3}
        pulled = cr.vjp(f, *xs)[1](u)
        assert pair(flatten(u)[0], flatten(t)[0]) == pytest.approx(
            pair(flatten(pulled)[0], flatten(ts)[0]), rel=1e-12
        )
        close(out, layer(*xs))


# ---- batches ------------------------------------------------------------------------------------


def mapped_choices(n: int) -> list[tuple[bool, ...]]:
    return [(True,) * n, *(tuple(i == j for j in range(n)) for i in range(n))]


@by_name
def test_vmap_of_derivatives_and_derivatives_of_vmap(case: Ruled):
    n = len(case.args)
    for mapped in mapped_choices(n):
        check(case.ruled, case.args, mapped)
        check(cr.grad(case.ruled, every(case)), case.args, mapped)
        axes = tuple(0 if m else None for m in mapped)
        args = [examples(x) if m else x for x, m in zip(case.args, mapped, strict=True)]
        ts = directions(args, 4)
        found, wanted = (cr.vmap(f, axes) for f in (case.ruled, case.plain))
        close(cr.jvp(found, args, ts), cr.jvp(wanted, args, ts))
        total = [lambda *xs, f=f: np.sum(f(*xs) ** 2) for f in (found, wanted)]
        gradients = [cr.grad(f, every(case))(*args) for f in total]
        close(*gradients)
        close(
            cr.compile(cr.grad(total[0], every(case)), executor="interpreter")(*args), gradients[1]
        )


def test_vmap_uses_the_rules_and_nests():
    f = by_jvp(lambda x, y: x * y, lambda p, t: (p[0] * p[1], 100.0 * t[0]))
    g = cr.custom_derivative(lambda x, y: x * y)
    g.def_vjp(lambda x, y: (x * y, (None, "kept", 3)), lambda r, ct: (100.0 * ct, None))
    for h in (f, g):
        many = cr.vmap(cr.vmap(cr.grad(h), (0, None)), (None, 0))(x3, W[:, 0])
        close(many, np.full((2, 3), 100.0))
        both = cr.vmap(cr.vmap(h, (0, None)), (None, 0))
        close(cr.grad(lambda x, h=both: np.sum(h(x, W[:, 0])))(x3), np.full(3, 200.0))
        close(cr.hessian(lambda x, h=both: np.sum(h(x, W[:, 0]) ** 2))(x3).shape, (3, 3))
    assert "custom[call=<lambda>]" in str(cr.trace(cr.vmap(f))(x3, x3))


# ---- which rule is used, and how often ----------------------------------------------------------


def test_the_rule_is_used_and_not_the_function():
    f = by_jvp(lambda x: x * x, lambda p, t: (p[0] * p[0], 100.0 * t[0]))
    assert cr.grad(f)(3.0) == cr.jvp(f, (3.0,), (1.0,))[1] == 100.0
    compiled = cr.compile(f)
    assert compiled(3.0) == 9.0
    assert cr.grad(compiled)(3.0) == 100.0
    assert cr.compile(cr.grad(compiled))(3.0) == 100.0
    loop = cr.compile(lambda x: cr.scan(lambda c, _: (f(c), None), x, None, length=2)[0])
    assert loop(3.0) == 81.0
    assert cr.grad(loop)(3.0) == 1e4


def test_each_mode_has_its_own_rule_if_both_are_given():
    f = cr.custom_derivative(lambda x: x)
    f.def_jvp(lambda p, t: (p[0], 2.0 * t[0]))
    f.def_vjp(lambda x: (x, None), lambda _, ct: (3.0 * ct,))
    assert cr.jvp(f, (1.0,), (1.0,))[1] == 2.0
    assert cr.grad(f)(1.0) == 3.0


def test_forward_runs_once_for_a_value_and_its_gradient():
    calls: list[str] = []

    def forward(x: Any) -> Any:
        calls.append("forward")
        return x * x, x

    def plain(x: Any) -> Any:
        calls.append("plain")
        return x * x

    f = by_vjp(plain, forward, lambda x, ct: (2 * x * ct,))
    assert f(3.0) == 9.0 and calls == ["plain"]
    assert cr.value_and_grad(f)(3.0) == (9.0, 6.0)
    assert calls == ["plain", "forward"]


def test_any_python_goes_with_values():
    """SciPy's functions, branches on values and lookups, at first and second order."""
    gamma = cr.custom_derivative(lambda x: special.gamma(float(x)))
    psi = cr.custom_derivative(lambda n, x: special.polygamma(int(n), float(x)).item())
    gamma.def_jvp(lambda p, t: (gamma(*p), t[0] * gamma(*p) * psi(0, *p)))
    psi.def_jvp(lambda p, t: (psi(*p), t[1] * psi(p[0] + 1, p[1])))
    d = special.polygamma([0, 1], 2.5)
    assert cr.grad(gamma)(2.5) == pytest.approx(special.gamma(2.5) * d[0])
    assert cr.grad(cr.grad(gamma))(2.5) == pytest.approx(special.gamma(2.5) * (d[0] ** 2 + d[1]))
    graph = cr.check_graph(cr.trace(gamma)(2.5))
    assert cr.core.interpreter.evaluate(graph, [3.5]) == [special.gamma(3.5)]


def test_rules_of_any_python() -> None:
    """Derivatives of one direction at a time, where the rules cannot be traced: Jacobians too."""
    smooth = np.linalg.inv(W.T @ W + np.eye(3))
    solve = cr.custom_derivative(lambda b: sparse_linalg.cg(W.T @ W + np.eye(3), b, rtol=1e-14)[0])
    solve.def_vjp(lambda b: (solve(b), None), lambda _, ct: (solve(np.ascontiguousarray(ct)),))
    gamma = cr.custom_derivative(lambda x: special.gamma(x.tolist()))
    gamma.def_jvp(lambda p, t: (gamma(*p), np.asarray(t[0].tolist()) * special.psi(p[0])))
    close(cr.jacobian(solve)(x3), smooth)
    close(cr.jacobian(gamma, mode="forward")(np.abs(x3)), np.diag(special.psi(np.abs(x3))))
    with pytest.raises(TraceError, match="types are known and no values"):
        cr.jvp(cr.compile(solve), (x3,), (x3,))


def test_a_rule_may_look_whether_there_is_anything_to_do() -> None:
    def backward(x: Any, ct: Any) -> Any:
        return (2 * x * ct,) if np.any(ct != 0) else (0 * ct,)

    f = by_vjp(lambda x: x * x, lambda x: (x * x, x), backward)
    assert cr.jvp(f, (3.0,), (1.0,))[1] == 6.0
    assert cr.grad(lambda x: 0.0 * f(x))(3.0) == 0.0


def test_in_functions_that_are_compiled_path_by_path() -> None:
    gamma = cr.custom_derivative(lambda x: special.gamma(float(x)))
    gamma.def_jvp(lambda p, t: (gamma(*p), t[0] * gamma(*p) * special.psi(float(p[0]))))
    square = by_jvp(lambda x: x * x, lambda p, t: (p[0] * p[0], 100.0 * t[0]))

    @functools.partial(cr.compile, branches=True)
    def f(x: Any) -> Any:
        return square(x) * 2 if x > 2.0 else gamma(x)

    assert [f(x) for x in (3.0, 1.5, 4.0, 0.5)] == [
        18.0,
        special.gamma(1.5),
        32.0,
        special.gamma(0.5),
    ]
    assert cr.grad(f)(3.0) == 200.0
    assert cr.grad(f)(1.5) == pytest.approx(special.gamma(1.5) * special.psi(1.5))
    assert "2 by graphs" in f.report()


def test_compiled_code_is_that_of_the_function_itself():
    """Inlined before the passes: nothing is left to the interpreter, and it is simplified."""
    f = by_jvp(lambda x: np.log(np.exp(x)) * 1.0, lambda p, t: (f(*p), t[0]))
    compiled = cr.compile(lambda x: f(x) + 1)
    close(compiled(x3), x3 + 1)
    assert compiled.report() == "(float64[3]): 1 of 1 equations native"
    assert "inline" in [name for name, _ in compiled.passes(x3)]


def test_threads():
    found: dict[int, float] = {}

    def run(i: int) -> None:
        found[i] = cr.grad(lambda x: wave_vjp(x, 1.0))(float(i))

    threads = [threading.Thread(target=run, args=(i,)) for i in range(8)]
    for t in threads:
        t.start()
    for t in threads:
        t.join()
    assert found == {i: pytest.approx(np.cos(i)) for i in range(8)}


# ---- arguments ----------------------------------------------------------------------------------


def test_arguments_by_keyword_and_by_default():
    def rule(primals: Any, tangents: Any) -> Any:
        (x, n, mode), (t, tn, tmode) = primals, tangents
        assert (tn, tmode) == (0.0, None)
        return power(x, n, mode), n * x ** (n - 1) * t + tn * x

    power = by_jvp(lambda x, n=2, mode="plain": x**n, rule)
    assert cr.grad(power)(3.0) == 6.0
    assert cr.grad(lambda x: power(n=3, x=x))(2.0) == 12.0
    assert cr.grad(lambda x: power(x, mode="other"))(2.0) == 4.0
    assert cr.compile(cr.grad(lambda x: power(x, n=3)))(2.0) == 12.0


def test_arrays_of_integers():
    index = np.array([2, 0])

    def rule(primals: Any, tangents: Any) -> Any:
        (x, i), (t, ti) = primals, tangents
        assert ti.shape == i.shape and ti.dtype == np.float64 and not ti.any()
        return (x[i], i), (t[i], ti)

    take = lambda x, i: (x[i], i)
    ours = by_jvp(take, rule)
    zeros = lambda kept, ct: (kept[0] * 0 + np.stack([ct[0][1], 0.0 * ct[0][0], ct[0][0]]), None)
    others = by_vjp(take, lambda x, i: (take(x, i), (x, i)), zeros)
    for f in (ours, others):
        loss = lambda x, f=f: np.sum(f(x, index)[0] ** 2)
        close(cr.grad(loss)(x3), np.array([2 * x3[0], 0.0, 2 * x3[2]]))
        close(cr.jvp(loss, (x3,), (np.ones(3),))[1], 2 * x3[0] + 2 * x3[2])
        close(cr.compile(cr.grad(loss))(x3), np.array([2 * x3[0], 0.0, 2 * x3[2]]))


def test_none_is_a_zero_cotangent():
    pick = lambda p, x: p["a"] * x
    whole = by_vjp(pick, lambda p, x: (pick(p, x), p), lambda p, ct: (None, p["a"] * ct))
    part = by_vjp(
        pick, lambda p, x: (pick(p, x), p), lambda p, ct: ({"a": ct, "b": None}, p["a"] * ct)
    )
    at = {"a": 2.0, "b": 3.0}, 5.0
    assert cr.grad(whole, (0, 1))(*at) == ({"a": 0.0, "b": 0.0}, 2.0)
    assert cr.grad(part, (0, 1))(*at) == ({"a": 1.0, "b": 0.0}, 2.0)
    assert cr.jvp(part, at, ({"a": 1.0, "b": 1.0}, 1.0))[1] == 3.0


def test_dtypes_are_those_of_the_values():
    x = x3.astype(np.float32)
    wide = by_jvp(lambda x: np.float32(2) * x, lambda p, t: (2 * p[0], np.float64(2) * t[0]))
    back = by_vjp(lambda x: x * 1, lambda x: (x, None), lambda _, ct: (ct.astype(np.float64),))
    for f in (wide, back):
        assert cr.grad(lambda x, f=f: np.sum(f(x)))(x).dtype == np.float32
        assert cr.jvp(f, (x,), (x,))[1].dtype == np.float32


def test_complex_numbers():
    z = rng.normal(size=3) + 1j * rng.normal(size=3)
    plain = lambda z: z * z
    forward = by_jvp(plain, lambda p, t: (plain(*p), 2 * p[0] * t[0]))
    reverse = by_vjp(plain, lambda z: (plain(z), z), lambda z, ct: (2 * z * ct,))
    loss = lambda f: lambda z: np.sum(np.real(f(z) * (1 + 2j)))
    for f in (forward, reverse):
        close(cr.grad(loss(f))(z), cr.grad(loss(plain))(z))
        close(cr.jvp(f, (z,), (z + 1j,)), cr.jvp(plain, (z,), (z + 1j,)))


def test_rules_may_write_into_directions():
    def backward(_: Any, ct: Any) -> Any:
        ct *= 2.0
        return (ct,)

    def rule(p: Any, t: Any) -> Any:
        (d,) = t
        d *= 2.0
        return p[0] * 1.0, d

    for f in (
        by_vjp(lambda x: x * 1.0, lambda x: (x, None), backward),
        by_jvp(lambda x: x * 1.0, rule),
    ):
        loss = lambda x, f=f: np.sum((f(x) + x) * x3)
        close(cr.grad(loss)(x3), 3 * x3)
        close(cr.hessian(lambda x, loss=loss: loss(x) ** 2)(x3), 18 * np.outer(x3, x3))
        close(cr.jvp(lambda x, f=f: f(x) + x, (x3,), (x3,))[1], 3 * x3)


# ---- refusals -----------------------------------------------------------------------------------

no_rule = cr.custom_derivative(lambda x: x * 2)


def rule_of(result: Callable[[Any, Any], Any]) -> Callable[..., Any]:
    return by_jvp(lambda x: (x * 2, x), lambda p, t: result(p[0], t[0]))


def back_of(result: Callable[[Any], Any]) -> Callable[..., Any]:
    return by_vjp(lambda x: x * 2, lambda x: (x * 2, None), lambda _, ct: result(ct))


@pytest.mark.parametrize(
    ("f", "error", "says"),
    [
        (no_rule, NoRuleError, "define one with"),
        (rule_of(lambda x, t: t), ShapeError, "the rule of <lambda> must return a pair"),
        (rule_of(lambda x, t: (x, t)), ShapeError, "the rule of <lambda> returned"),
        (rule_of(lambda x, t: ((x, x), t)), ShapeError, "must have the structure"),
        (rule_of(lambda x, t: ((x, x), (t, [t]))), ShapeError, "must have the structure"),
        (rule_of(lambda x, t: ((x, x), (t, t[0]))), ShapeError, r"result \[1\] has shape \(\)"),
        (rule_of(lambda x, t: ((x[:1], x), (t, t))), ShapeError, "they must agree"),
        (rule_of(lambda x, t: ((x, x), (1j * t, t))), DTypeError, "complex128 does not fit"),
        (back_of(lambda ct: ct), ShapeError, "one cotangent for each of its 1 arguments"),
        (back_of(lambda ct: (ct, ct)), ShapeError, "a tuple of 2"),
        (back_of(lambda ct: (ct[:1],)), ShapeError, r"argument \[0\] has shape \(1,\)"),
        (back_of(lambda ct: ({"a": ct},)), ShapeError, "must have the structure"),
        (back_of(lambda ct: ("no",)), ShapeError, r"argument \[0\] has shape \(\)"),
        (by_vjp(lambda x: x, lambda x: x, lambda _, ct: (ct,)), ShapeError, "return a pair"),
    ],
)
def test_rules_that_do_not_fit(f: Any, error: type[Exception], says: str):
    total = lambda x: np.sum(flatten(f(x))[0][0])
    with pytest.raises(error, match=says):
        cr.grad(total)(x3)
    with pytest.raises(error, match=says):
        cr.jvp(total, (x3,), (x3,))
    with pytest.raises(error, match=says):
        cr.compile(cr.grad(total))(x3)


def test_a_forward_rule_of_another_shape_is_seen_where_the_function_ran_before():
    f = by_vjp(lambda x: x * 2, lambda x: (x[:1], None), lambda _, ct: (ct,))
    with pytest.raises(ShapeError, match="forward rule of <lambda> returned"):
        cr.compile(cr.grad(lambda x: np.sum(f(x))))(x3)


@pytest.mark.parametrize("transform", [cr.grad, cr.compile, cr.jacobian])
def test_traced_values_are_passed_as_arguments_and_not_closed_over(transform: Any):
    """Never a silent zero: neither in the function nor in a rule."""

    def of_function(y: Any) -> Any:
        return by_jvp(lambda x: x * y, lambda p, t: (p[0], t[0]))(2.0)

    def of_function_with_traced(y: Any) -> Any:
        return by_jvp(lambda x: x * y, lambda p, t: (p[0], t[0]))(y)

    def in_rule(y: Any) -> Any:
        f = by_jvp(lambda x: x * 2, lambda p, t: (p[0] * 2, t[0] * y))
        return cr.grad(f)(2.0)

    def in_forward(y: Any) -> Any:
        f = by_vjp(lambda x: x * 2, lambda x: (x * 2, y), lambda r, ct: (ct * r,))
        return cr.grad(f)(2.0)

    def in_backward(y: Any) -> Any:
        f = by_vjp(lambda x: x * 2, lambda x: (x * 2, None), lambda _, ct: (ct * y,))
        return cr.grad(f)(2.0)

    for f in (of_function, of_function_with_traced, in_rule, in_forward, in_backward):
        with pytest.raises(TraceError, match="pass it as an argument"):
            transform(f)(3.0)
    stopped = lambda y: by_jvp(lambda x: x * cr.stop_gradient(y), lambda p, t: (p[0], t[0]))(y)
    if transform is not cr.compile:
        assert transform(stopped)(3.0) == 1.0


def test_other_refusals():
    with pytest.raises(ArgumentError, match="keyword-only"):
        cr.custom_derivative(lambda x, *, n: x)(1.0, n=2)
    with pytest.raises(ArgumentError, match="by position"):
        cr.custom_derivative(max)(x=1.0)
    with pytest.raises(TypeError, match="missing a required argument"):
        wave_jvp(1.0)
    kept: list[Any] = []
    cr.grad(lambda x: kept.append(x) or x)(1.0)
    with pytest.raises(EscapedTracerError, match="wave"):
        wave_jvp(kept[0], 1.0)
    looked_up = cr.custom_derivative(lambda x: special.gamma(float(x)))
    looked_up.def_jvp(lambda p, t: (looked_up(*p), t[0]))
    with pytest.raises(TraceError, match="types are known and no values"):
        cr.compile(looked_up)(2.0)
    with pytest.raises(TraceError, match="not an array or a number"):
        cr.custom_derivative(lambda x: "text")(1.0)


def test_what_it_looks_like():
    assert wave_jvp.__name__ == "wave" and repr(wave_jvp) == "custom_derivative(wave)"
    kind = cr.ArrayType((3,), np.float64)
    assert str(cr.trace(wave_jvp)(kind, kind)) == (
        "graph(a: float64[3], b: float64[3])\n"
        "  c: float64[3] = custom[call=wave] a b\n"
        "    graph: graph(a: float64[3], b: float64[3])\n"
        "      c: float64[3] = sin a\n"
        "      d: float64[3] = mul c b\n"
        "      return d\n"
        "  return c"
    )


def test_an_executor_takes_the_equation_too():
    """Compiled functions inline it first; whoever calls an executor need not."""
    kind = cr.ArrayType((3,), np.float64)
    at_values = cr.trace(lambda x: wave_jvp(x, x) * 2)(x3)
    by_types = cr.trace(lambda x: wave_jvp(x, x) * 2)(kind)
    for graph in (at_values, by_types):
        close(native(graph).run([x3]), [2 * wave(x3, x3)])
