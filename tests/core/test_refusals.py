"""What takes no traced values says so once, quotes the call, and names what to write instead."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from scipy import integrate, interpolate, linalg, ndimage, optimize, signal, special, stats

import chainrule as cr
from chainrule.core.errors import ChainruleError, TraceError
from chainrule.core.refusals import UNRECORDED

X = np.array([[2.0, 1.0], [1.0, 3.0]])
V = np.array([1.0, 2.0])
rng = np.random.default_rng(0)


def numbered(x: Any) -> Any:
    return np.array([x[0, 0], x[0, 1]])


CALLS: dict[str, tuple[Callable[[Any], Any], str]] = {
    "array-list": (numbered, r"in `np.array\(\[x\[0, 0\], x\[0, 1\]\]\)`: write np.stack"),
    "array": (lambda x: np.array(x), r"in `np.array\(x\)`: .*x.copy\(\)"),
    "asarray": (lambda x: np.asarray(x), r"in `np.asarray\(x\)`: .*use x itself"),
    "asanyarray": (lambda x: np.asanyarray(x), "use x itself"),
    "contiguous": (lambda x: np.ascontiguousarray(x), "use x itself"),
    "full": (lambda x: np.full((2, 2), x), r"np.full_like\(x, x, shape=shape\)"),
    "arange": (lambda x: np.arange(0.0, x[0, 0]), r"np.arange\(n\) with a plain n"),
    "poly1d": (lambda x: np.poly1d([x[0, 0], 1.0])(2.0), "np.polyval"),
    "vectorize": (lambda x: np.vectorize(lambda a: a)(x), r"cr.vmap\(f\)\(x\)"),
    "frompyfunc": (lambda x: np.frompyfunc(abs, 1, 1)(x), r"cr.vmap\(f\)\(x\).*custom_derivative"),
    "generator": (lambda x: rng.normal(x), "loc \\+ scale \\* rng.standard_normal"),
    "random": (lambda x: np.random.normal(x[0, 0]), "loc \\+ scale"),
    "float64": (lambda x: np.float64(x[0, 0]), r"x.astype\(dtype\)"),
    "matrix": (lambda x: np.matrix(x), "use x itself"),
    "c_": (lambda x: np.c_[x, x], "np.column_stack"),
    "r_": (lambda x: np.r_[x[0], 1.0], "np.concatenate"),
    "masked": (lambda x: np.ma.array(x), "x.copy"),
    "math.sin": (lambda x: math.sin(x[0, 0]), r"in `math.sin\(x\[0, 0\]\)`.*write np.sin"),
    "math.acos": (lambda x: math.acos(x[0, 0] / 4), "write np.arccos"),
    "math.erf": (lambda x: math.erf(x[0, 0]), "write cr.scipy.special.erf"),
    "math.gcd": (lambda x: math.nextafter(x[0, 0], 1.0), "np.nextafter"),
    "float": (lambda x: float(x[0, 0]), r"in `float\(x\[0, 0\]\)`; use x itself, or cr.stop_grad"),
    "complex": (lambda x: complex(x[0, 0]), r"in `complex\(x\[0, 0\]\)`"),
    "method": (lambda x: V.dot(x), r"in `V.dot\(x\)`: methods of plain arrays.*np.dot\(V, ...\)"),
    "index": (lambda x: V[x[0, 0]], r"`V` is indexed with it"),
    "file": (lambda x: np.save("nowhere.npy", x), "files"),
    "copyto": (lambda x: np.copyto(np.zeros((2, 2)), x), "plain array"),
}


@pytest.mark.filterwarnings("ignore:the matrix subclass:PendingDeprecationWarning")
@pytest.mark.parametrize(("f", "message"), CALLS.values(), ids=CALLS)
def test_calls_of_numpy_and_python(f: Callable[[Any], Any], message: str) -> None:
    with pytest.raises(ChainruleError, match=message):
        cr.vjp(f, X)


SCIPY: dict[str, tuple[Callable[[Any], Any], str]] = {
    "special.logsumexp": (special.logsumexp, "use cr.scipy.special.logsumexp"),
    "special.softmax": (special.softmax, "use cr.scipy.special.softmax"),
    "special.struve": (lambda x: special.struve(1, x), "cr.scipy.special has .*erf.*gammaln"),
    "linalg.solve": (lambda x: linalg.solve(x, V), "use cr.scipy.linalg.solve,"),
    "linalg.expm": (linalg.expm, "use cr.scipy.linalg.expm,"),
    "linalg.cho_factor": (lambda x: linalg.cho_factor(x), "use cr.scipy.linalg.cho_factor"),
    "linalg.schur": (linalg.schur, "cr.scipy.linalg has .*solve_triangular"),
    "stats.norm.logpdf": (lambda x: stats.norm.logpdf(x), "use cr.scipy.stats.norm.logpdf"),
    "stats.multivariate_normal.logpdf": (
        lambda x: stats.multivariate_normal.logpdf(V, V, x), "use cr.scipy.stats.multivariate_n"),
    "stats.weibull_min.pdf": (lambda x: stats.weibull_min.pdf(V, x), "cr.scipy.stats has .*norm"),
    "signal.convolve": (lambda x: signal.convolve(x[0], V), "use cr.scipy.signal.convolve"),
    "signal.fftconvolve": (lambda x: signal.fftconvolve(x[0], V), "cr.scipy.signal has convolve"),
    "integrate.odeint": (
        lambda x: integrate.odeint(lambda y, t: -y * x[0, 0], V, [0.0, 1.0]), "use cr.scipy.integ"),
    "integrate.solve_ivp": (
        lambda x: integrate.solve_ivp(lambda t, y: -y * x[0, 0], (0, 1), V), "use cr.scipy.integ"),
    "optimize.linprog": (lambda x: optimize.linprog(x[0]), "cr.scipy.optimize has .*minimize"),
    "interpolate.interp1d": (
        lambda x: interpolate.interp1d(x[0], V), "cr.scipy has the modules integrate, linalg"),
    "ndimage.gaussian_filter": (lambda x: ndimage.gaussian_filter(x, 1.0), "cr.scipy has the modu"),
}  # fmt: skip


@pytest.mark.parametrize("name", SCIPY)
def test_functions_of_scipy(name: str) -> None:
    f, message = SCIPY[name]
    with pytest.raises(
        TraceError, match=rf"scipy.{name} does not work on traced values; {message}"
    ):
        cr.vjp(f, X)


@pytest.mark.parametrize("store", ["z[0] = x[0, 0]", "z[:] = x[0]", "z += x[0]"])
def test_plain_arrays_hold_no_traced_values(store: str) -> None:
    def f(x: Any) -> Any:
        z = np.zeros(2)
        exec(store, {"x": x, "z": z})

    with pytest.raises((TraceError, ValueError)) as caught:
        cr.vjp(f, X)
    error = caught.value if isinstance(caught.value, TraceError) else caught.value.__cause__
    assert isinstance(error, TraceError)
    assert "np.zeros_like(x" in str(error)


def test_without_the_source_the_remedies_are_general() -> None:
    space: dict[str, Any] = {"np": np}
    exec("def f(x): return np.asarray(x)", space)
    with pytest.raises(TraceError, match=r"plain ndarray: write np.stack\(\[x, y\]\) or"):
        cr.vjp(space["f"], X)


def test_reasons_say_what_to_write() -> None:
    assert all("; " in why for why in UNRECORDED.values())
