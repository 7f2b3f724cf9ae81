"""Products of arrays: matmul and einsum; dot, tensordot and their kin are compositions of them.

Sums of products are linear in each factor, so each factor's edge is the same product with the
others held fixed; its transpose is a product again. See Laue, Mitterreiter and Giesen, "A simple
and efficient tensor calculus" (2020), for einsum's rule.
"""

from __future__ import annotations

import math
import operator
from collections.abc import Sequence
from typing import Any, cast

import numpy as np

from chainrule.core.aliasing import view
from chainrule.core.errors import ShapeError, TraceError
from chainrule.core.graph import ArrayType
from chainrule.core.primitive import NUMPY, Joint, edge, primitive
from chainrule.core.trace import bind, shape_of, type_of
from chainrule.ops.batch import Flags, aligned, core_rank
from chainrule.ops.define import (
    Array,
    as_operand,
    axis_of,
    broadcast_shape,
    match,
    spread,
    ufunc_dtype,
)
from chainrule.ops.elementwise import conj
from chainrule.ops.index import Slot
from chainrule.ops.indexing import setitem
from chainrule.ops.shaping import broadcast_to, expand, reshape, swap_last, transpose

# ---- matmul --------------------------------------------------------------------------------------


def _matmul_type(x: ArrayType, y: ArrayType) -> ArrayType:
    if not x.shape or not y.shape:
        raise ShapeError("matmul: a factor is a scalar; use x * y")
    inner_y = y.shape[0] if y.ndim == 1 else y.shape[-2]
    if x.shape[-1] != inner_y:
        raise ShapeError(
            f"matmul: shapes {x.shape} and {y.shape} do not fit: {x.shape[-1]} columns on the left,"
            f" {inner_y} rows on the right; transpose one of them?"
        )
    stacks = (ArrayType(t.shape[:-2], t.dtype) for t in (x, y))
    batch = broadcast_shape("matmul (axes before the last two)", *stacks)
    rows = () if x.ndim == 1 else x.shape[-2:-1]
    columns = () if y.ndim == 1 else y.shape[-1:]
    return ArrayType((*batch, *rows, *columns), ufunc_dtype(np.multiply, x, y))


def _pull_left(ct: Array, out: Array, x: Array, y: Array) -> Array:
    n_x, n_y = len(shape_of(x)), len(shape_of(y))
    if n_y == 1:  # the outer product of ct and y
        return match((ct if n_x == 1 else expand(ct, n_x - 1)) * y, x)
    if n_x == 1:
        return match(y @ ct if n_y == 2 else (y @ expand(ct, n_y - 1))[..., 0], x)
    return match(ct @ swap_last(y), x)


def _pull_right(ct: Array, out: Array, x: Array, y: Array) -> Array:
    n_x, n_y = len(shape_of(x)), len(shape_of(y))
    if n_x == 1:  # the outer product of x and ct
        return match(ct * x if n_y == 1 else expand(ct, n_y - 2) * expand(x, 1), y)
    if n_y == 1:
        return match(ct @ x if n_x == 2 else (swap_last(x) @ expand(ct, n_x - 1))[..., 0], y)
    return match(swap_last(x) @ ct, y)


def _batch_matmul(batched: Flags, size: int, x: Array, y: Array) -> Array:
    """One product for the batch where one factor is the same for all examples, else a stack."""
    n_x, n_y = map(core_rank, (x, y), batched)
    if not batched[1] and n_y <= 2:
        return _rows_times(x, y)
    if not batched[0] and n_y == 1 and n_x <= 2:
        return _rows_times(y, x if n_x == 1 else swap_last(x))
    left = expand(x, len(shape_of(x)) - 1) if n_x == 1 else x
    right = expand(y, len(shape_of(y))) if n_y == 1 else y
    out = matmul(*aligned(batched, (left, right)))
    *stack, rows, columns = shape_of(out)
    kept = (*stack, *(() if n_x == 1 else (rows,)), *(() if n_y == 1 else (columns,)))
    return out if len(kept) == len(stack) + 2 else reshape(out, shape=kept)


def _rows_times(x: Array, y: Array) -> Array:
    """``x @ y`` of a matrix or vector y, as one product of all rows of x."""
    *front, n = shape_of(x)
    if len(front) <= 1:
        return matmul(x, y)
    out = matmul(reshape(x, shape=(math.prod(front), n)), y)
    return reshape(out, shape=(*front, *shape_of(out)[1:]))


matmul = primitive(
    "matmul",
    lambda x, y: x @ y,
    _matmul_type,
    (
        edge(lambda t, out, x, y: spread(t @ y, out), _pull_left),
        edge(lambda t, out, x, y: spread(x @ t, out), _pull_right),
    ),
    batch=_batch_matmul,
)
NUMPY[np.matmul] = matmul

# ---- einsum --------------------------------------------------------------------------------------

_LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"


def _sizes(
    terms: Sequence[str], shapes: Sequence[tuple[int, ...]], *, strict: bool = True
) -> dict[str, int]:
    """The length of each letter; unless ``strict``, axes of one broadcast as NumPy lets them."""
    sizes: dict[str, int] = {}
    for term, shape in zip(terms, shapes, strict=True):
        if len(term) != len(shape):
            raise ShapeError(
                f"einsum: {term!r} names {len(term)} axes of an array of shape {shape}"
            )
        for letter, n in zip(term, shape, strict=True):
            known = sizes.setdefault(letter, n)
            if not strict and 1 in (known, n):
                sizes[letter] = max(known, n)
            elif known != n:
                raise ShapeError(f"einsum: axis {letter!r} has lengths {sizes[letter]} and {n}")
    return sizes


def _einsum_type(*types: ArrayType, terms: tuple[str, ...], result: str) -> ArrayType:
    sizes = _sizes(terms, [t.shape for t in types])
    for letter in result:
        if letter not in sizes or result.count(letter) > 1:
            raise ShapeError(
                f"einsum: {letter!r} of the result {result!r} must stand there once and in an input"
            )
    dtype = np.result_type(*(t.dtype for t in types))
    return ArrayType(tuple(sizes[letter] for letter in result), dtype)


def _einsum_value(*xs: Any, terms: tuple[str, ...], result: str) -> Any:
    many = len(xs) > 1
    return np.einsum(f"{','.join(terms)}->{result}", *xs, optimize=many)


def _push_einsum(
    tangents: Sequence[Array], out: Array, *xs: Array, terms: tuple[str, ...], result: str
) -> Array:
    total = None
    for i, t in enumerate(tangents):
        if t is not None:
            part = einsum_p(*xs[:i], t, *xs[i + 1 :], terms=terms, result=result)
            total = part if total is None else total + part
    return spread(total, out)


def _pull_einsum(
    ct: Array,
    out: Array,
    wanted: Sequence[bool],
    *xs: Array,
    terms: tuple[str, ...],
    result: str,
) -> list[Array]:
    return [
        _einsum_cotangent(ct, i, xs, terms, result) if want else None
        for i, want in enumerate(wanted)
    ]


def _einsum_cotangent(
    ct: Array, i: int, xs: Sequence[Array], terms: tuple[str, ...], result: str
) -> Array:
    """The product of the cotangent with the other factors, read as a function of ``terms[i]``.

    A letter that stands in this factor alone was summed over: its cotangent is broadcast along it.
    A letter that stands twice in this factor took a diagonal: its cotangent is put on the diagonal.
    """
    x = xs[i]
    term = terms[i]
    others = (*terms[:i], *terms[i + 1 :])
    elsewhere = set(result).union(*others)
    once = "".join(dict.fromkeys(term))
    known = "".join(letter for letter in once if letter in elsewhere)
    factors = (ct, *xs[:i], *xs[i + 1 :])
    g = einsum_p(*factors, terms=(result, *others), result=known)
    sizes = _sizes((term,), (shape_of(x),))
    g = reshape(g, shape=tuple(sizes[a] if a in elsewhere else 1 for a in once))
    g = broadcast_to(g, shape=tuple(sizes[a] for a in once))
    if once != term:
        g = _on_diagonal(g, once, term, sizes)
    return match(g, x)


def _on_diagonal(g: Array, once: str, term: str, sizes: dict[str, int]) -> Array:
    """Multiply by identity matrices that tie the repeated axes of a term together."""
    letters = iter(a for a in _LETTERS if a not in term)
    seen: set[str] = set()
    axes: list[str] = []
    ties: list[str] = []
    for letter in term:
        if letter in seen:
            fresh = next(letters)
            ties.append(letter + fresh)
            axes.append(fresh)
        else:
            axes.append(letter)
            seen.add(letter)
    eyes = [np.eye(sizes[tie[0]], dtype=type_of(g).dtype) for tie in ties]
    return einsum_p(g, *eyes, terms=(once, *ties), result="".join(axes))


def _batch_einsum(
    batched: Flags, size: int, *xs: Array, terms: tuple[str, ...], result: str
) -> Array:
    new = next(a for a in _LETTERS if a not in set(result).union(*terms))
    own = tuple(new + t if flag else t for t, flag in zip(terms, batched, strict=True))
    return einsum_p(*xs, terms=own, result=new + result)


einsum_p = primitive(
    "einsum",
    _einsum_value,
    _einsum_type,
    Joint(_push_einsum, _pull_einsum),
    batch=_batch_einsum,
)


def _explicit(subscripts: str, shapes: Sequence[tuple[int, ...]]) -> tuple[list[str], str]:
    """Subscripts with ``...`` and a missing result written out, as ``np.einsum`` reads them."""
    left, arrow, result = subscripts.replace(" ", "").partition("->")
    terms = left.split(",")
    if len(terms) != len(shapes):
        raise ShapeError(f"einsum: {subscripts!r} names {len(terms)} arrays, got {len(shapes)}")
    used = set(subscripts)
    spare = [a for a in _LETTERS if a not in used]
    extra = [
        len(s) - len(t.replace("...", "")) if "..." in t else 0
        for t, s in zip(terms, shapes, strict=True)
    ]
    dots = "".join(spare[: max(extra, default=0)])
    terms = [
        t.replace("...", dots[len(dots) - n :] if n else "")
        for t, n in zip(terms, extra, strict=True)
    ]
    _sizes(terms, shapes, strict=False)
    if arrow:
        return terms, result.replace("...", dots)
    letters = "".join(terms)
    free = sorted(a for a in set(letters) - set(dots) if letters.count(a) == 1)
    return terms, dots + "".join(free)


def einsum(subscripts: str, *xs: Array, **options: Any) -> Array:
    """``np.einsum`` for traced values; ``optimize`` is always on."""
    if set(options) - {"optimize"} or type(subscripts) is not str:
        raise TraceError(
            "einsum of traced values takes a string of subscripts, arrays, and no option but"
            " optimize"
        )
    arrays = [as_operand(x) for x in xs]
    terms, result = _explicit(subscripts, [shape_of(x) for x in arrays])
    for i, term in enumerate(terms):
        arrays[i], terms[i] = _without_ones(arrays[i], term, arrays, terms)
    product = bind(einsum_p, arrays, {"terms": tuple(terms), "result": result})
    if len(xs) != 1 or sorted(set(terms[0])) != sorted(result) or arrays[0] is not xs[0]:
        return product
    return _einsum_view(product, arrays[0], terms[0], result)


def _einsum_view(product: Array, x: Array, term: str, result: str) -> Array:
    """Without a sum ``np.einsum`` gives a view: axes in another order, or a diagonal."""
    shape, size = shape_of(x), type_of(x).size

    def undo(parent: Array, child: Array) -> Array:
        places = np.einsum(f"{term}->{result}", np.arange(size).reshape(shape)).reshape(-1)
        line, part = reshape(parent, shape=(size,)), reshape(child, shape=(places.size,))
        return reshape(setitem(line, part, places, index=(Slot(0),)), shape=shape)

    params = {"terms": (term,), "result": result}
    return view(product, x, redo=lambda parent: bind(einsum_p, [parent], params), undo=undo)


def _without_ones(
    x: Array, term: str, arrays: Sequence[Array], terms: Sequence[str]
) -> tuple[Array, str]:
    """Drop axes of length one that NumPy would broadcast against longer ones of the same letter."""
    shape = shape_of(x)
    longest = {
        letter: max(
            n
            for t, y in zip(terms, arrays, strict=True)
            for a, n in zip(t, shape_of(y), strict=False)
            if a == letter
        )
        for letter in set(term)
    }
    keep = [n != 1 or longest[a] == 1 for a, n in zip(term, shape, strict=False)]
    if len(term) != len(shape) or all(keep):
        return x, term
    kept_shape = tuple(n for n, k in zip(shape, keep, strict=True) if k)
    return reshape(x, shape=kept_shape), "".join(a for a, k in zip(term, keep, strict=True) if k)


# ---- compositions --------------------------------------------------------------------------------


def tensordot(x: Array, y: Array, axes: Any = 2) -> Array:
    """``np.tensordot``: sum over pairs of axes, as one product of matrices."""
    x, y = as_operand(x), as_operand(y)
    n_x, n_y = len(shape_of(x)), len(shape_of(y))
    if isinstance(axes, (int, np.integer)):
        count = operator.index(cast("Any", axes))
        axes_x, axes_y = tuple(range(n_x - count, n_x)), tuple(range(count))
    else:
        axes_x, axes_y = (
            tuple(axis_of(i, n) for i in np.atleast_1d(a))
            for a, n in zip(axes, (n_x, n_y), strict=True)
        )
    summed_x, summed_y = ([shape_of(v)[a] for a in ax] for v, ax in ((x, axes_x), (y, axes_y)))
    if summed_x != summed_y:
        raise ShapeError(
            f"tensordot: axes {axes_x} of shape {shape_of(x)} and axes {axes_y} of shape"
            f" {shape_of(y)} differ in length"
        )
    free_x = [a for a in range(n_x) if a not in axes_x]
    free_y = [a for a in range(n_y) if a not in axes_y]
    rows, columns = [shape_of(x)[a] for a in free_x], [shape_of(y)[a] for a in free_y]
    inner = math.prod(summed_x)
    left = reshape(transpose(x, order=(*free_x, *axes_x)), shape=(math.prod(rows), inner))
    right = reshape(transpose(y, order=(*axes_y, *free_y)), shape=(inner, math.prod(columns)))
    return reshape(left @ right, shape=(*rows, *columns))


def dot(x: Array, y: Array) -> Array:
    """``np.dot``: the product of matrices; of scalars the plain product."""
    x, y = as_operand(x), as_operand(y)
    n_x, n_y = len(shape_of(x)), len(shape_of(y))
    if n_x == 0 or n_y == 0:
        return x * y
    if n_y <= 2 and n_x <= 2:
        return matmul(x, y)
    return tensordot(x, y, ([n_x - 1], [max(n_y - 2, 0)]))


def inner(x: Array, y: Array) -> Array:
    """``np.inner``: sum over the last axes of both."""
    x, y = as_operand(x), as_operand(y)
    if not shape_of(x) or not shape_of(y):
        return x * y
    if len(shape_of(x)) == len(shape_of(y)) == 1:
        return matmul(x, y)
    return tensordot(x, y, ([-1], [-1]))


def vdot(x: Array, y: Array) -> Array:
    """``np.vdot``: the sum of ``conj(x) * y`` over all entries."""
    x, y = (as_operand(v) for v in (x, y))
    x, y = (reshape(v, shape=(math.prod(shape_of(v)),)) for v in (x, y))
    return matmul(conj(x) if type_of(x).dtype.kind == "c" else x, y)


def outer(x: Array, y: Array) -> Array:
    """``np.outer``: all products of an entry of ``x`` with an entry of ``y``."""
    x, y = as_operand(x), as_operand(y)
    column = reshape(x, shape=(math.prod(shape_of(x)), 1))
    return column * reshape(y, shape=(1, math.prod(shape_of(y))))


NUMPY[np.einsum] = einsum
NUMPY[np.tensordot] = tensordot
NUMPY[np.dot] = dot
NUMPY[np.inner] = inner
NUMPY[np.vdot] = vdot
NUMPY[np.outer] = outer
