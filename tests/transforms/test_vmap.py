"""``vmap`` is a Python loop over the examples: for every case, of and under every derivative."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import pytest

import chainrule as cr
from chainrule.core.trace import type_of
from chainrule.core.tree import flatten, unflatten

from ..cases import CASES, Case
from .control_cases import TWINS, Twin
from .pairing import DIFFERENTIABLE, curved_loss, direction, every, of_floats, precision

SIZE = 3
BY_TYPES = [c for c in CASES if c.by_types]


def examples(x: Any) -> Any:
    """``x`` and others of its type and range, stacked along a new first axis."""
    x = np.asarray(x)
    if x.dtype.kind in "fc":
        return np.stack([x, x * x.dtype.type(0.97), x * x.dtype.type(0.99)])
    return np.stack([x, np.flip(x), x])


def looped(f: Callable[..., Any], args: Sequence[Any], mapped: Sequence[bool]) -> Any:
    """What ``vmap`` of a function must give, by a loop."""
    rows: list[list[Any]] = []
    structure = None
    for i in range(SIZE):
        full = [x[i] if flag else x for x, flag in zip(args, mapped, strict=True)]
        leaves, structure = flatten(f(*full))
        rows.append(leaves)
    return unflatten(structure, [np.stack(column) for column in zip(*rows, strict=True)])


def same(found: Any, wanted: Any, context: Any = "") -> None:
    """Equal structure, shapes and dtypes, and values up to rounding."""
    (xs, a), (ys, b) = flatten(found), flatten(wanted)
    assert a == b, context
    for x, y in zip(xs, ys, strict=True):
        assert np.shape(x) == np.shape(y), context
        assert type_of(x).dtype == type_of(y).dtype, context
        np.testing.assert_allclose(x, y, **precision(y), err_msg=str(context))


def choices(case: Case) -> list[tuple[bool, ...]]:
    """Which inputs to map: all, then each one that can be differentiated alone.

    Where a function writes into its first input, NumPy itself refuses others that are traced alone.
    """
    n = len(case.inputs)
    alone = case.argnums[:1] if case.name.startswith("setitem") else case.argnums
    return [(True,) * n, *(tuple(i == j for j in range(n)) for i in alone if n > 1)]


def check(f: Callable[..., Any], inputs: Sequence[Any], mapped: Sequence[bool]) -> None:
    """``vmap(f)`` against the loop, with examples of the inputs that are mapped."""
    args = [examples(x) if m else x for x, m in zip(inputs, mapped, strict=True)]
    axes = tuple(0 if m else None for m in mapped)
    with np.errstate(all="ignore"):
        same(cr.vmap(f, axes)(*args), looped(f, args, mapped), mapped)


@every([c for c in BY_TYPES if c.inputs])
def test_vmap_is_a_loop(case: Case) -> None:
    for mapped in choices(case):
        check(case.f, case.inputs, mapped)


# ---- of derivatives ------------------------------------------------------------------------------


@every([c for c in DIFFERENTIABLE if c.by_types])
def test_vmap_of_a_gradient_and_of_a_tangent(case: Case) -> None:
    f, xs = of_floats(case)
    numbers = tuple(range(len(xs)))
    gradient = cr.grad(curved_loss(f, 3), numbers)
    check(gradient, xs, (True,) * len(xs))
    ts = [direction(x, 5 + i) for i, x in enumerate(xs)]
    n = len(xs)
    check(lambda *v: cr.jvp(f, v[:n], v[n:]), [*xs, *ts], (True,) * 2 * n)


@every([c for c in DIFFERENTIABLE if c.by_types and c.smooth][::3])
def test_a_gradient_through_vmap(case: Case) -> None:
    f, xs = of_floats(case)
    loss, args = curved_loss(f, 3), [examples(x) for x in xs]
    numbers = tuple(range(len(xs)))
    many = cr.grad(lambda *v: np.sum(cr.vmap(loss)(*v)), numbers)(*args)
    same(many, looped(cr.grad(loss, numbers), args, (True,) * len(xs)))


# ---- control flow --------------------------------------------------------------------------------


@pytest.mark.parametrize("twin", TWINS, ids=[t.name for t in TWINS])
def test_control_flow(twin: Twin) -> None:
    n = len(twin.args)
    for mapped in [(True,) * n, *(tuple(i == j for j in range(n)) for i in range(n))]:
        check(twin.ours, twin.args, mapped)
        check(cr.grad(twin.ours, tuple(range(n))), twin.args, mapped)


def test_examples_stop_at_their_own_step() -> None:
    def halvings(x: Any) -> Any:
        return cr.while_loop(lambda s: s[0] > 1, lambda s: (s[0] / 2, s[1] + 1), (x, 0))

    last, count = cr.vmap(halvings)(np.array([0.5, 1.5, 1024.0, 3.0]))
    np.testing.assert_array_equal(count, [0, 1, 10, 2])
    np.testing.assert_array_equal(last, [0.5, 0.75, 1.0, 0.75])


def test_a_counter_that_no_example_changes_is_not_batched() -> None:
    def f(x: Any) -> Any:
        return cr.while_loop(lambda s: s[1] < 5, lambda s: (s[0] * 1.5, s[1] + 1), (x, 0))

    graph = cr.trace(cr.vmap(f))(np.ones(3))
    (loop,) = [e for e in graph.equations if e.primitive.name == "while_loop"]
    assert [v.type.shape for v in loop.outputs] == [(3,), ()]


# ---- integer arrays in an index ------------------------------------------------------------------

FIRST, SECOND = np.array([2, 0, 1]), np.array([[1, 1, 3], [0, 2, 2]])
PLACES: dict[str, Callable[[Any, Any], Any]] = {
    "first": lambda i, j: i,
    "second": lambda i, j: (slice(None), i),
    "last": lambda i, j: (..., j),
    "neighbours": lambda i, j: (slice(1, None), i, j),
    "apart": lambda i, j: (i, slice(None, None, 2), j),
    "by a new axis": lambda i, j: (i, None, j),
    "with a number": lambda i, j: (slice(None), 2, i),
    "number apart": lambda i, j: (1, slice(None), j),
}


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("mapped", [*np.ndindex(2, 2, 2)][1:])
def test_indices(place: str, mapped: tuple[int, ...]) -> None:
    at = PLACES[place]
    a = np.arange(120.0).reshape(4, 5, 6)

    def read(a: Any, i: Any, j: Any) -> Any:
        return a[at(i, j)] * 2.0

    def written(a: Any, i: Any, j: Any) -> Any:
        b = a * 1.0 + 0 * np.sum(i * 1.0)
        b[at(i, j)] = read(a, i, j) + i[0] + j[0, 1]
        return b

    flags = [bool(m) for m in mapped]
    check(lambda a, i, j: read(a, i, j) + 0 * i[0] + 0 * j[0, 0], (a, FIRST, SECOND), flags)
    if "number" not in place or flags[0]:
        check(
            lambda a, i, j: cr.grad(lambda a: np.sum(written(a, i, j) ** 2))(a),
            (a, FIRST, SECOND),
            flags,
        )


# ---- axes, containers, nesting, errors -----------------------------------------------------------


def test_axes_and_containers() -> None:
    def f(p: dict[str, Any], x: Any, scale: float = 1.0) -> Any:
        return {"y": (p["w"] @ x + p["b"]) * scale, "w": p["w"]}, x

    rng = np.random.default_rng(0)
    w, b, x = rng.normal(size=(2, 3, 4)), rng.normal(size=3), rng.normal(size=(4, 2))
    out, xs = cr.vmap(f, in_axes=({"w": 0, "b": None}, 1), out_axes=({"y": 1, "w": 0}, -1))(
        {"w": w, "b": b}, x, scale=3.0
    )
    np.testing.assert_allclose(out["y"], np.stack([3 * (w[i] @ x[:, i] + b) for i in (0, 1)], 1))
    np.testing.assert_array_equal(out["w"], w)
    np.testing.assert_array_equal(xs, x)


def test_nested() -> None:
    x, y = np.arange(3.0), np.arange(1.0, 5.0)
    outer = cr.vmap(cr.vmap(lambda a, b: a * np.exp(b), (None, 0)), (0, None))
    np.testing.assert_allclose(outer(x, y), np.outer(x, np.exp(y)))
    swapped = cr.vmap(cr.vmap(lambda a, b: a * b, (0, None)), (None, 0), out_axes=1)
    np.testing.assert_allclose(swapped(x, y), np.outer(x, y))


def test_results_that_are_the_same_for_all() -> None:
    x = np.arange(3.0)
    out, same_for_all = cr.vmap(lambda a, b: (5.0, b * 2), (0, None), (0, None))(x, 7.0)
    np.testing.assert_array_equal(out, [5.0, 5.0, 5.0])
    assert same_for_all == 14.0
    out += 1  # is the caller's own


def test_equations_of_a_batch_know_the_lines_of_one_example() -> None:
    def f(x: Any) -> Any:
        y = np.sin(x)
        return np.sum(y * y)

    first = f.__code__.co_firstlineno
    graph = cr.trace(cr.vmap(f))(np.ones((2, 3)))
    lines = {e.primitive.name: e.source and e.source.line - first for e in graph.equations}
    assert lines == {"sin": 1, "mul": 2, "sum": 2}


def test_no_examples() -> None:
    out = cr.vmap(lambda x: np.sum(np.exp(x)))(np.zeros((0, 4)))
    assert out.shape == (0,)


def test_python_branches_on_what_is_not_mapped() -> None:
    f = cr.vmap(lambda x, n: x**n if n > 2 else x, in_axes=(0, None))
    np.testing.assert_array_equal(f(np.array([1.0, 2.0]), 3), [1.0, 8.0])


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: cr.vmap(np.add)(np.ones(3), np.ones(4)), r"3 examples in .*; 4 examples in"),
        (lambda: cr.vmap(np.sin)(1.0), r"shape \(\) has no axis 0 to map"),
        (lambda: cr.vmap(np.sin, in_axes=1)(np.ones(3)), r"shape \(3,\) has no axis 1"),
        (lambda: cr.vmap(np.add, in_axes=(0,))(np.ones(3), 1.0), r"1 entries.*2 positional"),
        (lambda: cr.vmap(np.sin, in_axes=None)(np.ones(3)), r"maps no argument"),
        (lambda: cr.vmap(np.sin, in_axes="x")(np.ones(3)), r"give integers or None"),
        (lambda: cr.vmap(np.sin, out_axes=None)(np.ones(3)), r"the same for all examples"),
        (lambda: cr.vmap(np.sin, in_axes=({"a": 0},))(np.ones(3)), r"does not fit the arguments"),
        (lambda: cr.vmap(lambda s: s)(["text"]), r"argument \[0\]\[0\] is str"),
        (lambda: cr.vmap(lambda x: x if x > 0 else -x)(np.ones(3)), r"np\.where|cr\.cond"),
    ],
)
def test_errors(call: Callable[[], Any], message: str) -> None:
    with pytest.raises(cr.ChainruleError, match=message):
        call()


# ---- what an example does not take ---------------------------------------------------------------


def positive_root(a: Any) -> Any:
    """Newton's iteration, which never ends for negative numbers."""
    far = lambda x: np.abs(x * x - a) > 1e-12 * a
    return cr.while_loop(far, lambda x: (x + a / x) / 2, 0 * a + 1.0)


def test_a_branch_that_does_not_end_for_others() -> None:
    f = lambda a: cr.cond(a > 0, positive_root, lambda a: -a, a)
    a = np.array([-1.0, 4.0, -9.0, 25.0])
    np.testing.assert_allclose(cr.vmap(f)(a), [1.0, 2.0, 9.0, 5.0])
    np.testing.assert_allclose(cr.vmap(cr.grad(f))(a), [-1.0, 0.25, -1.0, 0.1])
    np.testing.assert_allclose(cr.vmap(f)(-np.abs(a)), np.abs(a))  # nobody takes it
    for executor in ("interpreter", "native"):
        np.testing.assert_allclose(cr.compile(cr.vmap(f), executor=executor)(a), [1, 2, 9, 5])


def test_a_branch_that_fails_for_others() -> None:
    def half_log_det(a: Any) -> Any:
        return np.sum(np.log(np.linalg.cholesky(a)[[0, 1], [0, 1]]))

    def f(a: Any) -> Any:
        return cr.cond(a[0, 0] > 0, half_log_det, lambda a: a[0, 0] + a[1, 1], a)

    a = np.stack([np.eye(2) * 4.0, -np.eye(2), np.array([[2.0, 1.0], [1.0, 2.0]])])
    wanted = [np.log(4.0), -2.0, 0.5 * np.log(3.0)]
    np.testing.assert_allclose(cr.vmap(f)(a), wanted)
    gradients = cr.grad(lambda a: np.sum(cr.vmap(f)(a)))(a)
    np.testing.assert_allclose(gradients, [cr.grad(f)(x) for x in a], atol=1e-15)


def test_a_step_that_fails_for_those_that_are_done() -> None:
    table = np.array([10.0, 20.0, 30.0])

    def total(start: Any, table: Any) -> Any:
        step = lambda s: (s[0] + 1, s[1] + table[s[0]])
        return cr.while_loop(lambda s: s[0] < 3, step, (start, 0.0))[1]

    found = cr.vmap(total, (0, None))(np.array([0, 3, 2, 1]), table)
    np.testing.assert_array_equal(found, [60.0, 0.0, 30.0, 50.0])


@every([c for c in CASES if c.inputs and not c.by_types])
def test_what_needs_values_is_refused(case: Case) -> None:
    with pytest.raises(cr.ChainruleError, match="values are not known"):
        cr.vmap(case.f)(*map(examples, case.inputs))
