"""Functions that move entries, with random shapes, dtypes, layouts and arguments: NumPy's results.

What NumPy refuses must be refused, what it gives must be given: shape, dtype, values.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from hypothesis.strategies import DrawFn

import chainrule as cr
from chainrule.core.interpreter import evaluate
from chainrule.core.tree import flatten

SIZES = st.integers(0, 4)
SMALL = st.integers(-3, 4)
AXES = st.none() | st.integers(-3, 3)
MODES = (
    "constant", "edge", "linear_ramp", "maximum", "mean", "median", "minimum", "reflect",
    "symmetric", "wrap",
)  # fmt: skip


@st.composite
def arrays(draw: DrawFn, least: int = 0) -> Any:
    """Distinct numbers of any dtype, shape and layout."""
    shape = tuple(draw(st.lists(SIZES, min_size=least, max_size=3)))
    dtype = draw(st.sampled_from(["f8", "f4", "i8", "c16", "?"]))
    size = int(np.prod(shape))
    values = (np.arange(size) * 7 % max(size, 1) - size / 3).astype(dtype)
    order = draw(st.sampled_from("CF"))
    x = np.array(values.reshape(shape), order=order)
    return x[::-1] if shape and draw(st.booleans()) else x


def _widths(draw: DrawFn, ndim: int) -> Any:
    pair = st.tuples(st.integers(0, 5), st.integers(0, 5))
    return draw(st.integers(0, 5) | pair | st.lists(pair, min_size=ndim, max_size=ndim))


def _places(draw: DrawFn) -> Any:
    several = st.lists(SMALL, max_size=3)
    bounds = st.none() | SMALL
    slices = st.builds(slice, bounds, bounds, st.none() | st.sampled_from([-2, -1, 1, 2]))
    masks = st.lists(st.booleans(), min_size=2, max_size=4).map(np.array)
    return draw(SMALL | several | slices | masks)


def _pad(draw: DrawFn, x: Any) -> Callable[[Any], Any]:
    mode = draw(st.sampled_from(MODES))
    widths, options = _widths(draw, x.ndim), {}
    if mode in ("reflect", "symmetric"):
        options["reflect_type"] = draw(st.sampled_from(["even", "odd"]))
    if mode in ("maximum", "mean", "median", "minimum"):
        options["stat_length"] = draw(st.none() | st.integers(1, 4))
    assume(x.dtype.kind in "fi" or mode in ("constant", "edge", "wrap"))
    return lambda a: np.pad(a, widths, mode, **options)


def _insert(draw: DrawFn, x: Any) -> Callable[[Any], Any]:
    places, axis = _places(draw), draw(AXES)
    values = draw(st.sampled_from([1, 2.5, [1, 2], [[3], [4]]]))
    return lambda a: np.insert(a, places, values, axis)


def _delete(draw: DrawFn, x: Any) -> Callable[[Any], Any]:
    places, axis = _places(draw), draw(AXES)
    return lambda a: np.delete(a, places, axis)


def _roll(draw: DrawFn, x: Any) -> Callable[[Any], Any]:
    shift, axis = draw(st.tuples(SMALL, AXES) | st.tuples(st.just((1, -2)), st.just((0, -1))))
    return lambda a: np.roll(a, shift, axis)


def _repeat(draw: DrawFn, x: Any) -> Callable[[Any], Any]:
    counts, axis = draw(st.integers(0, 3) | st.lists(st.integers(0, 2), max_size=4)), draw(AXES)
    return lambda a: np.repeat(a, counts, axis)


def _tile(draw: DrawFn, x: Any) -> Callable[[Any], Any]:
    counts = draw(st.integers(0, 3) | st.lists(st.integers(0, 2), max_size=4))
    return lambda a: np.tile(a, counts)


def _resize(draw: DrawFn, x: Any) -> Callable[[Any], Any]:
    shape = tuple(draw(st.lists(st.integers(0, 4), max_size=3)))
    return lambda a: np.resize(a, shape)


def _diagonal(draw: DrawFn, x: Any) -> Callable[[Any], Any]:
    k, first, second = draw(SMALL), draw(st.integers(-3, 2)), draw(st.integers(-3, 2))
    functions = [
        lambda a: np.diagonal(a, k, first, second), lambda a: np.trace(a, k, first, second),
        lambda a: np.diag(a, k), lambda a: np.diagflat(a, k), lambda a: np.tril(a, k),
        lambda a: np.triu(a, k), lambda a: np.rot90(a, k, (first, second)),
    ]  # fmt: skip
    return draw(st.sampled_from(functions))


def _split(draw: DrawFn, x: Any) -> Callable[[Any], Any]:
    cuts, axis = draw(st.integers(1, 4) | st.lists(SMALL, max_size=3)), draw(st.integers(-2, 2))
    function = draw(st.sampled_from([np.split, np.array_split]))
    return lambda a: function(a, cuts, axis)


def _reshape(draw: DrawFn, x: Any) -> Callable[[Any], Any]:
    order = draw(st.sampled_from("CFA"))
    shape = draw(st.sampled_from([(-1,), (2, -1), (-1, 3), (x.size,), (1, -1, 2)]))
    return lambda a: (np.reshape(a, shape, order), np.ravel(a, order))


MAKERS = (
    _pad, _insert, _delete, _roll, _repeat, _tile, _resize, _diagonal, _split, _reshape,
)  # fmt: skip


@pytest.mark.parametrize("maker", MAKERS, ids=lambda m: m.__name__[1:])
def test_random_arguments_give_what_numpy_gives(maker: Any) -> None:
    @settings(max_examples=60, deadline=None)
    @given(st.data())
    def check(data: st.DataObject) -> None:
        x = data.draw(arrays())
        f = data.draw(st.composite(lambda draw: maker(draw, x))())
        with np.errstate(all="ignore"):
            _compare(f, x)

    check()


def _compare(f: Callable[[Any], Any], x: Any) -> None:
    try:
        expected = f(x)
    except (ValueError, IndexError, TypeError):
        with pytest.raises((ValueError, IndexError, TypeError, cr.ChainruleError)):
            cr.trace(f)(x)
        return
    results = evaluate(cr.trace(f)(x), [x])
    for found, wanted in zip(results, flatten(expected)[0], strict=True):
        assert (np.shape(found), found.dtype) == (np.shape(wanted), wanted.dtype)
        np.testing.assert_allclose(found, wanted, rtol=1e-6, atol=1e-6)
