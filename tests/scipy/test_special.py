"""cr.scipy.special: values are SciPy's, derivatives are true to the last places, special points."""

from __future__ import annotations

import subprocess
import sys
import warnings

import mpmath
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from mpmath import mp
from scipy import special

import chainrule as cr
from chainrule.core.errors import ArgumentError, NoRuleError, TraceError

from .accuracy import DIGITS, ROWS, measured

face = cr.scipy.special
INF, NAN = np.inf, np.nan
MEASURED = [(row, argnum) for row in ROWS for argnum in row.argnums]


@pytest.mark.parametrize("dtype", [np.float64, np.float32])
@pytest.mark.parametrize("row, argnum", MEASURED, ids=lambda v: getattr(v, "name", v))
def test_derivatives_to_the_last_places(row, argnum, dtype):
    _, worst, where = measured(row, argnum, dtype, 12)
    assert worst <= (row.allowed if dtype is np.float64 else max(4, row.single)), where


def slope(f, *xs, argnum=0):
    with warnings.catch_warnings(), np.errstate(all="ignore"):
        warnings.simplefilter("ignore")
        backwards = cr.grad(f, argnum)(*xs)
        tangents = [float(i == argnum) for i in range(len(xs))]
        forwards = cr.jvp(f, xs, tuple(tangents))[1]
    np.testing.assert_array_equal(forwards, backwards)
    return float(backwards)


POINTS = [  # function, where, in which argument, the slope there
    ("erf", (0.0,), 0, 2 / np.sqrt(np.pi)), ("erf", (INF,), 0, 0.0), ("erf", (-INF,), 0, 0.0),
    ("erf", (NAN,), 0, NAN), ("erfc", (1e300,), 0, 0.0), ("ndtr", (-INF,), 0, 0.0),
    ("erfinv", (1.0,), 0, INF), ("erfinv", (-1.0,), 0, INF), ("erfinv", (2.0,), 0, NAN),
    ("erfcinv", (0.0,), 0, -INF), ("erfcinv", (2.0,), 0, -INF), ("ndtri", (1.0,), 0, INF),
    ("log_ndtr", (-INF,), 0, INF), ("log_ndtr", (INF,), 0, 0.0),
    ("log_ndtr", (-1e6,), 0, 1e6 + 1e-6),
    ("gammaln", (INF,), 0, INF), ("gammaln", (1e300,), 0, np.log(1e300)),
    ("xlogy", (0.0, 2.0), 0, np.log(2)), ("xlogy", (0.0, 2.0), 1, 0.0),
    ("xlogy", (0.0, 0.0), 0, 0.0), ("xlogy", (0.0, 0.0), 1, 0.0), ("xlogy", (0.0, INF), 1, 0.0),
    ("xlog1py", (0.0, -1.0), 1, 0.0), ("xlogy", (0.0, NAN), 0, NAN),
    ("entr", (0.0,), 0, INF), ("entr", (-1.0,), 0, 0.0), ("entr", (NAN,), 0, NAN),
    ("rel_entr", (0.0, 1.0), 0, -INF), ("rel_entr", (0.0, 1.0), 1, 0.0),
    ("rel_entr", (-1.0, 1.0), 0, 0.0), ("rel_entr", (0.0, 0.0), 1, 0.0),
    ("rel_entr", (1.0, 1.0), 0, 1.0), ("kl_div", (1.0, 1.0), 0, 0.0),
    ("kl_div", (0.0, 2.0), 1, 1.0),
    ("logit", (0.0,), 0, INF), ("logit", (1.0,), 0, INF), ("logit", (1e-300,), 0, 1e300),
    ("expit", (37.43,), 0, np.exp(-37.43)), ("log_expit", (-800.0,), 0, 1.0),
    ("gammainc", (2.0, 0.0), 0, 0.0), ("gammainc", (2.0, 0.0), 1, 0.0),
    ("gammainc", (2.0, INF), 0, 0.0), ("gammainc", (1.0, 0.0), 1, 1.0),
    ("gammainc", (0.5, 0.0), 1, INF), ("betainc", (2.0, 3.0, 0.0), 0, 0.0),
    ("betainc", (2.0, 3.0, 1.0), 1, 0.0), ("betainc", (1.0, 3.0, 0.0), 2, 3.0),
    ("betainc", (2.0, 1.0, 1.0), 2, 2.0), ("stdtr", (3.0, 0.0), 0, 0.0),
    ("i0", (0.0,), 0, 0.0), ("i1", (0.0,), 0, 0.5), ("i0e", (0.0,), 0, 0.0),
    ("i1e", (0.0,), 0, 0.5), ("j1", (0.0,), 0, 0.5), ("i0e", (INF,), 0, 0.0),
    ("huber", (1.0, 1.0), 1, 1.0), ("huber", (1.0, -3.0), 1, -1.0), ("huber", (1.0, 3.0), 0, 2.0),
]  # fmt: skip


@pytest.mark.parametrize("name, at, argnum, wanted", POINTS, ids=str)
def test_special_points(name, at, argnum, wanted):
    found = slope(getattr(face, name), *at, argnum=argnum)
    np.testing.assert_allclose(found, wanted, rtol=1e-12)


@pytest.mark.parametrize("name", ["iv", "ive", "jv", "jn", "yn"])
def test_the_order_of_a_bessel_function_is_a_constant(name):
    f = getattr(face, name)
    with pytest.raises(NoRuleError, match=r"no derivative in argument 0.*cr\.stop_gradient"):
        cr.grad(f)(2.0, 1.5)
    with pytest.raises(NoRuleError, match="no derivative in argument 0"):
        cr.jvp(lambda v: f(v, 1.5), (2.0,), (1.0,))
    assert np.isfinite(cr.grad(f, 1)(2, 1.5))
    assert np.isfinite(cr.grad(lambda z: f(cr.stop_gradient(z) * 0 + 2, z))(1.5))


def test_what_has_no_rule_says_so():
    with pytest.raises(NoRuleError, match="zeta has no derivative in argument 0"):
        cr.grad(face.zeta)(2.5, 1.5)
    with pytest.raises(NoRuleError, match=r"zeta\(x, q\) in q"):
        cr.grad(face.zeta)(2.5)
    with pytest.raises(NoRuleError, match="pass n as a constant"):
        cr.grad(face.polygamma)(2.0, 1.5)
    with pytest.raises(NoRuleError, match="use iv"):
        cr.jvp(lambda z: face.ive(1, z), (1j + 1,), (1.0 + 0j,))
    with pytest.raises(ArgumentError, match="whole number"):
        face.multigammaln(3.0, 1.5)
    with pytest.raises(ArgumentError, match="must be above"):
        cr.grad(face.multigammaln)(0.5, 3)


def test_scipys_own_functions_name_ours():
    for f in (special.logsumexp, special.softmax, lambda x: special.polygamma(1, x)):
        with pytest.raises(TraceError, match=r"use cr\.scipy\.special\.\w+, which does"):
            cr.grad(lambda x, f=f: np.sum(f(x)))(np.ones(2))
    with pytest.raises(TraceError, match=r"cr\.scipy\.special has beta, .*, zeta"):
        cr.grad(special.ellipk)(0.5)


# ---- functions that are no ufuncs ----------------------------------------------------------------

ENTRIES = st.one_of(st.floats(-1e3, 1e3), st.sampled_from([INF, -INF, 0.0, NAN]))
ROW = st.lists(ENTRIES, min_size=6, max_size=6).map(lambda v: np.array(v).reshape(2, 3))
WEIGHTS = st.lists(st.sampled_from([0.0, 1.0, 2.5, -0.5]), min_size=3, max_size=3).map(np.array)


@settings(max_examples=300, deadline=None)
@given(ROW, WEIGHTS, st.sampled_from([None, 0, 1, -1, (0, 1)]), st.booleans(), st.booleans())
def test_sums_of_exponentials_are_scipys(a, b, axis, keepdims, return_sign):
    with warnings.catch_warnings(), np.errstate(all="ignore"):
        warnings.simplefilter("ignore")
        for weights in (None, b):
            check_logsumexp(a, axis=axis, b=weights, keepdims=keepdims, return_sign=return_sign)
        for f, g in ((face.softmax, special.softmax), (face.log_softmax, special.log_softmax)):
            assert_close(f(a, axis=axis), g(a, axis=axis), True)


def check_logsumexp(a, **kwargs):
    wanted = special.logsumexp(a, **kwargs)
    exactly = well_conditioned(a, kwargs["b"])
    assert_close(face.logsumexp(a, **kwargs), wanted, exactly)
    assert_close(cr.vjp(lambda a: face.logsumexp(a, **kwargs), a)[0], wanted, exactly)


def well_conditioned(a, b):
    """Whether nothing is infinite or cancels, where SciPy's way of summing would show."""
    return np.all(np.abs(a) < 700) and (b is None or np.all(b >= 0))


def assert_close(found, wanted, exactly):
    pairs = zip(found, wanted) if isinstance(wanted, tuple) else [(found, wanted)]
    for a, b in pairs:
        assert np.shape(a) == np.shape(b)
        assert type(a) is type(b)
        if exactly:
            np.testing.assert_allclose(a, b, rtol=1e-13, atol=1e-13)


def test_shares_of_infinities():
    share = cr.grad(face.logsumexp)
    assert share(np.array([INF, 1.0, INF])).tolist() == [0.5, 0.0, 0.5]
    assert share(np.array([-INF, -INF])).tolist() == [0.0, 0.0]
    assert share(np.array([-INF, 3.0])).tolist() == [0.0, 1.0]
    assert share(np.array([1e4, 0.0])).tolist() == [1.0, 0.0]
    assert face.logsumexp(5.0) == 5.0
    assert face.logsumexp(np.zeros((0, 2)), axis=0).tolist() == [-INF, -INF]


def test_weights_are_differentiated():
    a, b = np.array([0.1, 0.7, -0.4]), np.array([0.5, 0.0, 2.0])
    found = cr.grad(lambda b: face.logsumexp(a, b=b))(b)
    np.testing.assert_allclose(found, np.exp(a) / np.sum(b * np.exp(a)), rtol=1e-14)


@pytest.mark.parametrize("n", [0, 1, 2, 5, np.array([0, 1, 3])], ids=str)
def test_polygamma(n):
    x = np.array([0.3, 2.5, 40.0])
    np.testing.assert_array_equal(face.polygamma(n, x), special.polygamma(n, x))
    with np.errstate(all="ignore"):
        found = cr.jvp(lambda x: face.polygamma(n, x), (x,), (np.ones(3),))[1]
    np.testing.assert_allclose(found, special.polygamma(np.asarray(n) + 1, x), rtol=1e-14)


def test_multigammaln():
    x = np.array([2.5, 7.0])
    np.testing.assert_allclose(face.multigammaln(x, 4), special.multigammaln(x, 4), rtol=1e-14)


# ---- higher derivatives, complex numbers, machine code -------------------------------------------


@pytest.mark.parametrize("at", [(2.0, 1.0), (2.0, 5.0), (0.3, 0.1), (20.0, 18.0)])
@pytest.mark.parametrize("orders", [(2, 0), (1, 1), (3, 0), (0, 2)])
def test_higher_derivatives_of_the_incomplete_gamma_function(at, orders):
    f = face.gammainc
    for argnum, order in enumerate(orders):
        for _ in range(order):
            f = cr.grad(f, argnum)
    with mpmath.workdps(DIGITS):
        P = lambda a, x: mp.gammainc(a, 0, x, regularized=True)
        exact = mp.diff(P, at, orders)
        np.testing.assert_allclose(f(*at), float(exact), rtol=1e-9)


@pytest.mark.parametrize("at", [(2.0, 3.0, 0.3), (2.0, 3.0, 0.8), (0.4, 7.0, 0.1)])
@pytest.mark.parametrize("orders", [(2, 0, 0), (1, 1, 0), (0, 1, 1), (1, 0, 1)])
def test_higher_derivatives_of_the_incomplete_beta_function(at, orders):
    f = face.betainc
    for argnum, order in enumerate(orders):
        for _ in range(order):
            f = cr.grad(f, argnum)
    with mpmath.workdps(DIGITS):
        I = lambda a, b, x: mp.betainc(a, b, 0, x, regularized=True)  # noqa: E741
        exact = mp.diff(I, at, orders)
        np.testing.assert_allclose(f(*at), float(exact), rtol=1e-9)


@pytest.mark.parametrize("away", [-2.0, -0.3, 0.3, 2.0])
@pytest.mark.parametrize("a", [0.05, 0.7, 3.0, 40.0, 1000.0])
def test_the_incomplete_gamma_function_in_its_order_around_its_mean(a, away):
    x = a * np.exp(away / np.sqrt(a + 0.1))
    with mpmath.workdps(DIGITS):
        exact = mp.diff(lambda a: mp.gammainc(a, 0, x, regularized=True), a)
    np.testing.assert_allclose(cr.grad(face.gammainc)(a, x), float(exact), rtol=4e-15)
    np.testing.assert_allclose(cr.grad(face.gammaincc)(a, x), -float(exact), rtol=4e-15)


@pytest.mark.parametrize("away", [-1.5, -0.2, 0.2, 1.5])
@pytest.mark.parametrize("a, b", [(0.05, 0.3), (0.2, 30.0), (3.0, 5.0), (60.0, 0.4), (80.0, 150.0)])
def test_the_incomplete_beta_function_in_its_parameters_around_its_mean(a, b, away):
    odds = a / b * np.exp(away * np.sqrt(1 / (a + 0.1) + 1 / (b + 0.1)))
    x = odds / (1 + odds)
    found = cr.grad(face.betainc, (0, 1))(a, b, x)
    with mpmath.workdps(DIGITS):
        true = lambda a, b: mp.betainc(a, b, 0, mp.mpf(x), regularized=True)
        exact = [float(mp.diff(true, (a, b), order)) for order in ((1, 0), (0, 1))]
    np.testing.assert_allclose(found, exact, rtol=1e-13)


@pytest.mark.parametrize("order", [2, 3])
@pytest.mark.parametrize(
    "name, at", [("log_ndtr", -50.0), ("log_ndtr", 1.0), ("erfinv", 0.999), ("ndtri", 1e-9),
                 ("i0e", 60.0), ("i1e", 3.0), ("gammaln", 5.0), ("erfcx", 4.0)],
)  # fmt: skip
def test_higher_derivatives(name, at, order):
    f = getattr(face, name)
    for _ in range(order):
        f = cr.grad(f)
    true = next(row.true for row in ROWS if row.name == name)
    with mpmath.workdps(DIGITS):
        exact = float(mp.diff(true, at, order))
    np.testing.assert_allclose(f(at), exact, rtol=1e-12)


@pytest.mark.parametrize("name", ["loggamma", "psi", "gamma", "erf", "erfc", "erfcx"])
@pytest.mark.parametrize("z", [1.2 + 0.7j, -2.3 + 0.4j, 3.0 - 9.0j])
def test_complex_derivatives(name, z):
    true = {"psi": mp.digamma, "erfcx": lambda z: mp.exp(z * z) * mp.erfc(z)}
    f, order = getattr(face, name), 2
    with mpmath.workdps(DIGITS):
        exact = complex(mp.diff(true.get(name, getattr(mp, name, None)), z, order))
    first = lambda z: cr.jvp(f, (z,), (1.0 + 0j,))[1]
    second = cr.jvp(first, (z,), (1.0 + 0j,))[1]
    np.testing.assert_allclose(second, exact, rtol=1e-11)


def test_the_whole_derivative_as_machine_code():
    f = lambda x: np.sum(special.gammainc(2.5, x) * special.erf(x) + special.betainc(2, 3, x))
    x = np.linspace(0.1, 0.9, 7)
    compiled = cr.compile(cr.grad(f))
    np.testing.assert_allclose(compiled(x), cr.grad(f)(x), rtol=1e-13)
    assert "interpreter" not in compiled.report()


def test_machine_code_on_disk_finds_scipys_functions(tmp_path, monkeypatch):
    monkeypatch.setenv("CHAINRULE_CACHE", str(tmp_path))
    code = (
        "import numpy as np, chainrule as cr; from scipy.special import gammaln, i0\n"
        "f = cr.compile(lambda x: gammaln(x) + i0(x))\n"
        "x = np.array([0.5, 3.0, 8.0]); print(abs(f(x) - gammaln(x) - i0(x)).max() < 1e-12)\n"
    )
    outputs = [subprocess.check_output([sys.executable, "-c", code], text=True) for _ in range(2)]
    assert outputs == ["True\n"] * 2
    assert len([p for p in tmp_path.iterdir() if not p.name.startswith(".")]) == 1
