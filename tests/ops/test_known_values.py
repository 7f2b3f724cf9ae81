"""Functions whose result has a shape that depends on values: looked at, guarded, or refused."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import chainrule as cr
from chainrule.core.errors import ChainruleError, NoRuleError, TraceError

VECTOR = cr.ArrayType((4,), np.dtype(np.float64))
NEED_VALUES: dict[str, Any] = {
    "unique": np.unique,
    "extract": lambda a: np.extract(a > 0, a),
    "argwhere": lambda a: np.argwhere(a > 0),
    "trim_zeros": np.trim_zeros,
    "intersect1d": lambda a: np.intersect1d(a, [1.0, 2.0]),
    "repeat": lambda a: np.repeat(a, a.astype(np.int64)),
    "delete": lambda a: np.delete(a, np.argmax(a)),
    "ravel in the order of memory": lambda a: np.ravel(a.reshape(2, 2), order="A"),
    "real_if_close": lambda a: np.real_if_close(a + 1e-20j),
    "min_scalar_type": lambda a: np.min_scalar_type(a[0]),
}


@pytest.mark.parametrize("name", NEED_VALUES)
def test_where_only_types_are_known_it_is_refused(name: str) -> None:
    with pytest.raises(TraceError, match=r"known|depends on"):
        cr.trace(NEED_VALUES[name])(VECTOR)


def test_a_compiled_function_with_branches_notes_what_it_looked_at() -> None:
    f = cr.compile(lambda a: np.unique(a) * 2.0, branches=True)
    for a in ([3.0, 1.0, 3.0], [2.0, 5.0, 2.0], [1.0, 2.0, 3.0], [4.0, 4.0, 4.0]):
        np.testing.assert_array_equal(f(np.array(a)), np.unique(a) * 2.0)


def test_traced_numbers_of_repetitions_are_looked_at() -> None:
    def f(a: Any) -> Any:
        counts = np.trunc(a).astype(np.int64)
        return np.sum(np.repeat(a, counts) * np.tile(a, counts[0])[:5])

    a = np.array([2.5, 1.25, 2.0])
    value, gradient = cr.value_and_grad(f)(a)
    assert value == f(a)
    repeated, tiled = np.eye(3)[[0, 0, 1, 2, 2]], np.eye(3)[[0, 1, 2, 0, 1]]
    np.testing.assert_allclose(gradient, (tiled @ a) @ repeated + (repeated @ a) @ tiled)


def test_text_under_guards_does_not_tell_values() -> None:
    seen: list[str] = []

    def f(a: Any) -> Any:
        seen.append(np.array2string(a))
        seen.append(np.array_str(a))
        return a * 1.0

    cr.grad(lambda a: np.sum(f(a)))(np.array([1.25]))
    assert seen == ["[1.25]", "[1.25]"]
    cr.compile(f, branches=True)(np.array([1.25]))
    assert "1.25" not in "".join(seen[2:])
    assert "float64[1]" in seen[2]


@pytest.mark.parametrize(
    ("use", "match"),
    [
        (lambda a: np.save("x.npy", a), "files are written outside"),
        (np.isnat, "dates are no numbers"),
        (lambda a: np.is_busday(a), "dates are no numbers"),
    ],
)
def test_what_is_refused_says_what_to_write(use: Any, match: str) -> None:
    with pytest.raises(NoRuleError, match=match):
        cr.grad(lambda a: np.sum(a) + (use(a) or 0))(np.ones(2))


@pytest.mark.parametrize(
    ("use", "error"),
    [
        (lambda a: np.split(a, 3), ValueError),
        (lambda a: np.pad(a, -1), ValueError),
        (lambda a: np.pad(a, 1, "edge", constant_values=1), ValueError),
        (lambda a: np.pad(a, 1, "strange"), ValueError),
        (lambda a: np.pad(a[:0], 1, "edge"), ValueError),
        (lambda a: np.pad(a, 1.5), TypeError),
        (lambda a: np.pad(a, 1, "maximum", stat_length=0), ValueError),
        (lambda a: np.insert(a, 9, 1.0), IndexError),
        (lambda a: np.insert(a, [1, 2], [1.0, 2.0, 3.0]), ValueError),
        (lambda a: np.delete(a, 4), IndexError),
        (lambda a: np.block([[a], a]), ValueError),
        (lambda a: np.block([(a, a)]), TypeError),
        (lambda a: np.rot90(a), ValueError),
        (lambda a: np.fliplr(a), ValueError),
        (lambda a: np.dsplit(a, 2), ValueError),
        (lambda a: np.diagonal(a), ValueError),
        (lambda a: np.concatenate([a, a], dtype=np.int64), TypeError),
        (lambda a: np.choose([0, 5, 0, 0], [a, a]), ValueError),
        (lambda a: np.select([a], [a]), TypeError),
        (lambda a: np.piecewise(a, [a > 0], [1.0, 2.0, 3.0]), ValueError),
        (lambda a: np.take_along_axis(a, np.array([0.5]), 0), IndexError),
        (lambda a: np.searchsorted(a, 1.0, side="middle"), ValueError),
        (lambda a: np.searchsorted(a[None], 1.0), ValueError),
        (lambda a: np.digitize(a, a), ValueError),
        (lambda a: np.nanargmax(a * np.nan), ValueError),
        (lambda a: np.argpartition(a, 4), ValueError),
        (lambda a: np.isin(a, [1.0], kind="table"), ValueError),
        (lambda a: np.ravel_multi_index((a.astype(int) - 9,), (4,)), ValueError),
        (lambda a: np.tril_indices_from(a), ValueError),
        (lambda a: np.packbits(a), TypeError),
        (lambda a: np.unpackbits(a.astype(np.int64)), TypeError),
        (lambda a: np.reshape(a, (2, 2), order="X"), ValueError),
        (lambda a: np.meshgrid(a, indexing="yx"), ValueError),
        (lambda a: np.trim_zeros(a, "x"), ValueError),
    ],
)
def test_what_numpy_refuses_is_refused_so(use: Any, error: type[Exception]) -> None:
    a = np.array([1.0, 3.0, 2.0, 0.5])
    with pytest.raises(error):
        use(a)
    with pytest.raises((error, ChainruleError)):
        cr.vjp(use, a)
