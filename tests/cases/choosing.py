"""Choosing between values, and writing by NumPy's functions."""

from __future__ import annotations

from typing import Any

import numpy as np

from .table import INF, MASK, NAN, case, ints, x, y, z

# ---- choosing ------------------------------------------------------------------------------------

case("choose", lambda i, a, b: np.choose(i, [a, b, a * b]), ints(2, 3, below=3), x(2, 3), y(3))
case("choose-wrap", lambda i, a: np.choose(i, a, mode="wrap"), ints(3) - 2, x(3, 3))
case("choose-clip", lambda i, a: np.choose(i, (a, 1.0), mode="clip"), ints(3), x(3))
case("choose-truth", lambda a, b: np.choose(a > 0, [a, b]), x(3), y())
case("select", lambda a, b: np.select([a > 1, a < 0], [a * a, b], 0.5), x(2, 3), y(3))
case("select-overlap", lambda a: np.select([a > 0, a > -1], [a, -a]), x(2, 3))
case("select-dtypes", lambda a, b: np.select([MASK], [a], default=b), x(3, dtype=np.float32), y())
case("piecewise", lambda a: np.piecewise(a, [a < -1, a > 1], [lambda t: t * t, 2.0, np.sin]), x(5),
     by_types=False)  # fmt: skip
case("piecewise-one", lambda a: np.piecewise(a, a > 0, [lambda t, p: p * t, -1], 3.0), x(3),
     by_types=False)  # fmt: skip
case("piecewise-scalar", lambda a: np.piecewise(a, [a > 0, a <= 0], [np.exp, np.cos])[()], x(),
     by_types=False)  # fmt: skip
case("piecewise-last-wins", lambda a: np.piecewise(a, [a > 0, a > 1], [np.log, np.sqrt]),
     x(4, low=0.5), by_types=False)  # fmt: skip
case("piecewise-numbers", lambda a: np.piecewise(a, [a < 0, a > 1], [1.0, 2]) + a, x(5))
case("compress", lambda a: np.compress([True, False, True], a, axis=1), x(2, 3))
case("compress-flat", lambda a: np.compress(a[0] > 0, a), x(2, 3), by_types=False)
case("extract", lambda a: np.extract(a > 0, a) ** 2, x(2, 3), by_types=False)
case("take_along_axis", lambda a: np.take_along_axis(a, np.argsort(a, 1), 1) * [1, 2, 3], x(2, 3))
case("take_along_axis-indices", lambda a, i: np.take_along_axis(a, i, axis=0), x(2, 3),
     ints(3, 3, below=2))  # fmt: skip
case("take_along_axis-flat", lambda a, i: np.take_along_axis(a, i, None), x(2, 3), ints(2))
case("apply_along_axis", lambda a: np.apply_along_axis(lambda r: r * r.sum(), 0, a), x(3, 2))
case("apply_along_axis-more", lambda a: np.apply_along_axis(np.diag, 1, a), x(2, 3))
case("apply_over_axes", lambda a: np.apply_over_axes(np.sum, a, [0, -1]), x(2, 3, 2))
case("nan_to_num", lambda a: np.nan_to_num(np.where(MASK, np.array([NAN, INF, -INF]), a),
     nan=a[0, 0], posinf=2.0, neginf=a[1, 1]) * a, x(2, 3))  # fmt: skip
case("nan_to_num-numbers", lambda a: np.nan_to_num(a) * a, x(3, dtype=np.float32))
case("nan_to_num-complex", lambda a: np.nan_to_num(a) * a, z(3))
case("nan_to_num-integers", lambda i: np.nan_to_num(i), ints(3), constant=True)

# ---- writing -------------------------------------------------------------------------------------


def _writing(name: str, put: Any, *inputs: Any, **flags: bool) -> None:
    """A case of a function that writes into a copy of the first input."""

    def f(a: Any, *rest: Any) -> Any:
        b = a * 2.0
        row = b[0]
        assert put(b, *rest) is None
        return b * a, row

    case(f"setitem-{name}", f, *inputs, **flags)


_writing("put", lambda b, v: np.put(b, [0, 4, -1], v), x(2, 3), y(2))
_writing("put-repeated", lambda b, v: np.put(b, [1, 1], v, mode="wrap"), x(2, 3), y(2))
_writing("put-indices", lambda b, i, v: np.put(b, i, v, mode="clip"), x(2, 3), ints(2), y())
_writing("putmask", lambda b, v: np.putmask(b, b > 0, v), x(2, 3), y(2))
_writing("place", lambda b, v: np.place(b, b > 0, v), x(2, 3), y(2))
_writing("copyto", lambda b, v: np.copyto(b, v), x(2, 3), y(3))
_writing("copyto-plain", lambda b: np.copyto(b, np.array([0.5, -1.0, 2.0])), x(2, 3))
_writing("copyto-where", lambda b, v: np.copyto(b, v, where=b > 0), x(2, 3), y(2, 1))
_writing("put_along_axis", lambda b, v: np.put_along_axis(b, np.argsort(b, 1)[:, :2], v, 1),
         x(2, 3), y(2, 2))  # fmt: skip
_writing("put_along_axis-flat", lambda b, v: np.put_along_axis(b, np.array([4, 1]), v, None),
         x(2, 3), y(2))  # fmt: skip
_writing("fill_diagonal", lambda b, v: np.fill_diagonal(b, v), x(2, 3), y(2))
_writing("fill_diagonal-wrap", lambda b, v: np.fill_diagonal(b, v, wrap=True), x(5, 2), y())
_writing("fill_diagonal-3d", lambda b, v: np.fill_diagonal(b, v), x(2, 2, 2), y(2))
_writing("nan_to_num", lambda b: np.copyto(b, np.nan_to_num(b, copy=False)), x(2, 2))
