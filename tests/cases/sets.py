"""Sets, places, comparisons and kinds of numbers: what no derivative follows, and unique."""

from __future__ import annotations

from typing import Any

import numpy as np

from .table import INF, NAN, case, ints, x, y, z

# ---- sets ----------------------------------------------------------------------------------------

REPEATED = np.array([1.5, 0.5, 1.5, -1.0, 0.5, 2.0])
OTHERS = np.array([0.5, 2.0, 3.0, 2.0])


def _set(name: str, f: Any, *inputs: Any, **flags: bool) -> None:
    """A function whose number of results depends on values; differences would tell ties apart."""
    case(name, f, *inputs, by_types=False, **flags)


_set("unique", lambda a: np.unique(a) ** 2, x(2, 3))
_set("unique-repeated", lambda a: np.unique(a, True, True, True), REPEATED, smooth=False)
_set("unique-rows", lambda a: np.unique(a, return_inverse=True, axis=0), REPEATED.reshape(3, 2),
     smooth=False)  # fmt: skip
_set("unique-nan", lambda a: np.unique(np.where([True, False, True], NAN, a), True, True, True)[1:],
     x(3), constant=True)  # fmt: skip
_set("unique-scalar", lambda a: np.unique(a) ** 2, x())
_set("unique_all", lambda a: tuple(np.unique_all(a)), REPEATED, smooth=False)
_set("unique_counts", lambda a: tuple(np.unique_counts(a)), REPEATED, smooth=False)
_set("unique_inverse", lambda a: tuple(np.unique_inverse(a)), REPEATED, smooth=False)
_set("unique_values", lambda a: np.unique_values(a) ** 2, x(4))
_set("union1d", lambda a, b: np.union1d(a, b), REPEATED, OTHERS, smooth=False)
_set("intersect1d", lambda a: np.intersect1d(a, OTHERS, return_indices=True), REPEATED,
     smooth=False)  # fmt: skip
_set("intersect1d-unique", lambda a: np.intersect1d(a, OTHERS[:3], assume_unique=True),
     REPEATED[1:4], smooth=False)  # fmt: skip
_set("setdiff1d", lambda a: np.setdiff1d(a, OTHERS), REPEATED, smooth=False)
_set("setxor1d", lambda a: np.setxor1d(a, OTHERS), REPEATED, smooth=False)
case("isin", lambda a, b: np.isin(a, b), REPEATED.reshape(2, 3), OTHERS, constant=True)
case("isin-invert", lambda i: np.isin(i, [1, 3], invert=True, kind="table"), ints(4),
     constant=True)  # fmt: skip
case("isin-nothing", lambda a: np.isin(a, []), x(3), constant=True)

# ---- places --------------------------------------------------------------------------------------

_set("argwhere", lambda a: np.argwhere(a > 0), x(2, 3), constant=True)
_set("flatnonzero", lambda a: np.flatnonzero(a > 0), x(2, 3), constant=True)
case("count_nonzero", lambda a: np.count_nonzero(a > 0), x(2, 3), constant=True)
case("count_nonzero-axis", lambda a: np.count_nonzero(np.trunc(a), axis=1, keepdims=True), x(2, 3),
     constant=True)  # fmt: skip
case("argpartition", lambda a: np.argpartition(a, 2), x(2, 5), constant=True)
case("argpartition-axis", lambda a: np.argpartition(a, (0, -1), axis=0), x(4, 2), constant=True)
case("argpartition-none", lambda a: np.argpartition(a, 1, axis=None), x(2, 2), constant=True)
case("searchsorted", np.searchsorted, np.array([-1.0, 0.0, 1.0]), y(2, 3), constant=True)
case("searchsorted-right", lambda a, v: np.searchsorted(a, v, side="right"),
     np.array([0.0, 1.0, NAN]), np.array([1.0, NAN, 2.0]), constant=True)  # fmt: skip
case("searchsorted-one", lambda a, v: np.searchsorted(a, v, sorter=np.argsort(a)), x(4), y(),
     constant=True)  # fmt: skip
case("searchsorted-integers", lambda i: np.searchsorted(np.sort([1, 3, 3]), i), ints(4),
     constant=True)  # fmt: skip
case("digitize", lambda a: np.digitize(a, [-1.0, 0.0, 1.0]), x(2, 3), constant=True)
case("digitize-falling", lambda a, b: np.digitize(a, b, right=True), x(3), np.array([1.0, 0.5, 0]),
     constant=True)  # fmt: skip
case("lexsort", lambda a, b: np.lexsort((a, b)), x(4), np.array([1.0, 0.0, 1.0, 0.0]),
     constant=True)  # fmt: skip
case("lexsort-axis", lambda a: np.lexsort(np.stack([a, np.trunc(a)]), axis=0), x(3, 2),
     constant=True)  # fmt: skip
case("nanargmax", lambda a: np.nanargmax(a), np.array([1.0, NAN, 2.0]), constant=True)
case("nanargmin", lambda a: np.nanargmin(a, axis=0, keepdims=True), x(3, 2), constant=True)
case("nanargmin-integers", lambda i: np.nanargmin(i), np.array([3, 1, 2]), constant=True)
case("ravel_multi_index", lambda i, j: np.ravel_multi_index((i, j), (5, 6)), ints(3), ints(3),
     constant=True)  # fmt: skip
case("ravel_multi_index-modes", lambda i: np.ravel_multi_index((i, i - 7), (3, 4), order="F",
     mode=("clip", "wrap")), ints(4), constant=True)  # fmt: skip
case("unravel_index", lambda i: np.unravel_index(i, (2, 3)), ints(2, 2), constant=True)
case("unravel_index-fortran", lambda i: np.unravel_index(i, (2, 3), order="F"), ints(4),
     constant=True)  # fmt: skip
case("indices-from", lambda a: a[np.tril_indices_from(a)] + a[np.triu_indices_from(a, 0)], x(2, 2))
case("diag_indices_from", lambda a: a[np.diag_indices_from(a)], x(2, 2))
case("packbits", lambda a: np.packbits(a > 0), x(11), constant=True)
case("packbits-axis", lambda i: np.packbits(i, axis=0, bitorder="little"), ints(3, 2),
     constant=True)  # fmt: skip
case("unpackbits", lambda i: np.unpackbits(i.astype(np.uint8), axis=1, count=-3), ints(2, 2),
     constant=True)  # fmt: skip
case("unpackbits-more", lambda i: np.unpackbits(i.astype(np.uint8), count=20, bitorder="little"),
     ints(2), constant=True)  # fmt: skip

# ---- comparisons and kinds -----------------------------------------------------------------------

SPECIAL = np.array([1.0, NAN, INF, -INF])

case("isclose", lambda a, b: np.isclose(a, b, rtol=0.5), x(2, 3), y(3), constant=True)
case("isclose-special", lambda a: np.isclose(a, SPECIAL[::-1], equal_nan=True), SPECIAL,
     constant=True)  # fmt: skip
case("isclose-integers", lambda i: np.isclose(i, 2), ints(3), constant=True)
case("allclose", lambda a: np.allclose(a, a + 1e-9), x(3), constant=True)
case("array_equal", lambda a: np.array_equal(a, np.positive(a)), x(3), constant=True)
case("array_equal-nan", lambda a: np.array_equal(a, SPECIAL, equal_nan=True), SPECIAL,
     constant=True)  # fmt: skip
case("array_equal-shapes", lambda a: np.array_equal(a, a[:1]), x(3), constant=True)
case("array_equiv", lambda a: np.array_equiv(a, a[:1]), np.ones((2, 3)), constant=True)
case("array_equiv-shapes", lambda a: np.array_equiv(a, [1.0, 2.0]), x(3), constant=True)
case("isreal", lambda a: np.isreal(a) & ~np.iscomplex(a * a), z(3), constant=True)
case("isreal-real", lambda a: np.isreal(a) & ~np.iscomplex(a), x(3), constant=True)
case("iscomplexobj", lambda a: a * np.iscomplexobj(a) + a * np.isrealobj(a), z(3))
case("isposinf", lambda a: np.isposinf(a) | np.isneginf(a[::-1]), SPECIAL, constant=True)
case("real_if_close", np.real_if_close, x(3))
case("result_type", lambda a: a * (np.result_type(a, np.int8, 1.0) == a.dtype),
     x(3, dtype=np.float32))  # fmt: skip
case("can_cast", lambda a: a * np.can_cast(a, np.float64) * (np.min_scalar_type(a) == a.dtype),
     x(3, dtype=np.float32))  # fmt: skip
case("common_type", lambda a: a * np.common_type(a, np.arange(2))(0.5), x(3, dtype=np.float32))
case("text", lambda a: a * (len(np.array_repr(a)) > 0) + len(np.array_str(a, precision=2)) * 0.0
     + len(np.array2string(a)) * 0.0, x(3))  # fmt: skip
case("einsum_path", lambda a: a * len(np.einsum_path("ij,jk", a, a.T)[0]), x(2, 3))
case("shares_memory", lambda a: a * np.shares_memory(a, a[1:]) + a * np.may_share_memory(a, a * 2),
     x(3))  # fmt: skip
