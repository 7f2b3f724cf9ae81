"""Moving, repeating, padding, splitting and joining entries; diagonals and grids."""

from __future__ import annotations

from typing import Any

import numpy as np

from .table import MASK, case, ints, x, y, z

# ---- turning and repeating -----------------------------------------------------------------------

case("roll", lambda a: np.roll(a, 2) * a, x(2, 3))
case("roll-axes", lambda a: np.roll(a, (1, -1), axis=(0, 1)) * a, x(2, 3))
case("rot90", lambda a: np.rot90(a) @ a, x(2, 3))
case("rot90-twice", lambda a: np.rot90(a, 2) * a, x(2, 3))
case("rot90-back", lambda a: np.rot90(a, -1, axes=(2, 0)), x(2, 3, 2))
case("rot90-none", lambda a: np.rot90(a, 4), x(2, 3))
case("fliplr", np.fliplr, x(2, 3))
case("flipud", np.flipud, x(3))
case("repeat", lambda a: np.repeat(a, 2), x(2, 3))
case("repeat-axis", lambda a: np.repeat(a, 3, axis=1), x(2, 3))
case("repeat-counts", lambda a: np.repeat(a, [2, 0, 1], axis=-1), x(2, 3))
case("tile", lambda a: np.tile(a, 2), x(2, 3))
case("tile-axes", lambda a: np.tile(a, (2, 1, 2)), x(2, 3))
case("resize", lambda a: np.resize(a, (2, 4)), x(3))
case("resize-shorter", lambda a: np.resize(a, 2), x(2, 3))
case("resize-empty", lambda a: np.resize(a, 2), np.zeros(0), constant=True)

# ---- margins -------------------------------------------------------------------------------------

for _mode in ("edge", "reflect", "wrap", "maximum", "mean", "linear_ramp"):
    case(f"pad-{_mode}", lambda a, m=_mode: np.pad(a, ((1, 0), (2, 3)), m) ** 2, x(2, 3))
case("pad", lambda a: np.pad(a, 1) ** 2, x(2, 3))
case("pad-values", lambda a: np.pad(a, (1, 2), constant_values=(3.0, 4)), x(3))
case("pad-traced-values", lambda a, v: np.pad(a, 1, constant_values=v), x(2, 3), y(2))
case("pad-empty", lambda a: np.pad(a, 1, "empty")[1:-1], x(3))
case("pad-minimum", lambda a: np.pad(a, (1, 2), "minimum", stat_length=2), x(4))
case("pad-median", lambda a: np.pad(a, (1, 2), "median", stat_length=3), x(4))
case("pad-symmetric", lambda a: np.pad(a, {0: 3}, "symmetric"), x(2, 3, dtype=np.float32))
case("pad-odd", lambda a: np.pad(a, (4, 7), "reflect", reflect_type="odd"), x(3))
case("pad-odd-symmetric", lambda a: np.pad(a, (2, 5), "symmetric", reflect_type="odd"), x(3))
case("pad-one", lambda a: np.pad(a, 2, "reflect"), x(1))
case("pad-integers", lambda i: np.pad(i, 2, "linear_ramp", end_values=7), ints(3), constant=True)
case("trim_zeros", lambda a: np.trim_zeros(a * (np.abs(a) < 1.5)) ** 2, x(6), by_types=False)


def _pad_with(row: Any, widths: Any, axis: int, options: Any) -> None:
    row[: widths[0]] = options["factor"] * row[widths[0]]
    row[row.shape[0] - widths[1] :] = 0.5


case("pad-by-function", lambda a: np.pad(a, (2, 1), _pad_with, factor=3.0), x(3))

# ---- splitting and joining -----------------------------------------------------------------------

case("split", lambda a: np.split(a, 3, axis=1), x(2, 3))
case("split-at", lambda a: np.split(a, [1, 3]), x(5))
case("array_split", lambda a: np.array_split(a, 3), x(5))
case("hsplit", lambda a: [*np.hsplit(a, 3), *np.hsplit(a[0], 3)], x(2, 3))
case("vsplit", lambda a: np.vsplit(a, 2), x(2, 3))
case("dsplit", lambda a: np.dsplit(a, [1]), x(1, 2, 3))
case("unstack", lambda a: np.unstack(a, axis=1), x(2, 3))
case("unstack-vector", np.unstack, x(2))
case("append", lambda a, b: np.append(a, b), x(2, 3), y(2))
case("append-axis", lambda a, b: np.append(a, b, axis=1), x(2, 1), y(2, 2))
case("insert", lambda a, b: np.insert(a, 1, b, axis=1), x(2, 3), y(2))
case("insert-several", lambda a, b: np.insert(a, [0, 2], b), x(3), y(2))
case("insert-slice", lambda a: np.insert(a, slice(None, None, 2), 5.0, axis=0), x(3, 2))
case("insert-integers", lambda a: np.insert(a, -1, [1, 2]), x(3, dtype=np.float32))
case("delete", lambda a: np.delete(a, 1, axis=-1), x(2, 3))
case("delete-several", lambda a: np.delete(a, [0, -1]), x(2, 3))
case("delete-slice", lambda a: np.delete(a, slice(0, None, 2), axis=0), x(3, 2))
case("delete-mask", lambda a: np.delete(a, MASK[0], axis=1), x(2, 3))
case("block", lambda a, b: np.block([[a, b[:, None]], [b, 1.0]]), x(2, 2), y(2))
case("block-one", lambda a: np.block(a) * a, x(3))
case("concatenate-dtype", lambda a: np.concatenate([a, [1, 2]], dtype=np.float64),
     x(3, dtype=np.float32))  # fmt: skip
case("stack-dtype", lambda a: np.stack([a, a], dtype=np.complex128), x(3))
case("hstack-dtype", lambda a, b: np.hstack([a, b], dtype=np.float64, casting="safe"),
     x(3, dtype=np.float32), y(2, dtype=np.float32))  # fmt: skip

# ---- diagonals and grids -------------------------------------------------------------------------

case("diagonal", np.diagonal, x(2, 3))
case("diagonal-axes", lambda a: np.diagonal(a, 1, 2, 0), x(2, 2, 3))
case("diagonal-below", lambda a: np.diagonal(a, -1), x(3, 2))
case("diagonal-none", lambda a: np.diagonal(a, 3), x(2, 3))
case("linalg-diagonal", lambda a: np.linalg.diagonal(a, offset=1), x(2, 2, 3))
case("trace", np.trace, x(2, 3))
case("trace-offset", lambda a: np.trace(a, 1, 0, -1), x(2, 2, 3))
case("trace-dtype", lambda a: np.trace(a, dtype=np.float64), x(2, 3, dtype=np.float32))
case("trace-integers", lambda i: np.trace(i, dtype=np.int32), ints(2, 2), constant=True)
case("linalg-trace", np.linalg.trace, x(2, 2, 3))
case("diag", lambda a: np.diag(a, -1), x(2))
case("diag-of-matrix", lambda a: np.diag(a, 1), x(2, 3))
case("diagflat", lambda a: np.diagflat(a, 1), x(2, 2))
case("tril", lambda a: np.tril(a, -1), x(3, 3))
case("triu", lambda a: np.triu(a), x(2, 2, 3))
case("triu-complex", lambda a: np.triu(a, 1), z(3, 3))
case("tril-vector", np.tril, x(3))
case("meshgrid", lambda a, b: np.meshgrid(a, b), x(2), y(3))
case("meshgrid-ij", lambda a, b: np.meshgrid(a, b, 2.0, indexing="ij", copy=False), x(2), y(3))
case("meshgrid-sparse", lambda a, b: np.meshgrid(a, b, sparse=True), x(2), y(3))
case("ix_", lambda a, i: a[np.ix_(i, [True, False, True])], x(3, 3), ints(2, below=3))

# ---- Fortran's order -----------------------------------------------------------------------------

case("reshape-fortran", lambda a: np.reshape(a, (3, -1), order="F"), x(2, 6))
case("ravel-fortran", lambda a: np.ravel(a, order="F") * a.flatten(order="F"), x(2, 3))
case("reshape-vector-as-it-lies", lambda a: np.reshape(a, (2, 3), order="A") @ a[:3], x(6))
