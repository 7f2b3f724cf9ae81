"""Statistics and mathematics of arrays of every shape, dtype and layout: NumPy's results.

What NumPy refuses is refused, what it gives is given: shape, dtype, values.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pytest

import chainrule as cr
from chainrule.core.interpreter import evaluate
from chainrule.core.tree import flatten

SHAPES = [(), (0,), (1,), (5,), (2, 3), (3, 3), (3, 0), (2, 1, 3)]
DTYPES = ["f2", "f4", "f8", "c8", "c16", "i8", "u1"]

# functions with arguments, and what is refused here though NumPy takes it
FUNCTIONS: dict[str, Callable[[Any], Any]] = {
    **{f.__name__: f for f in (
        np.sum, np.prod, np.mean, np.var, np.std, np.max, np.min, np.ptp, np.median, np.sort,
        np.sort_complex, np.nansum, np.nanprod, np.nanmean, np.nanvar, np.nanstd, np.nanmax,
        np.nanmin, np.nanmedian, np.cumprod, np.cumsum, np.nancumsum, np.nancumprod, np.average,
        np.diff, np.ediff1d, np.gradient, np.trapezoid, np.unwrap, np.cov, np.corrcoef, np.sinc,
        np.i0, np.fix, np.spacing, np.frexp, np.vander, np.roots, np.poly, np.cumulative_sum,
        np.cumulative_prod,
    )},
    "quantile": lambda a: np.quantile(a, 0.3),
    "quantiles": lambda a: np.quantile(a, [0.1, 0.9]),
    "percentile": lambda a: np.percentile(a, 35, axis=-1, keepdims=True),
    "percentiles": lambda a: np.percentile(a, [30, 0], axis=0),
    "nanquantile": lambda a: np.nanquantile(a, 0.3),
    "nanquantiles": lambda a: np.nanquantile(a, [0.1, 0.9], axis=0),
    "nanpercentile": lambda a: np.nanpercentile(a, [30, 0], axis=-1),
    "median-axis": lambda a: np.median(a, axis=0, keepdims=True),
    "nanmedian-axis": lambda a: np.nanmedian(a, axis=0),
    "sort-axis": lambda a: np.sort(a, axis=0),
    "sort-flat": lambda a: np.sort(a, axis=None),
    "mean-axis": lambda a: np.mean(a, axis=0),
    "var-ddof": lambda a: np.var(a, axis=0, ddof=1),
    "nanvar-ddof": lambda a: np.nanvar(a, axis=-1, ddof=1),
    "nanmax-axis": lambda a: np.nanmax(a, axis=0),
    "cumprod-axis": lambda a: np.cumprod(a, axis=0),
    "sum-where": lambda a: np.sum(a, where=a > 0),
    "mean-where": lambda a: np.mean(a, where=a > 0),
    "sum-initial": lambda a: np.sum(a, axis=0, initial=2),
    "max-initial": lambda a: np.max(a, axis=0, initial=0),
    "gradient-edges": lambda a: np.gradient(a, 2.0, axis=0, edge_order=2),
    "trapezoid-axis": lambda a: np.trapezoid(a, dx=0.5, axis=0),
    "convolve": lambda a: np.convolve(a, a),
    "correlate": lambda a: np.correlate(a, [1, 2]),
    "kron": lambda a: np.kron(a, a),
    "cross": lambda a: np.cross(a, a),
    "vecdot": lambda a: np.vecdot(a, a),
    "polyval": lambda a: np.polyval(a, [1, 2.0]),
    "polymul": lambda a: np.polymul(a, [1, 2]),
    "polyadd": lambda a: np.polyadd(a, [1, 2, 3, 4]),
    "linspace": lambda a: np.linspace(a, 3, 4),
    "linspace-one": lambda a: np.linspace(1, a, 1),
    "linspace-none": lambda a: np.linspace(1, a, 0),
    "logspace": lambda a: np.logspace(a, 1, 3),
    "geomspace": lambda a: np.geomspace(np.abs(a) + 1, 5, 3),
    "interp": lambda a: np.interp(np.abs(a), [0, 1, 2], [3, 4.0, 6]),
    "nextafter": lambda a: np.nextafter(a, 2),
    "histogram": lambda a: np.histogram(np.abs(a), [0, 1, 2]),
    "histogram-equal": lambda a: np.histogram(np.abs(a), 4, density=True),
    "histogram-rule": lambda a: np.histogram_bin_edges(np.abs(a)),
    "quantile-weights": lambda a: np.quantile(
        a, 0.5, weights=np.ones(np.shape(a)), method="inverted_cdf"
    ),
}  # fmt: skip


def samples() -> Iterator[Any]:
    rng = np.random.default_rng(0)
    for shape in SHAPES:
        for dtype in DTYPES:
            values = rng.normal(size=shape) * 3 + (
                1j * rng.normal(size=shape) if dtype[0] == "c" else 0
            )
            x = np.asarray(values if dtype != "u1" else np.abs(values)).astype(dtype)
            yield x
            if dtype == "f8" and x.ndim > 0:
                yield np.asfortranarray(x)
                yield x[::-1]
            elif x.ndim == 0:
                yield x[()]


def through_tracing(f: Callable[[Any], Any], x: Any) -> Any:
    if x.dtype.kind in "fc":
        return cr.vjp(f, x)[0]
    return evaluate(cr.trace(f)(x), [x])


def attempt(f: Callable[..., Any], *args: Any) -> list[Any] | Exception:
    try:
        return flatten(f(*args))[0]
    except (ValueError, TypeError, IndexError, ZeroDivisionError) as error:
        return error


@pytest.mark.parametrize("name", FUNCTIONS)
def test_values_are_numpys(name: str) -> None:
    f = FUNCTIONS[name]
    for x in samples():
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            wanted, found = attempt(f, x), attempt(through_tracing, f, x)
        about = f"{name} of {x.dtype}{x.shape}: {wanted} and {found}"
        assert isinstance(wanted, Exception) == isinstance(found, Exception), about
        if isinstance(wanted, Exception) or isinstance(found, Exception):
            continue
        for a, b in zip(found, wanted, strict=True):
            assert (np.shape(a), np.asarray(a).dtype) == (np.shape(b), np.asarray(b).dtype), about
            kind = np.asarray(b).dtype
            eps = 16 * float(np.finfo(kind).eps) if kind.kind in "fc" else 0.0
            np.testing.assert_allclose(a, b, rtol=eps, atol=eps, err_msg=about)
