"""Reading and writing parts of arrays."""

from __future__ import annotations

from typing import Any

import numpy as np

from .table import case, ints, x, y, z

# ---- indexing and writing ------------------------------------------------------------------------

INDICES: dict[str, Any] = {
    "integer": 1, "negative": -2, "slice": slice(1, 3), "step": slice(None, None, 2),
    "reversed": slice(None, None, -1), "empty-slice": slice(2, 2), "tuple": (1, 2),
    "mixed": (slice(None), 1), "ellipsis": (..., 0), "newaxis": (None, 1, ..., None),
    "all": (), "array": np.array([0, 2, 1]), "repeated": np.array([1, 1, 3, 1]),
    "negative-array": np.array([-1, 0]), "two-arrays": (np.array([0, 3]), np.array([1, 1])),
    "broadcast-arrays": (np.array([[0], [2]]), np.array([1, 3])), "list": [0, 0, 2],
    "array-slice": (slice(1, 3), np.array([0, 2, 2])), "array-integer": (2, np.array([1, 1])),
    "separated": (np.array([0, 1]), None, np.array([2, 2])), "mask": np.eye(4, dtype=bool),
    "row-mask": np.array([True, False, True, False]), "empty-list": [],
    "column-mask": (slice(None), np.array([True, False, True, False])),
    "numpy-integer": (np.int64(2), np.array(3)), "matrix-of-indices": np.array([[0, 1], [1, 1]]),
}  # fmt: skip
for _name, _index in INDICES.items():
    case(f"getitem-{_name}", lambda a, i=_index: a[i], x(4, 4))

    def _write(a: Any, v: Any, i: Any = _index) -> Any:
        b = a * 2.0
        b[i] = v
        return b * a

    _part = np.shape(np.zeros((4, 4))[_index])
    case(f"setitem-{_name}", _write, x(4, 4), y(*_part))
    case(f"setitem-scalar-{_name}", _write, x(4, 4), y())


case("take", np.take, x(2, 3), np.array([[0, 5], [2, 2]]))
case("take-axis", lambda a, i: np.take(a, i, axis=-1), x(2, 3), np.array([2, 0, 2]))
case("take-one", lambda a, i: np.take(a, i, axis=0), x(2, 3), np.array(1))
case("take-wrap", lambda a, i: np.take(a, i, mode="wrap"), x(4), np.array([-5, 7, 3]))
case("take-clip", lambda a, i: np.take(a, i, mode="clip"), x(4), np.array([-5, 7, 3]))


def _add_in_place(a: Any, b: Any) -> Any:
    c = a * 1.0
    c += b
    c *= b
    c[1:] -= a[:-1]
    c[0] /= 3.0
    return c


def _write_column(a: Any, b: Any) -> Any:
    c = np.zeros_like(a)
    c[:, 0] = b
    c[:, 1] = b * b
    return c


def _write_leading_one(a: Any, v: Any) -> Any:
    c = a * 1.0
    c[0] = v
    return c


def _write_repeated(a: Any, v: Any) -> Any:
    c = a * 1.0
    c[np.array([0, 1, 0])] = v
    return c


def _write_converted(a: Any, v: Any) -> Any:
    c = a * 1
    c[1] = v
    return c


def _write_where_negative(a: Any) -> Any:
    c = a * 1.0
    c[a < 0.0] = (a * a)[a < 0.0]
    return c


def _write_zero_where_negative(a: Any) -> Any:
    c = a * 3.0
    c[a < 0.0] = 0.5
    return c


def _write_into_integers(v: Any) -> Any:
    c = np.zeros_like(v, dtype=np.int64, shape=(3,))
    c[1] = v
    return c * 1.5


def _write_at(a: Any, v: Any, i: Any) -> Any:
    c = a * 1.0
    c[i] = v
    return c * c


case("getitem-traced-index", lambda a, i: a[i], x(5, 2), ints(3))
case("getitem-traced-indices", lambda a, i: a[i, 1:, i], x(5, 3, 5), ints(3))
case("getitem-traced-mask", lambda a: a[a > 0.0] ** 2, x(4, 4), by_types=False)
case("getitem-where", lambda a: a[np.where(a > 0.0)], x(4, 4), by_types=False)
case("getitem-argsort", lambda a: a[np.argsort(a)] * np.arange(4), x(4))
case("getitem-argmax", lambda a: a[np.argmax(a[:, 0])], x(4, 4))
case("getitem-iterate", lambda a: sum(row * i for i, row in enumerate(a)), x(3, 2))
case("getitem-float32", lambda a: a[np.array([0, 0, 1])], x(3, dtype=np.float32))
case("getitem-complex", lambda a: a[np.array([0, 0, 1])], z(3))
case("setitem-in-place", _add_in_place, x(3, 2), y(3, 2))
case("setitem-into-zeros", _write_column, x(3, 2), y(3))
case("setitem-leading-one", _write_leading_one, x(2, 3), y(1, 3))
case("setitem-last-wins", _write_repeated, x(3, 2), y(3, 2))
case("setitem-dtype", _write_converted, x(3, 2, dtype=np.float32), y(2))
case("setitem-into-integers", _write_into_integers, y(), constant=True)
case("setitem-complex", _write_converted, z(3, 2), y(2))
case("setitem-mask-array", _write_where_negative, x(4), by_types=False)
case("setitem-mask-scalar", _write_zero_where_negative, x(4))
case("setitem-traced-index", _write_at, x(5), y(2), np.array([3, 0]))
