"""Statistics at special points: ties, ends, NaN, zeros; and how exact derivatives are."""

from __future__ import annotations

from fractions import Fraction
from math import prod
from typing import Any

import numpy as np
import pytest

import chainrule as cr

NAN, INF = float("nan"), float("inf")


def gradient(f: Any, x: Any) -> Any:
    return cr.grad(f)(np.asarray(x, float))


def same(found: Any, wanted: Any) -> None:
    np.testing.assert_array_equal(found, wanted)


# ---- ties and ends -------------------------------------------------------------------------------


def test_sorted_ties_stand_as_they_stood() -> None:
    weights = np.array([1.0, 10.0, 100.0, 1000.0])
    same(gradient(lambda x: np.sort(x) @ weights, [2, 1, 2, 1]), [100, 1, 1000, 10])


def test_medians() -> None:
    same(gradient(np.median, [3, 1, 1, 1, 0]), [0, 0, 1, 0, 0])
    same(gradient(np.median, [1, 1, 1, 1]), [0, 0.5, 0.5, 0])
    same(gradient(np.median, [INF, 1, -INF]), [0, 1, 0])
    same(gradient(np.median, [NAN, 1, 2]), [0, 0, 0])
    assert np.isnan(cr.vjp(np.median, np.array([NAN, 1.0, 2.0]))[0])
    same(gradient(np.nanmedian, [NAN, 1, 5, NAN, 2]), [0, 0, 0, 0, 1])


def test_quantiles_at_their_ends() -> None:
    x = np.array([4.0, 1.0, 2.0])
    for q, which in ((0.0, 1), (0.5, 2), (1.0, 0)):
        same(gradient(lambda a, q=q: np.quantile(a, q), x), np.eye(3)[which])
    slopes = [float(cr.grad(lambda q: np.quantile(x, q))(q)) for q in (0.0, 0.25, 0.5, 0.75, 1.0)]
    assert slopes == [2.0, 2.0, 4.0, 4.0, 0.0]
    assert np.isnan(cr.vjp(lambda q: np.quantile(x, q), 1.5)[0])
    with pytest.raises(ValueError, match=r"range \[0, 100\]"):
        gradient(lambda a: np.percentile(a, 101), x)
    with pytest.raises(ValueError, match="not a valid method"):
        gradient(lambda a: np.quantile(a, 0.5, method="mean"), x)


def test_extremes_share_and_ptp_is_their_difference() -> None:
    same(gradient(np.ptp, [3, 1, 3, 1]), [0.5, -0.5, 0.5, -0.5])
    same(gradient(np.ptp, [2, 2]), [0, 0])


def test_standard_deviations_of_equal_entries() -> None:
    for f in (np.std, np.nanstd):
        same(gradient(f, [2, 2, 2]), [0, 0, 0])
        same(cr.hessian(f)(np.array([2.0, 2.0])), np.zeros((2, 2)))
        same(
            gradient(lambda x, f=f: f(x, axis=1) @ [1, 1], [[1, 1], [0, 2]]), [[0, 0], [-0.5, 0.5]]
        )


# ---- NaN -----------------------------------------------------------------------------------------

PASSING_OVER = (
    np.nansum, np.nanprod, np.nanmean, np.nanvar, np.nanstd, np.nanmax, np.nanmin, np.nanmedian,
    lambda a: np.nanquantile(a, 0.3), lambda a: np.nanpercentile(a, 80),
    lambda a: np.nancumsum(a)[-1] ** 2, lambda a: np.nancumprod(a)[-1] ** 2,
)  # fmt: skip


@pytest.mark.parametrize("f", PASSING_OVER)
@pytest.mark.parametrize("values", [[1.0, NAN, 3.0, NAN, 2.5], [NAN, -INF, 2.0], [NAN, INF, 2.0]])
def test_a_nan_has_the_derivative_zero(f: Any, values: list[float]) -> None:
    x = np.array(values)
    with np.errstate(invalid="ignore"):
        assert (cr.grad(f)(x)[np.isnan(x)] == 0.0).all()
    if np.isfinite(x).sum() == 3:
        here = ~np.isnan(x)
        np.testing.assert_allclose(cr.grad(f)(x)[here], cr.grad(f)(x[here]), rtol=1e-14)


@pytest.mark.parametrize("f", PASSING_OVER)
def test_nothing_but_nan(f: Any) -> None:
    same(cr.grad(f)(np.array([NAN, NAN])), [0.0, 0.0])


def test_a_row_of_nan_leaves_the_others_alone() -> None:
    x = np.array([[NAN, NAN], [1.0, 3.0]])
    for f in (np.nanmean, np.nanmedian, np.nanmax, np.nanvar):
        value, pull = cr.vjp(lambda a, f=f: f(a, axis=1), x)
        same(np.isnan(value), [True, False])
        (ct,) = pull(np.ones(2))
        same(ct[0], [0.0, 0.0])
        assert np.isfinite(ct[1]).all()


# ---- zeros ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("x", [[0.0, 2.0, 3.0], [2.0, 0.0, 3.0, 0.0, 5.0], [0.0, 0.0], [0.0]])
def test_running_products_with_zeros(x: list[float]) -> None:
    at = np.array(x)
    n = len(x)
    wanted = [
        [prod(x[:j] + x[j + 1 : i + 1]) if j <= i else 0.0 for j in range(n)] for i in range(n)
    ]
    same(cr.jacobian(np.cumprod)(at), wanted)
    same(cr.grad(lambda a: np.cumprod(a)[-1])(at), cr.grad(np.prod)(at))
    mixed = cr.hessian(lambda a: np.sum(np.cumprod(a)))(at)
    same(mixed, cr.hessian(lambda a: sum(np.prod(a[: i + 1]) for i in range(n)))(at))


# ---- interpolation -------------------------------------------------------------------------------


def test_slopes_of_a_polygon_at_its_points_and_outside() -> None:
    xp, fp = np.array([0.0, 1.0, 3.0]), np.array([0.0, 10.0, 14.0])
    places = [-1.0, -0.0, 0.5, 1.0, 3.0, 4.0]
    slopes = [float(cr.grad(lambda x: np.interp(x, xp, fp))(x)) for x in places]
    assert slopes == [0.0, 10.0, 10.0, 2.0, 2.0, 0.0]
    same(cr.grad(lambda f: np.interp(-1.0, xp, f))(fp), [1, 0, 0])
    same(cr.grad(lambda f: np.interp(2.0, xp, f))(fp), [0, 0.5, 0.5])
    same(cr.grad(lambda f: np.interp(2.0, xp, f, left=7.0) + np.interp(-1.0, xp, f, 7.0))(fp),
         [0, 0.5, 0.5])  # fmt: skip


@pytest.mark.parametrize("fp", [[0.0, INF, 1.0], [1.0, NAN, 2.0], [INF, INF, 0.0]])
def test_a_polygon_through_what_is_not_finite(fp: list[float]) -> None:
    xp, x = np.array([0.0, 1.0, 2.0]), np.array([-1.0, 0.0, 0.5, 1.0, 1.5, 2.0, 3.0, NAN])
    with np.errstate(invalid="ignore"):
        same(cr.vjp(lambda v: np.interp(x, xp, v), np.array(fp))[0], np.interp(x, xp, fp))


def test_unwrap_has_the_derivative_of_its_argument() -> None:
    same(cr.jacobian(np.unwrap)(np.array([0.0, 3.0, -3.0, 3.0, -3.0])), np.eye(5))


# ---- counts --------------------------------------------------------------------------------------


def test_edges_follow_the_data_and_counts_do_not() -> None:
    x = np.array([0.3, 2.0, -1.0, 0.9])
    counts, edges = cr.jvp(lambda a: np.histogram(a, 2), (x,), (np.array([1.0, 2.0, 3.0, 4.0]),))[1]
    same(counts, [0, 0])
    same(edges, [3.0, 2.5, 2.0])
    with pytest.raises(cr.ChainruleError, match="pass the number of bins"):
        cr.trace(lambda a: np.histogram(a, "auto"))(x)
    same(cr.vjp(lambda a: np.histogram(a, "auto")[1], x)[0], np.histogram(x, "auto")[1])


# ---- exactness: |error| <= 8 n eps sum |terms| ---------------------------------------------------


def exact(x: Any) -> list[Fraction]:
    return [Fraction(float(v)) for v in x]


def terms_of_prod(x: list[Fraction]) -> list[list[Fraction]]:
    return [[prod(x[:i] + x[i + 1 :], start=Fraction(1))] for i in range(len(x))]


def terms_of_cumprod(x: list[Fraction]) -> list[list[Fraction]]:
    def one(i: int, j: int) -> Fraction:
        return prod(x[:j] + x[j + 1 : i + 1], start=Fraction(1))

    return [[one(i, j) for i in range(j, len(x))] for j in range(len(x))]


def terms_of_var(x: list[Fraction]) -> list[list[Fraction]]:
    n = len(x)
    return [[2 * v / n, *(-2 * w / n**2 for w in x)] for v in x]


def terms_of_cumsum(x: list[Fraction]) -> list[list[Fraction]]:
    return [[Fraction(i + 1) for i in range(j, len(x))] for j in range(len(x))]


def terms_of_convolve(x: list[Fraction]) -> list[list[Fraction]]:
    n = len(x)
    return [[(i + 1) * 2 * x[i - j] for i in range(j, j + n)] for j in range(n)]


def terms_of_average(x: list[Fraction]) -> list[list[Fraction]]:
    n = len(x)  # by the weights, which are x
    total = sum(x, Fraction(0))
    return [[i / total, *(-k * x[k] / total**2 for k in range(n))] for i in range(n)]


def _weighted(f: Any) -> Any:
    return lambda x: f(x) @ np.arange(1, len(x) + 1).astype(x.dtype)


def _squared(x: Any) -> Any:
    full = np.convolve(x, x)
    return full @ np.arange(1, len(full) + 1).astype(x.dtype)


REDUCTIONS: dict[str, tuple[Any, Any]] = {
    "prod": (np.prod, terms_of_prod),
    "cumprod": (lambda x: np.sum(np.cumprod(x)), terms_of_cumprod),
    "var": (np.var, terms_of_var),
    "nanvar": (np.nanvar, terms_of_var),
    "cumsum": (_weighted(np.cumsum), terms_of_cumsum),
    "convolve": (_squared, terms_of_convolve),
    "average": (lambda x: np.average(np.arange(len(x)).astype(x.dtype), weights=x),
                terms_of_average),
}  # fmt: skip


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("name", REDUCTIONS)
def test_derivatives_of_reductions_are_exact_up_to_rounding(name: str, dtype: Any) -> None:
    f, terms = REDUCTIONS[name]
    rng = np.random.default_rng(3)
    eps = Fraction(float(np.finfo(dtype).eps))
    for n in (1, 2, 7, 40):
        x = rng.uniform(0.5, 1.5, n).astype(dtype)
        x = x if name == "average" else x * rng.choice([-1, 1], n).astype(dtype)
        found = cr.grad(f)(x)
        assert found.dtype == dtype
        for g, t in zip(found, terms(exact(x)), strict=True):
            bound = 8 * n * eps * sum(map(abs, t), Fraction(0))
            assert abs(Fraction(float(g)) - sum(t, Fraction(0))) <= bound


# ---- machine code --------------------------------------------------------------------------------


def test_order_statistics_are_machine_code() -> None:
    def every(a: Any, q: Any) -> Any:
        return (
            np.sort(a, axis=0), np.median(a, axis=1), np.quantile(a, q, axis=0), np.nanmedian(a),
            np.cumprod(a, axis=1), np.interp(q, np.sort(a[0]), a[1]), np.convolve(a[0], a[1, :2]),
            np.nanquantile(a, 0.4, axis=1), np.sinc(a), np.cov(a),
        )  # fmt: skip

    a = np.random.default_rng(1).normal(size=(3, 4))
    compiled = cr.compile(every)
    for found, wanted in zip(compiled(a, 0.3), every(a, 0.3), strict=True):
        np.testing.assert_allclose(found, wanted, rtol=1e-13, atol=1e-14)
    assert "interpreter" not in compiled.report()
