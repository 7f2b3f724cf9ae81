"""Reductions and scans along axes."""

from __future__ import annotations

from typing import Any

import numpy as np

from .table import MASK, case, ints, x, y, z

# ---- reductions ----------------------------------------------------------------------------------

AXES: dict[str, dict[str, Any]] = {
    "": {}, "-axis-0": {"axis": 0}, "-axis-minus-1": {"axis": -1}, "-axes": {"axis": (0, -1)},
    "-keepdims": {"axis": 1, "keepdims": True}, "-all-keepdims": {"keepdims": True},
    "-no-axes": {"axis": ()},
}  # fmt: skip
for _f in (np.sum, np.prod, np.max, np.min, np.mean, np.var, np.std, np.amax, np.amin):
    for _suffix, _options in AXES.items():
        case(f"{_f.__name__}{_suffix}", lambda a, f=_f, o=_options: f(a, **o), x(2, 3, 2),
             smooth=_suffix != "-no-axes" or _f is not np.std)  # fmt: skip
    case(f"{_f.__name__}-method", lambda a, f=_f: getattr(a, f.__name__)(1), x(2, 3)) \
        if _f not in (np.amax, np.amin) else None  # fmt: skip
    case(f"{_f.__name__}-float32", _f, x(3, 2, dtype=np.float32))
    case(f"{_f.__name__}-float16", lambda a, f=_f: f(a, axis=0), x(3, 2, dtype=np.float16))
    case(f"{_f.__name__}-size-1", lambda a, f=_f: f(a, axis=1), x(3, 1),
         smooth=_f is not np.std) if _f is not np.std else None  # fmt: skip
for _f in (np.sum, np.prod, np.max, np.min, np.mean):
    case(f"{_f.__name__}-scalar", _f, x())
    case(f"{_f.__name__}-python", _f, 1.25)
for _f in (np.sum, np.prod, np.mean, np.var, np.std):
    case(f"{_f.__name__}-complex", lambda a, f=_f: f(a, axis=0), z(3, 2))
for _f in (np.sum, np.prod):
    case(f"{_f.__name__}-empty", _f, np.zeros((0, 3)))
    case(f"{_f.__name__}-empty-axis", lambda a, f=_f: f(a, axis=0), np.zeros((0, 3)))
    case(f"{_f.__name__}-dtype", lambda a, f=_f: f(a, dtype=np.float64), x(3, dtype=np.float32))
    case(f"{_f.__name__}-integers", lambda a, f=_f: f(a, axis=0), ints(2, 3), constant=True)
    case(f"{_f.__name__}-booleans", lambda a, f=_f: f(a, axis=0), MASK, constant=True)
    case(f"{_f.__name__}-where", lambda a, f=_f: f(a, axis=1, where=MASK), x(2, 3))
    case(f"{_f.__name__}-initial", lambda a, f=_f: f(a, axis=1, initial=2.5), x(2, 3))
    case(f"{_f.__name__}-traced-where", lambda a, b, f=_f: f(a, axis=1, where=b > 0), x(2, 3), y(3))
    case(f"{_f.__name__}-traced-initial",
         lambda a, b, f=_f: f(a, axis=1, initial=b), x(2, 3), y())  # fmt: skip
for _f in (np.max, np.min):
    _start = -0.1 if _f is np.max else 0.1
    case(f"{_f.__name__}-initial", lambda a, f=_f, s=_start: f(a, axis=1, initial=s), x(2, 3))
    case(f"{_f.__name__}-where",
         lambda a, f=_f, s=_start: f(a, axis=1, initial=s, where=MASK), x(2, 3))  # fmt: skip
    case(f"{_f.__name__}-ties", _f, np.array([[1.0, 3.0, 3.0], [0.0, 3.0, 1.0]]), smooth=False)
    case(f"{_f.__name__}-traced-initial",
         lambda a, b, f=_f: f(a, axis=1, initial=b, where=MASK[:1]), x(2, 3), y())  # fmt: skip
    case(f"{_f.__name__}-empty-initial",
         lambda a, b, f=_f: f(a, axis=1, initial=b), x(2, 0), y())  # fmt: skip
for _f in (np.mean, np.var, np.std):
    case(f"{_f.__name__}-where", lambda a, f=_f: f(a, where=MASK), x(2, 3))
    case(f"{_f.__name__}-traced-where",
         lambda a, b, f=_f: f(a, axis=0, where=b > 0, keepdims=True), x(4, 2), y(4, 1))  # fmt: skip
for _f in (np.var, np.std):
    case(f"{_f.__name__}-mean", lambda a, m, f=_f: f(a, axis=1, mean=m, correction=1), x(2, 3),
         y(2, 1))  # fmt: skip
case("ptp", np.ptp, x(2, 3))
case("ptp-axis", lambda a: np.ptp(a, axis=1, keepdims=True), x(2, 3))
case("prod-one-zero", lambda a: np.prod(a, axis=1), np.array([[0.0, 2.0, 3.0], [1.0, 4.0, 0.0]]))
case("prod-two-zeros", np.prod, np.array([0.0, 2.0, 0.0, 3.0]))
case("prod-three-zeros", np.prod, np.array([0.0, 2.0, 0.0, 0.0]))
case("prod-long", np.prod, x(17, low=0.5, high=1.5))
case("mean-dtype", lambda a: np.mean(a, dtype=np.float64), x(3, dtype=np.float32))
case("mean-integers", lambda a: np.mean(a, axis=0), ints(2, 3), constant=True)
case("var-ddof", lambda a: np.var(a, axis=0, ddof=1), x(3, 2))
case("std-ddof", lambda a: np.std(a, axis=1, ddof=1, keepdims=True), x(2, 3))
case("add-reduce", np.add.reduce, x(3, 2))
case("multiply-reduce", lambda a: np.multiply.reduce(a, axis=1), x(3, 2))
case("maximum-reduce", lambda a: np.maximum.reduce(a, axis=None), x(3, 2))
case("minimum-reduce", lambda a: np.minimum.reduce(a, axis=-1, keepdims=True), x(3, 2))
case("logical-reduce", lambda a: np.logical_and.reduce(a > 0) | np.logical_or.reduce(a > 1),
     x(3, 2), constant=True)  # fmt: skip
case("add-accumulate", lambda a: np.add.accumulate(a, axis=1), x(2, 3))
case("cumsum", np.cumsum, x(2, 3))
case("cumsum-axis", lambda a: np.cumsum(a, axis=-2), x(2, 3))
case("cumsum-float16", np.cumsum, x(3, dtype=np.float16))
case("cumsum-dtype", lambda a: a.cumsum(axis=0, dtype=np.float64), x(3, dtype=np.float32))
case("clip", lambda a: np.clip(a, -1.1, 1.2), x(2, 3))
case("clip-arrays", np.clip, x(2, 3), y(3) - 1, y(3) + 1)
case("clip-low", lambda a: np.clip(a, 0.1, None), x(4))
case("clip-high", lambda a: a.clip(None, 0.1), x(4))
case("clip-float32", lambda a: np.clip(a, -1.0, 1.0), x(4, dtype=np.float32))
case("clip-dtype", lambda a: np.clip(a, min=-1, max=1.2, dtype=np.float64), x(4, dtype=np.float32))
case("clip-ties", lambda a: np.clip(a, 0.0, 1.0), np.array([-1.0, 0.0, 0.5, 1.0]), smooth=False)
