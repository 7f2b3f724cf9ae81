"""Every method and attribute of an ndarray works on a traced value, or says what to write instead.

A row runs on plain NumPy as it stands, which says what is right.
"""

from __future__ import annotations

import copy
import math
import pickle
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import chainrule as cr
from chainrule.core.errors import TraceError, UnrecordedError
from chainrule.core.refusals import UNRECORDED

X = np.array([[0.7, -1.3, 2.1], [1.6, 0.4, -0.9]])
Z = X + 1j * X[::-1]


def changed(change: Callable[[Any], Any]) -> Callable[[Any], Any]:
    """A copy of x after ``change``, with a view that was made before it."""

    def f(x: Any) -> Any:
        y = x.copy()
        view = y[:1]
        assert change(y) is None
        return y, view * x[0]

    return f


def assign(name: str, value: Any) -> Callable[[Any], Any]:
    return changed(lambda y: setattr(y, name, value))


WORKS: dict[str, Callable[[Any], Any]] = {
    "T": lambda x: x.T, "mT": lambda x: x.mT, "all": lambda x: (x > -1.0).all(axis=1),
    "any": lambda x: x.any(0), "argmax": lambda x: x.argmax(1), "argmin": lambda x: x.argmin(),
    "argpartition": lambda x: x.argpartition(1, axis=1)[:, 1],
    "argsort": lambda x: x.argsort(axis=0), "astype": lambda x: x.astype(np.float32),
    "base": lambda x: (x.copy().base is None) * x,
    "choose": lambda x: np.full_like(x, 1, dtype=int).choose([-x, x]),
    "clip": lambda x: x.clip(-1.0, max=1.0), "compress": lambda x: x.compress([True, False], 1),
    "conj": lambda x: x.conj(), "conjugate": lambda x: x.conjugate(), "copy": lambda x: x.copy(),
    "cumprod": lambda x: x.cumprod(axis=1), "cumsum": lambda x: x.cumsum(),
    "device": lambda x: x * (x.device == "cpu"), "diagonal": lambda x: x.diagonal(1),
    "dot": lambda x: x.dot(x[0]), "dtype": lambda x: x * x.dtype.itemsize,
    "fill": changed(lambda y: y.fill(y[0, 1])), "flat": assign("flat", [1.0, 2.0, 3.0]),
    "flatten": lambda x: x.T.flatten(), "imag": lambda x: x.imag,
    "itemsize": lambda x: x * x.itemsize, "max": lambda x: x.max(axis=0, initial=1.0),
    "mean": lambda x: x.mean(1, keepdims=True), "min": lambda x: x.min(),
    "nbytes": lambda x: x * x.nbytes, "ndim": lambda x: x * x.ndim,
    "nonzero": lambda x: x.nonzero()[0], "partition": changed(lambda y: y.partition(1, axis=0)),
    "prod": lambda x: x.prod(axis=1), "put": changed(lambda y: y.put([0, 4], [y[1, 1], 2.0])),
    "ravel": lambda x: x.ravel(), "real": assign("real", 2.0),
    "repeat": lambda x: x.repeat(2, axis=1), "reshape": lambda x: x.reshape(3, -1),
    "round": lambda x: x.round(1), "searchsorted": lambda x: x[0].cumsum().searchsorted(x[1]),
    "shape": changed(lambda y: setattr(y, "shape", (3, 2))), "size": lambda x: x * x.size,
    "sort": changed(lambda y: y.sort(axis=0)), "squeeze": lambda x: x[:1].squeeze(0),
    "std": lambda x: x.std(axis=0, ddof=1), "sum": lambda x: x.sum(axis=1),
    "swapaxes": lambda x: x.swapaxes(0, 1), "take": lambda x: x.take([1, 0], axis=0),
    "to_device": lambda x: x.to_device("cpu"), "trace": lambda x: x.trace(),
    "transpose": lambda x: x.transpose(1, 0), "var": lambda x: x.var(), "view": lambda x: x.view(),
}  # fmt: skip
MORE: dict[str, Callable[[Any], Any]] = {
    "astype-order": lambda x: x.astype("f4", "F", "same_kind", copy=False),
    "flatten-order": lambda x: x.flatten("C"), "max-initial": lambda x: x.max(initial=9.0),
    "transpose-tuple": lambda x: x.transpose((0, 1)), "transpose-none": lambda x: x.transpose(),
    "reshape-tuple": lambda x: x.reshape((6,)), "view-dtype": lambda x: x.view(np.float64),
    "view-type": lambda x: x.view(type=np.ndarray), "flat-read": lambda x: x.T.flat[1:4],
    "flat-array": lambda x: x.flat[np.array([[0, 5], [2, 2]])], "flat-one": lambda x: x.flat[-1],
    "flat-mask": lambda x: x.flat[x.ravel() > 0], "flat-copy": lambda x: x.flat.copy(),
    "flat-all": lambda x: sum(v * v for v in x.T.flat), "flat-len": lambda x: len(x.flat) * x,
    "flat-next": lambda x: next(x.flat),
    "flat-write": changed(lambda y: y.T.flat.__setitem__(slice(1, 4), +y[0, :2])),
    "flat-write-one": changed(lambda y: y.flat.__setitem__(2, y[0, 0] * 2.0)),
    "flat-write-mask": changed(lambda y: y.flat.__setitem__(y.ravel() > 0, 5.0)),
    "flat-traced": changed(lambda y: setattr(y, "flat", y[1] * 2.0)),
    "shape-of-view": changed(lambda y: setattr(y[1], "shape", (3, 1))),
    "contains": lambda x: x * ((5.0 in x) + 1) * ([1.0, 1.0, 1.0] in x / x),
    "reversed": lambda x: next(reversed(x)),
    "unpacking": lambda x: x[0] * [*x][1], "divmod": lambda x: divmod(x, 0.37),
    "rdivmod": lambda x: divmod(1.0, x), "pow": lambda x: pow(x, 2), "abs": abs,
    "pos": lambda x: +x, "round-number": lambda x: round(x[0, 1], 1),
    "whole": lambda x: x * round(x[1, 0]) * math.floor(x[0, 1]) * math.ceil(x[0, 2]),
    "trunc": lambda x: x * math.trunc(x[0, 1]), "copy.copy": lambda x: copy.copy(x) * x,
    "deepcopy": lambda x: copy.deepcopy([x])[0] * x, "lists": lambda x: [1.0, 2.0, 3.0] * x,
    "namespace": lambda x: x.__array_namespace__().exp(x),
    "lists-traced": lambda x: x @ [x[0, 0], 1.0, x[1, 1]] + np.maximum(x[0, :2], [x[1, 2], 0.0]),
    "lists-written": changed(lambda y: y.__setitem__(0, [y[1, 2], 0.0, y[0, 0] * 2.0])),
    "branch": lambda x: x if x[0, 0] > 0 else 2 * x,
}  # fmt: skip
COMPLEX: dict[str, Callable[[Any], Any]] = {
    "real-write": changed(lambda y: setattr(y, "real", y.imag * 2.0)),
    "imag-write": changed(lambda y: setattr(y, "imag", y[0].real)),
    "conj": lambda x: x.conj(),
    "imag": lambda x: x.imag,
    "real": lambda x: x.T.real,
}


def test_every_public_attribute_works_or_is_refused() -> None:
    public = {name for name in dir(np.ndarray) if not name.startswith("_")}
    assert public == set(WORKS) | set(UNRECORDED)
    assert not set(WORKS) & set(UNRECORDED)


def leaves(result: Any) -> tuple[Any, ...]:
    return result if isinstance(result, tuple) else (result,)


@pytest.mark.parametrize(
    ("f", "x"),
    [(f, X) for f in (*WORKS.values(), *MORE.values())] + [(f, Z) for f in COMPLEX.values()],
    ids=[*WORKS, *MORE, *(f"complex-{name}" for name in COMPLEX)],
)
def test_values_and_derivatives(f: Callable[[Any], Any], x: Any) -> None:
    expected = leaves(f(x.copy()))
    t = np.cos(X) * (1.0 + 0.5j if x.dtype == complex else 1.0)
    out, tangents = cr.jvp(lambda x: leaves(f(x)), (x,), (t,))
    out_2, pullback = cr.vjp(lambda x: leaves(f(x)), x)
    h = 1e-6
    above, below = leaves(f(x + h * t)), leaves(f(x - h * t))
    cts, forward = [], 0.0
    for i, (value, right) in enumerate(zip(out, expected, strict=True)):
        assert np.shape(value) == np.shape(right)
        assert np.asarray(value).dtype == np.asarray(right).dtype
        np.testing.assert_array_equal(value, right)
        np.testing.assert_array_equal(out_2[i], right)
        cts.append(np.asarray(np.sin(np.arange(1.0, 1 + np.size(value)))
                              .reshape(np.shape(value)), np.asarray(value).dtype)[()])  # fmt: skip
        if np.asarray(value).dtype.kind in "fc":
            tolerance = 1e-2 if np.asarray(value).dtype == np.float32 else 1e-6
            difference = (above[i] - below[i]) / (2 * h)
            if tolerance == 1e-6:
                np.testing.assert_allclose(tangents[i], difference, rtol=1e-6, atol=1e-6)
            forward = forward + np.sum(cts[i] * tangents[i])
    (g,) = pullback(tuple(cts))
    np.testing.assert_allclose(np.real(np.sum(g * t)), np.real(forward), rtol=1e-6)


@pytest.mark.parametrize("name", sorted(UNRECORDED))
def test_what_only_memory_has_is_refused(name: str) -> None:
    def f(x: Any) -> Any:
        assert not hasattr(x, name)
        return getattr(x, name)

    with pytest.raises(UnrecordedError, match=rf"x\.{name} of a traced value x: .*; ") as caught:
        cr.grad(f)(X)
    assert isinstance(caught.value, TraceError)
    assert isinstance(caught.value, AttributeError)


REFUSED: dict[str, tuple[Callable[[Any], Any], type[Exception], str]] = {
    "shape": (lambda x: setattr(x.T, "shape", (6,)), AttributeError, "needs a copy"),
    "T": (lambda x: setattr(x, "T", x), AttributeError, "no setter"),
    "imag": (lambda x: setattr(x, "imag", 1.0), TypeError, "no imaginary part"),
    "fill": (lambda x: x.fill([1.0, 2.0]), ValueError, "one number"),
    "view": (lambda x: x.view(np.complex128), TraceError, "reads the bits.*x.real and x.imag"),
    "device": (lambda x: x.to_device("gpu"), ValueError, "'cpu', got 'gpu'"),
    "astype": (lambda x: x.astype(int, casting="safe"), TypeError, "casting='safe'"),
    "hash": (hash, TypeError, "unhashable"),
    "pickle": (pickle.dumps, TraceError, "cannot be pickled"),
    "pow": (lambda x: pow(x, 2, 3), TypeError, "positional"),
    "round": (round, TypeError, r"np.round\(x\)"),
    "truth": (lambda x: bool(x > 0), ValueError, "ambiguous"),
    "len": (lambda x: len(x[0, 0]), TypeError, "unsized"),
    "iter": (lambda x: iter(x[0, 0]), TypeError, "0-d"),
    "flat-2": (lambda x: x.flat[0, 1], IndexError, "one axis"),
    "flat-overlap": (lambda x: x[1:].flat.__setitem__(0, x[1, :1]), TraceError, "v.copy"),
    "flat-size": (lambda x: x.flat.__setitem__(0, [1.0, 2.0]), ValueError, "2 entries"),
    "format": (lambda x: f"{x:.2f}", TypeError, "format"),
    "attribute": (lambda x: setattr(x, "name", 1), AttributeError, "name"),
}


@pytest.mark.parametrize(("f", "error", "message"), [*REFUSED.values()], ids=[*REFUSED])
def test_what_numpy_refuses_too_or_a_graph_cannot_hold(
    f: Callable[[Any], Any], error: type[Exception], message: str
) -> None:
    with pytest.raises(error, match=message):
        cr.vjp(f, X)


def test_methods_of_plain_arrays_take_no_traced_values() -> None:
    with pytest.raises(TraceError, match=r"methods of plain arrays.*write np.choose\(x > 0, "):
        cr.vjp(lambda x: (x > 0).choose([x, -x]), X)


def test_the_last_entry_of_an_iterator() -> None:
    def f(x: Any) -> Any:
        it = x.flat
        first, second = next(it), next(it)
        with pytest.raises(StopIteration):
            next(it)
        return first * second

    assert cr.grad(f)(np.array([2.0, 3.0])).tolist() == [3.0, 2.0]


def test_text_shows_values_where_they_are_known() -> None:
    seen: list[str] = []

    def f(x: Any) -> Any:
        with np.printoptions(precision=3):
            seen.extend([f"{x:.3f}", f"{x}", repr(x * np.ones(2))])
        return x

    cr.grad(f)(1.25)
    assert seen == ["1.250", "Traced(1.25)", "Traced(array([1.25, 1.25]))"]
    cr.trace(f)(cr.ArrayType((), np.dtype(float)))
    assert seen[3:] == ["Traced(float64)", "Traced(float64)", "Traced(float64[2])"]


def test_whole_numbers_ask_for_values() -> None:
    with pytest.raises(TraceError, match=r"math.floor\(x\) of a traced float64.*use np.floor"):
        cr.trace(math.floor)(cr.ArrayType((), np.dtype(float)))

    def f(x: Any) -> Any:
        return x * math.floor(x)

    compiled = cr.compile(f, branches=True, executor="interpreter")
    for x in (-0.5, 0.5, 2.5, -0.25):
        assert compiled(x) == f(x)


def test_a_new_shape_in_place_keeps_what_shares_memory() -> None:
    def f(x: Any) -> Any:
        y = x * 1.0
        row, flat = y[0], y.reshape(-1)
        y.shape = (3, 2)
        column = y[:, 1]
        flat[1] = x[1, 0] * 4.0
        y[2, 0] = -1.0
        row *= 2.0
        flat.shape = (1, 6)
        flat[0, 0] = x[0, 0] ** 2
        return y * np.arange(6.0).reshape(3, 2), row, column, flat

    expected = f(X.copy())
    out, pullback = cr.vjp(f, X)
    for value, right in zip(out, expected):
        np.testing.assert_array_equal(value, right)
    t, h = np.cos(X), 1e-6
    above, below = f(X + h * t), f(X - h * t)
    (g,) = pullback(tuple(np.ones_like(v) for v in expected))
    difference = sum(np.sum(a - b) for a, b in zip(above, below)) / (2 * h)
    np.testing.assert_allclose(np.sum(g * t), difference, rtol=1e-6)
