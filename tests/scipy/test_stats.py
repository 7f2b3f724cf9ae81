"""cr.scipy.stats: values are SciPy's, in and outside of the support; derivatives."""

from __future__ import annotations

import warnings

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

import chainrule as cr
from chainrule.core.errors import ArgumentError, NoRuleError, ShapeError

ours = cr.scipy.stats
INF, NAN = np.inf, np.nan
SHAPES = {
    "norm": 0,
    "expon": 0,
    "laplace": 0,
    "t": 1,
    "chi2": 1,
    "gamma": 1,
    "lognorm": 1,
    "beta": 2,
}
METHODS = ("logpdf", "pdf", "cdf", "sf", "logcdf", "logsf")
SHAPE = st.floats(0.2, 30)
PLACE = st.one_of(st.floats(-20, 20), st.sampled_from([0.0, 1.0, -1.0, INF, -INF, NAN]))


def quietly(f, *args):
    with warnings.catch_warnings(), np.errstate(all="ignore"):
        warnings.simplefilter("ignore")
        return f(*args)


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("name", SHAPES)
@settings(max_examples=60, deadline=None)
@given(data=st.data())
def test_values_are_scipys(name, method, data):
    x = np.array(data.draw(st.lists(PLACE, min_size=3, max_size=3)))
    if name in ("gamma", "chi2") and "pdf" in method:
        x = np.where(x == INF, 1.0, x)  # SciPy has NaN there
    shapes = [data.draw(SHAPE) for _ in range(SHAPES[name])]
    loc, scale = data.draw(st.floats(-3, 3)), data.draw(st.floats(0.1, 5))
    wanted = quietly(getattr(getattr(stats, name), method), x, *shapes, loc, scale)
    found = quietly(getattr(getattr(ours, name), method), x, *shapes, loc, scale)
    assert found.dtype == wanted.dtype
    np.testing.assert_allclose(found, wanted, rtol=1e-9, atol=1e-300)


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("name", SHAPES)
@settings(max_examples=25, deadline=None)
@given(data=st.data())
def test_derivatives_are_those_of_differences(name, method, data):
    z = data.draw(st.floats(0.15, 0.85) if name == "beta" else st.floats(0.2, 3))
    shapes = [data.draw(st.floats(0.7, 8)) for _ in range(SHAPES[name])]
    loc, scale = data.draw(st.floats(-3, 3)), data.draw(st.floats(0.3, 3))
    at = (loc + scale * z, *shapes, loc, scale)
    f = getattr(getattr(ours, name), method)
    reference = getattr(getattr(stats, name), method)
    gradient = cr.grad(f, tuple(range(len(at))))(*at)
    for i, found in enumerate(gradient):
        h = 1e-4 * max(1.0, abs(at[i])) * (scale if i != len(shapes) + 2 else min(scale, 1))
        moved = lambda s, i=i: reference(*at[:i], at[i] + s, *at[i + 1 :])
        wanted = (8 * (moved(h) - moved(-h)) - (moved(2 * h) - moved(-2 * h))) / (12 * h)
        np.testing.assert_allclose(found, wanted, rtol=2e-6, atol=2e-8)


OUTSIDE = {
    "expon": (-1.0, 0.0, 2.0), "chi2": (-0.5, 3.0, 0.0, 1.0), "gamma": (-2.0, 0.7, 0.0, 1.0),
    "lognorm": (-1.0, 0.5, 0.0, 1.0), "beta": (1.5, 0.5, 2.0, 0.0, 1.0), "norm": (INF, 0.0, 1.0),
    "t": (-INF, 2.0, 0.0, 1.0), "laplace": (INF, 0.0, 1.0),
}  # fmt: skip


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("name", OUTSIDE)
def test_outside_of_the_support_nothing_changes(name, method):
    f, at = getattr(getattr(ours, name), method), OUTSIDE[name]
    value, gradient = cr.value_and_grad(f, tuple(range(len(at))))(*at)
    assert value in (0.0, 1.0, -INF)
    assert [float(g) for g in gradient] == [0.0] * len(at)
    for i in range(len(at)):
        tangents = tuple(float(i == j) for j in range(len(at)))
        assert cr.jvp(f, at, tangents)[1] == 0.0


def test_infinitely_many_degrees_of_freedom_are_the_normal_distribution():
    for method in ("logpdf", "pdf", "cdf", "sf"):
        f, normal = getattr(ours.t, method), getattr(ours.norm, method)
        value, slopes = cr.value_and_grad(f, (0, 1))(0.7, INF)
        np.testing.assert_allclose(value, normal(0.7), rtol=1e-14)
        np.testing.assert_allclose(slopes, [cr.grad(normal)(0.7), 0.0], rtol=1e-14)


def test_parameters_that_are_not_allowed():
    assert np.isnan(ours.norm.logpdf(0.0, 0.0, -1.0))
    assert np.isnan(ours.gamma.cdf(1.0, -2.0))
    assert np.isnan(ours.poisson.pmf(1, -2.0))
    assert np.isnan(ours.t.pdf(NAN, 2.0))


def test_arguments_by_name_and_what_is_missing():
    x = np.array([0.5, 2.0])
    np.testing.assert_allclose(
        ours.gamma.pdf(x, scale=2.0, a=3.0), stats.gamma.pdf(x, scale=2.0, a=3.0), rtol=1e-13
    )
    for call in (
        lambda: ours.gamma.pdf(x), lambda: ours.norm.pdf(x, 0.0, 1.0, 2.0),
        lambda: ours.norm.pdf(x, mean=1.0), lambda: ours.norm.pdf(x, 1.0, loc=2.0),
    ):  # fmt: skip
        with pytest.raises(TypeError, match=r"takes x, .*loc=0, scale=1"):
            call()


@settings(max_examples=100, deadline=None)
@given(st.lists(st.sampled_from([-1.0, 0.0, 1.0, 2.5, 7.0, 40.0, NAN]), min_size=2, max_size=4),
       st.floats(0, 30), st.integers(-2, 2))  # fmt: skip
def test_poisson(k, mu, loc):
    for method in ("logpmf", "pmf", "cdf", "sf"):
        wanted = quietly(getattr(stats.poisson, method), np.array(k), mu, loc)
        found = quietly(getattr(ours.poisson, method), np.array(k), mu, loc)
        np.testing.assert_allclose(found, wanted, rtol=1e-9, atol=1e-300)


def test_poisson_in_its_mean():
    k = np.arange(6)
    found = cr.grad(lambda mu: np.sum(ours.poisson.logpmf(k, mu)))(2.5)
    np.testing.assert_allclose(found, np.sum(k / 2.5 - 1), atol=1e-14)
    np.testing.assert_allclose(cr.grad(lambda mu: ours.poisson.cdf(3, mu))(2.5),
                               -stats.poisson.pmf(3, 2.5), rtol=1e-13)  # fmt: skip


# ---- several variables ---------------------------------------------------------------------------

COV = np.array([[2.0, 0.3, 0.1], [0.3, 1.0, -0.2], [0.1, -0.2, 0.7]])
PLACES = np.random.default_rng(0).standard_normal((5, 3))


@pytest.mark.parametrize(
    "args",
    [
        (PLACES, None, COV), (PLACES[0], np.ones(3), COV), (PLACES, np.ones(3), 2.0),
        (PLACES, np.ones(3), np.array([1.0, 2.0, 3.0])), (PLACES[:, 0],), (0.3, 1.0, 4.0),
        (PLACES.reshape(5, 1, 3), None, COV), (PLACES[:, 0], [1.0], [[2.0]]),
    ],
    ids=range(8),
)  # fmt: skip
def test_multivariate_normal(args):
    for method in ("logpdf", "pdf"):
        wanted = getattr(stats.multivariate_normal, method)(*args)
        found = getattr(ours.multivariate_normal, method)(*args)
        assert np.shape(found) == np.shape(wanted)
        np.testing.assert_allclose(found, wanted, rtol=1e-12)


def test_multivariate_normal_in_its_covariance():
    """dL/dC = (S S^T - C^-1) / 2 with S = C^-1 (x - m), symmetric."""
    x = PLACES[0]
    found = cr.grad(lambda c: ours.multivariate_normal.logpdf(x, None, c))(COV)
    inverse = np.linalg.inv(COV)
    s = inverse @ x
    np.testing.assert_allclose(found, 0.5 * (np.outer(s, s) - inverse), rtol=1e-12)


def test_multivariate_normal_says_what_is_wrong():
    f = ours.multivariate_normal
    with pytest.raises(np.linalg.LinAlgError):
        f.logpdf(PLACES, None, -COV)
    with pytest.raises(ShapeError, match="do not fit"):
        f.logpdf(PLACES, np.ones(2), COV)
    with pytest.raises(ShapeError, match="last axis must have length 3"):
        f.logpdf(PLACES[:, :2], np.ones(3), COV)
    with pytest.raises(NoRuleError, match="identity"):
        f.logpdf(PLACES, None, COV, allow_singular=True)
    with pytest.raises(NoRuleError, match="no derivative"):
        f.cdf(PLACES[0])


ALPHA = np.array([0.7, 2.0, 3.5])
SIMPLEX = np.array([[0.2, 0.5, 0.1], [0.3, 0.25, 0.1], [0.5, 0.25, 0.8]])


@pytest.mark.parametrize("x", [SIMPLEX, SIMPLEX[:, 0], SIMPLEX[:2], SIMPLEX[:2, 1]], ids=range(4))
def test_dirichlet(x):
    for method in ("logpdf", "pdf"):
        wanted = getattr(stats.dirichlet, method)(x, ALPHA)
        found = getattr(ours.dirichlet, method)(x, ALPHA)
        assert np.shape(found) == np.shape(wanted)
        np.testing.assert_allclose(found, wanted, rtol=1e-12)


def test_dirichlet_in_its_parameters():
    x = SIMPLEX[:, 0]
    found = cr.grad(lambda alpha: ours.dirichlet.logpdf(x, alpha))(ALPHA)
    psi = cr.scipy.special.psi
    np.testing.assert_allclose(found, np.log(x) - psi(ALPHA) + psi(ALPHA.sum()), rtol=1e-13)


def test_dirichlet_says_what_is_wrong():
    f = ours.dirichlet.logpdf
    with pytest.raises(ArgumentError, match="add up to 1"):
        f(np.array([0.2, 0.2, 0.2]), ALPHA)
    with pytest.raises(ArgumentError, match="alpha must be positive"):
        f(SIMPLEX[:, 0], -ALPHA)
    with pytest.raises(ShapeError, match="does not fit"):
        f(np.ones(5) / 5, ALPHA)


def test_a_likelihood_compiles():
    x = np.linspace(0.2, 3.0, 8)

    def loss(a, s):
        return -np.sum(ours.gamma.logpdf(x, a, scale=s)) - ours.norm.logpdf(s, 1.0, 0.5)

    compiled = cr.compile(cr.grad(loss, (0, 1)))
    np.testing.assert_allclose(compiled(2.0, 0.8), cr.grad(loss, (0, 1))(2.0, 0.8), rtol=1e-12)
