"""Writes through views do what they do in NumPy: equal values and gradients, or an error.

Random short programs make views of views, write through any of them, and read them all in the end.
The same program runs on plain arrays, which says what is right.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import chainrule as cr
from chainrule.core.errors import TraceError

Program = list[tuple[str, int, int]]

VIEWS: dict[str, Callable[[Any], Any]] = {
    "row": lambda a: a[0],
    "last": lambda a: a[-1:],
    "steps": lambda a: a[::2],
    "backwards": lambda a: a[::-1],
    "columns": lambda a: a[..., 1:],
    "new axis": lambda a: a[None],
    "transpose": lambda a: a.T,
    "swap": lambda a: np.swapaxes(a, 0, -1),
    "flat": lambda a: a.reshape(-1),
    "ravel": np.ravel,
    "two rows": lambda a: a.reshape(2, -1),
    "three columns": lambda a: a.reshape(-1, 3),
    "squeeze": np.squeeze,
    "flip": lambda a: np.flip(a, axis=0),
    "expand": lambda a: np.expand_dims(a, -1),
    "moveaxis": lambda a: np.moveaxis(a, -1, 0),
    "ellipsis": lambda a: a[...],
    "same": lambda a: a,
    "copy": lambda a: a.copy(),
    "double": lambda a: a * 2.0,
    "plus": lambda a: +a,
    "picked": lambda a: a[np.array([0, -1])],
    "astype": lambda a: a.astype(np.float64),
    "real": lambda a: a.real,
    "atleast": np.atleast_2d,
    "clipped": lambda a: np.clip(a, None, 100.0),
    "upside down": np.flipud,
    "quarter turn": lambda a: np.rot90(np.atleast_2d(a)),
    "three quarters": lambda a: np.rot90(np.atleast_2d(a), 3),
    "half turn": lambda a: np.rot90(np.atleast_2d(a), 2),
    "split": lambda a: np.array_split(a, 2)[0],
    "unstacked": lambda a: np.unstack(np.atleast_2d(a))[-1],
    "by columns": lambda a: np.reshape(a, (3, -1), order="F"),
    "flat by columns": lambda a: np.ravel(a, order="F"),
    "rolled": lambda a: np.roll(a, 1),
    "tiled": lambda a: np.tile(a, 1),
    "not rolled": lambda a: np.roll(a, 0, axis=0),
    "repeated": lambda a: np.repeat(a, 1, axis=0),
    "padded": lambda a: np.pad(a, 0),
    "margins": lambda a: np.pad(a, 1, "wrap"),
    "deleted": lambda a: np.delete(a, 0, axis=-1),
    "inserted": lambda a: np.insert(a, 0, 1.5, axis=-1),
    "taken": lambda a: np.take(a, [0, 0], axis=-1),
    "selected": lambda a: np.select([a > 0], [a], 0.5),
    "pieces": lambda a: np.piecewise(a, [a > 0], [lambda t: t * t, 0.25]),
    "resized": lambda a: np.resize(a, a.size),
    "numbers": np.nan_to_num,
    "triangle": lambda a: np.tril(np.atleast_2d(a)),
}


def _add(a: Any, s: Any) -> Any:
    a += s
    return a


def _multiply(a: Any, s: Any) -> Any:
    a *= 1.5
    return a


def _set_first(a: Any, s: Any) -> Any:
    a[0] = s
    return a


def _set_steps(a: Any, s: Any) -> Any:
    a[::2] = 3.0 * s
    return a


def _set_from_itself(a: Any, s: Any) -> Any:
    a[0] = a[-1] * 0.5
    return a


def _set_picked(a: Any, s: Any) -> Any:
    a[np.array([-1, 0])] = s * s
    return a


def _set_mask(a: Any, s: Any) -> Any:
    a[np.arange(a.shape[0]) == 0] = -s
    return a


def _set_all(a: Any, s: Any) -> Any:
    a[...] = a * a * 0.25
    return a


def _put(a: Any, s: Any) -> Any:
    np.put(a, [0, -1], s)
    return a


def _fill_diagonal(a: Any, s: Any) -> Any:
    if np.ndim(a) == 2:
        np.fill_diagonal(a, s)
    return a


def _copy_reversed(a: Any, s: Any) -> Any:
    np.copyto(a, a[::-1], where=np.arange(a.shape[-1]) > 0)
    return a


def _put_mask(a: Any, s: Any) -> Any:
    np.putmask(a, np.arange(a.size).reshape(a.shape) % 3 == 0, s)
    return a


def _subtract_reversed(a: Any, s: Any) -> Any:
    a -= a[::-1] * 0.5
    return a


WRITES = (
    _add, _multiply, _set_first, _set_steps, _set_from_itself, _set_picked, _set_mask, _set_all,
    _subtract_reversed, _put, _fill_diagonal, _copy_reversed, _put_mask,
)  # fmt: skip
STARTS: dict[str, Callable[[Any], Any]] = {
    "C": lambda v: np.copy(v.reshape(3, 4)),
    "F": lambda v: (v.reshape(4, 3) * 1.0).T,
    "3-d": lambda v: v.reshape(2, 3, 2) * 1.0,
    "1-d": lambda v: v * 1.0,
    "turned": lambda v: np.transpose(v.reshape(2, 3, 2) * 1.0, (1, 2, 0)) * 1.0,
}


def run(program: Program, start: str, v: Any) -> Any:
    """The program on arrays made of ``v``; a step makes a view of a named array or writes to it."""
    named = [STARTS[start](v)]
    for kind, which, argument in program:
        a = named[which % len(named)]
        if kind == "view":
            named.append(list(VIEWS.values())[argument % len(VIEWS)](a))
        elif np.ndim(a):
            named[which % len(named)] = WRITES[argument % len(WRITES)](a, v[argument % 5])
    total = 0.0
    for i, a in enumerate(named):
        total = total + np.sum(
            np.sin(a + i) * np.arange(1.0, 1.0 + np.size(a)).reshape(np.shape(a))
        )
    return total


STEPS = st.tuples(st.sampled_from(["view", "write"]), st.integers(0, 7), st.integers(0, 200))
V = np.linspace(-1.0, 1.3, 12)


@settings(max_examples=400)
@given(st.lists(STEPS, min_size=1, max_size=8), st.sampled_from(sorted(STARTS)))
def test_random_programs_equal_numpy_or_are_refused(program: Program, start: str) -> None:
    try:
        expected = run(program, start, V.copy())
    except (ValueError, IndexError):  # not a program: NumPy itself refuses a reshape
        return
    try:
        value, gradient = cr.value_and_grad(lambda v: run(program, start, v))(V)
    except TraceError:
        return
    np.testing.assert_allclose(value, expected, rtol=1e-12, atol=1e-12)
    t = np.cos(np.arange(12.0))
    h = 1e-5
    difference = (run(program, start, V + h * t) - run(program, start, V - h * t)) / (2 * h)
    np.testing.assert_allclose(gradient @ t, difference, rtol=1e-5, atol=1e-4)


@settings(max_examples=100)
@given(st.lists(STEPS, min_size=1, max_size=8), st.sampled_from(sorted(STARTS)))
def test_random_programs_by_types_equal_numpy_or_are_refused(program: Program, start: str) -> None:
    try:
        expected = run(program, start, V.copy())
    except (ValueError, IndexError):
        return
    try:
        graph = cr.trace(lambda v: run(program, start, v))(cr.ArrayType((12,), np.dtype(float)))
    except TraceError:
        return
    (found,) = cr.core.interpreter.evaluate(graph, [V])
    np.testing.assert_allclose(found, expected, rtol=1e-12, atol=1e-12)


def test_views_see_writes_to_what_they_are_views_of() -> None:
    def f(x: Any) -> Any:
        a = x * 1.0
        row, column, flat = a[0], a[:, 1], a.reshape(-1)
        a[0, 1] = 10.0
        return np.stack([row[1], column[0], flat[1]])

    np.testing.assert_array_equal(cr.vjp(f, np.ones((2, 2)))[0], [10.0, 10.0, 10.0])


def test_what_they_are_views_of_sees_writes_to_views() -> None:
    def f(x: Any) -> Any:
        a = x * 1.0
        a.T.reshape(2, 2)[::-1][0][1:] *= x[0, 0]
        return np.sum(a * np.arange(4.0).reshape(2, 2))

    x = np.array([[3.0, 1.0], [2.0, 5.0]])
    expected = f(x)
    value, gradient = cr.value_and_grad(f)(x)
    assert value == expected
    assert gradient.tolist() == [[15.0, 1.0], [2.0, 9.0]]


def test_the_parts_of_a_complex_array_are_views() -> None:
    def f(x: Any) -> Any:
        a = x * (1.0 + 1.0j)
        part = a.real
        part *= 3.0
        a.imag[0] = x[1]
        return np.sum(np.real(a * a))

    x = np.array([1.0, 2.0])
    value, gradient = cr.value_and_grad(f)(x)
    assert value == f(x)
    np.testing.assert_allclose(gradient, [18.0, 28.0])


def test_a_broadcast_array_sees_writes_and_takes_none() -> None:
    def f(x: Any) -> Any:
        a = x * 1.0
        wide = np.broadcast_to(a, (3, 2))
        a[0] = 5.0
        return wide

    np.testing.assert_array_equal(cr.vjp(f, np.ones(2))[0], [[5.0, 1.0]] * 3)

    def g(x: Any) -> Any:
        wide = np.broadcast_to(x, (3, 2))
        wide[0] = 1.0
        return np.sum(wide)

    with pytest.raises(TraceError, match="read-only"):
        cr.grad(g)(np.ones(2))


def test_the_callers_array_is_never_written_to() -> None:
    def f(x: Any) -> Any:
        x += 1.0
        x[0] = 0.0
        s = cr.stop_gradient(x)
        s += 5.0
        return np.sum(x * x)

    x = np.ones(3)
    assert cr.grad(f)(x).tolist() == [0.0, 4.0, 4.0]
    assert x.tolist() == [1.0, 1.0, 1.0]


def test_writing_an_alias_of_a_scalar_binds_the_name_anew() -> None:
    def f(x: Any) -> Any:
        total = x[0]
        start = total
        total += x[1]
        return total * start

    assert cr.grad(f)(np.array([2.0, 3.0])).tolist() == [7.0, 2.0]


def test_a_0d_array_is_written_to_for_all_its_names() -> None:
    def f(x: Any) -> Any:
        y = x
        y += 1.0
        y *= 2.0
        return x * y

    assert f(np.array(2.0)) == 36.0
    value, gradient = cr.value_and_grad(f)(np.array(2.0))
    assert (value, gradient) == (36.0, 24.0)
    assert cr.value_and_grad(f)(2.0) == (12.0, 10.0)  # the name y is bound anew: x * (2 (x + 1))


def test_a_write_that_depends_on_an_unknown_layout_is_refused() -> None:
    def f(x: Any) -> Any:
        y = x.reshape(3, 2)
        y[0] = 0.0
        return x

    with pytest.raises(TraceError, match="where only types are"):
        cr.trace(f)(cr.ArrayType((2, 3), np.dtype(float)))
    graph = cr.trace(f)(np.ones((2, 3)))
    assert cr.check_graph(graph) is graph


def test_in_place_keeps_the_dtype_or_refuses() -> None:
    def f(x: Any) -> Any:
        y = x * 1
        y += np.ones(3)
        return np.sum(y)

    assert cr.grad(f)(np.ones(3, np.float32)).dtype == np.float32

    def g(x: Any) -> Any:
        count = np.zeros_like(x, dtype=np.int64)
        count += x
        return np.sum(count * x)

    with pytest.raises(
        cr.core.errors.DTypeError, match="cannot store float64 in an array of int64"
    ):
        cr.grad(g)(np.ones(3))


def test_an_in_place_operation_cannot_change_the_shape() -> None:
    def f(x: Any) -> Any:
        x += np.ones((2, 3))
        return np.sum(x)

    with pytest.raises(cr.core.errors.ShapeError, match=r"from \(3,\) to \(2, 3\)"):
        cr.grad(f)(np.ones(3))


def test_shared_memory_is_what_numpy_says() -> None:
    def pairs(x: Any) -> list[Any]:
        a = x * 1.0
        a[0] *= 2.0
        c = a * 1j
        parts = [
            a,
            a[0],
            a[1],
            a.T[::2],
            a[:, 1::2],
            np.diagonal(a),
            a.reshape(-1),
            a.T.reshape(-1),
        ]
        parts += [a.copy(), c, c.real, c.imag, c[0].imag, a[:0], a[1, 1], a * 1.0]
        questions = (np.shares_memory, np.may_share_memory)
        return [ask(p, q) for ask in questions for p in parts for q in parts]

    answers: list[Any] = []

    def f(x: Any) -> Any:
        answers.extend(pairs(x))
        return np.sum(x)

    x = np.arange(12.0).reshape(3, 4)
    cr.grad(f)(x)
    assert answers == pairs(x)
    with pytest.raises(TraceError, match=r"x\.copy\(\)"):
        cr.trace(lambda x: np.shares_memory(x, x.reshape(2, 6)))(
            cr.ArrayType((3, 4), np.dtype(float))
        )


def test_einsum_without_a_sum_is_a_view() -> None:
    def f(x: Any) -> Any:
        a = x * 1.0
        np.einsum("ii->i", a)[:] = x[0] * 2.0
        np.einsum("ij->ji", a)[0] += 1.0
        return a * np.arange(4.0).reshape(2, 2)

    x = np.array([[3.0, 1.0], [2.0, 5.0]])
    out, pullback = cr.vjp(f, x)
    np.testing.assert_array_equal(out, f(x))
    assert pullback(np.ones((2, 2)))[0].tolist() == [[0.0, 7.0], [2.0, 0.0]]


def test_results_lie_in_memory_as_numpys_do() -> None:
    def f(x: Any) -> Any:
        a = np.sort(x, axis=0)  # composed of a transposed look-up
        flat, double = a.reshape(-1), np.sort(x, axis=0) * 2.0
        also = double.reshape(-1)
        a[0] = 7.0
        double[1] = -1.0
        return flat, also

    x = np.array([[3.0, 1.0], [2.0, 5.0]])
    for value, right in zip(cr.vjp(f, x)[0], f(x), strict=True):
        np.testing.assert_array_equal(value, right)

    def g(x: Any) -> Any:
        a = np.sort(x.T, axis=0)
        a.reshape(-1)[0] = 7.0
        return a

    with pytest.raises(TraceError, match="depends on its layout"):
        cr.vjp(g, x)


def test_two_outputs_in_one_memory_are_refused() -> None:
    with pytest.raises(TraceError, match="y and z share memory"):
        cr.grad(lambda x: np.modf(x, out=(x, x[:]))[0][0])(np.ones(2))
