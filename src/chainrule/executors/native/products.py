"""Matrix products: which way each is computed, and the lines that call for it.

There are three: by rows (``by_rows.py``), by dots (``by_dots.py``), both written for blocks in
registers, and BLAS (``blas.py``). Shapes and layouts are known when code is emitted, and
:func:`cost` weighs the three by them, never by a measurement, so the same graph gives the same
code. Sizes and beginnings are arguments of the kernels all the same.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from chainrule.executors.native.blas import GEMM, GEMV
from chainrule.executors.native.by_dots import BY_DOTS
from chainrule.executors.native.by_rows import BY_ROWS
from chainrule.executors.native.lanes import LANES
from chainrule.executors.native.places import ADDRESS, HELD
from chainrule.executors.native.refs import Ref
from chainrule.executors.native.schedule import (
    Product,
    blas_layout,
    matrix,
    product_views,
)

if TYPE_CHECKING:
    from chainrule.executors.native.emit import Writer

TEXTS = {
    "Lanes": LANES,
    "address": ADDRESS,
    "held": HELD,
    "product_by_rows": BY_ROWS,
    "product_by_dots": BY_DOTS,
    **GEMM,
    **GEMV,
}
_VECTOR = 64  # bytes, that costs are reckoned with


@dataclass(frozen=True)
class Factors:
    """``c = alpha a @ b + beta c`` as texts for numbers and places, and strides of a and b.

    ``c`` lies by rows, ``ldc`` apart.
    """

    dtype: str
    sizes: tuple[int, int, int]
    alpha: str
    beta: str
    a: str
    a_strides: tuple[int, int]
    b: str
    b_strides: tuple[int, int]
    c: str
    ldc: int
    own: tuple[str, str] = ("", "")  # rows and columns that a thread computes, if not all

    @property
    def turned(self) -> Factors:
        """The product of transposes, for a result of one column, which is one row as well."""
        m, n, k = self.sizes
        assert n == self.ldc == 1
        a_strides, b_strides = self.b_strides[::-1], self.a_strides[::-1]
        return replace(
            self, sizes=(n, m, k), a=self.b, a_strides=a_strides, b=self.a, b_strides=b_strides,
            ldc=m, own=self.own[::-1],
        )  # fmt: skip

    @property
    def computed(self) -> str:
        """How many rows, columns and terms a call is for, as arguments."""
        m, n, k = self.sizes
        return f"at({self.own[0] or m}), at({self.own[1] or n}), at({k})"

    def part(self, axis: int, lo: str, hi: str) -> Factors:
        """Rows (axis -2) or columns (-1) ``lo`` to ``hi`` of the product."""
        if axis == -2:
            own, a, b = (f"{hi} - {lo}", ""), _further(self.a, lo, self.a_strides[0]), self.b
        else:
            own, a, b = ("", f"{hi} - {lo}"), self.a, _further(self.b, lo, self.b_strides[1])
        c = _further(self.c, lo, self.ldc if axis == -2 else 1)
        return replace(self, own=own, a=a, b=b, c=c)


def write_product(writer: Writer, group: Product) -> None:
    """``out = a @ b``, or ``out = w - s * (a @ b)``, as one call; stacks in loops."""
    equation, (out,) = group.equation, group.equation.outputs
    a, b, c = product_views(equation, writer.plan.refs)
    t = out.type.dtype.name
    alpha, beta = f"{t}(1)", f"{t}(0)"
    if equation.primitive.name == "subtract_product":
        w, s = equation.inputs[:2]
        alpha, beta = f"{t}(-{writer.scalar(s)})", f"{t}(1)"
        writer.copy(writer.plan.refs[w], Ref.whole(out))
    writer.comment([equation])
    (m, k), n = a.shape[-2:], b.shape[-1]
    a_begin, b_begin, c_begin = (_begin(writer, ref) for ref in (a, b, c))
    factors = Factors(
        t, (m, n, k), alpha, beta, a_begin, _strides(a), b_begin, _strides(b), c_begin, n
    )
    _write(writer, factors, c.shape[:-2])


def _write(writer: Writer, factors: Factors, batch: Sequence[int]) -> None:
    """The call for a product, in loops over a stack, and for the thread's own range of it."""
    way = way_of(factors)
    cut, pad = writer.cut, ""
    lo, hi = "", ""
    if cut is not None and way == "blas":  # whose bits depend on where a product is cut
        n = cut.n
        writer.calls.append("for part in range(first, last):")
        writer.calls.append(f"    lo, hi = bound(at({n}), part), bound(at({n}), part + 1)")
        lo, hi, pad = "lo", "hi", "    "
    elif cut is not None:
        lo, hi = writer.own_range(cut.n)
    for axis, n in enumerate(batch):
        limits = f"{lo}, {hi}" if cut is not None and cut.axis == axis else str(n)
        writer.calls.append(f"{pad}for b{axis} in range({limits}):")
        pad += "    "
    if cut is not None and cut.axis >= len(batch):
        factors = factors.part(cut.axis - len(batch) - 2, lo, hi)
    writer.calls.append(pad + line(factors, way))


def _further(place: str, lo: str, stride: int) -> str:
    """A place moved on by ``lo`` strides."""
    return f"{place[:-1]} + {lo})" if stride == 1 else f"{place[:-1]} + {lo} * {stride})"


def _begin(writer: Writer, ref: Ref) -> str:
    """The array of a stack of matrices, and where the current one begins."""
    spot = writer.memory.spots[ref.base]
    steps = "".join(f" + b{i} * {s}" for i, s in enumerate(ref.strides[:-2]) if s)
    return f"{spot.array}, at({spot.at(ref.offset)}{steps})"


def _strides(ref: Ref) -> tuple[int, int]:
    """The strides of a matrix, one of which is 1."""
    layout = blas_layout(matrix(ref))
    if layout is None:
        raise AssertionError(f"{ref} was not copied for BLAS")
    transposed, distance = layout
    return (1, distance) if transposed else (distance, 1)


# ---- which way ----------------------------------------------------------------------------------


def cost(way: str, sizes: Sequence[int], a: Sequence[int], b: Sequence[int], size: int) -> float:
    """About how many vector steps a way takes for factors of these strides; infinite if it cannot.

    The constants are fitted to times on Zen 4 with AVX-512 against OpenBLAS 0.3: a block by rows
    takes some 30 steps beside its sums, turning 0.3 of a step a number, adding up the lanes of an
    entry 3.2; BLAS takes 1,500 for a call, a fifth more for each term, and half a step more for
    each number of the factors, which it copies.
    """
    m, n, k = sizes
    lanes = _VECTOR // size
    vectors = -(-n // lanes)
    if way == "rows":
        turning = 0.3 * n * k if b[1] != 1 else 0
        return m * vectors * k + 30 * -(-m // 6) * -(-vectors // 4) + turning
    if way == "dots":
        able = a[1] == 1 and b[0] == 1
        return m * n * (-(-k // lanes) + 3.2) if able else np.inf
    return 1500 + 1.2 * m * n * k / lanes + 0.05 * (m + n) * k


def way_of(f: Factors) -> str:
    """The way that costs least."""
    g, size = f.turned if _is_column(f) else f, np.dtype(f.dtype).itemsize
    costs = {
        "rows": cost("rows", g.sizes, g.a_strides, g.b_strides, size),
        "dots": cost("dots", f.sizes, f.a_strides, f.b_strides, size),
        "blas": cost("blas", f.sizes, f.a_strides, f.b_strides, size),
    }
    return min(costs, key=lambda way: costs[way])


def line(f: Factors, way: str) -> str:
    """The call for a product."""
    if way == "rows":
        return _by_rows(f.turned if _is_column(f) else f)
    return _by_dots(f) if way == "dots" else _by_blas(f)


def _is_column(f: Factors) -> bool:
    """Whether the result is one column in one piece, which is one row as well."""
    return f.sizes[1] == f.ldc == 1


def _at(*numbers: int) -> str:
    return ", ".join(f"at({n})" for n in numbers)


def _by_rows(f: Factors) -> str:
    return (
        f"product_by_rows({f.computed}, {f.alpha}, {f.a}, {_at(*f.a_strides)},"
        f" {f.b}, {_at(*f.b_strides)}, {f.beta}, {f.c}, {_at(f.ldc)})"
    )


def _by_dots(f: Factors) -> str:
    return (
        f"product_by_dots({f.computed}, {f.alpha}, {f.a}, {_at(f.a_strides[0])},"
        f" {f.b}, {_at(f.b_strides[1])}, {f.beta}, {f.c}, {_at(f.ldc)})"
    )


def _by_blas(f: Factors) -> str:
    (m, n, k), (s, t), (u, v) = f.sizes, f.a_strides, f.b_strides
    if n == 1 and m > 1:
        return _gemv(f, f.a, (f.own[0] or str(m), str(k)), f.a_strides, f.b, u)
    if m == 1 and n > 1:
        return _gemv(f, f.b, (f.own[1] or str(n), str(k)), (v, u), f.a, t)
    turn_a, turn_b = t != 1, v != 1
    return (
        f"gemm_{f.dtype}({turn_a}, {turn_b}, {f.computed}, {f.alpha},"
        f" {f.a}, {_at(max(s, t))}, {f.b}, {_at(max(u, v))}, {f.beta}, {f.c}, {_at(f.ldc)})"
    )


def _gemv(
    f: Factors, a: str, shape: tuple[str, str], strides: tuple[int, int], x: str, step: int
) -> str:
    """A matrix times a vector whose entries are ``step`` apart; the result lies in one row."""
    turned = strides[1] != 1
    rows, columns = shape[::-1] if turned else shape
    return (
        f"gemv_{f.dtype}({turned}, at({rows}), at({columns}), {f.alpha}, {a}, {_at(max(strides))},"
        f" {x}, {_at(max(step, 1))}, {f.beta}, {f.c}, {_at(1)})"
    )
