"""The rules of products of arrays: an entry of a product depends on what is multiplied into it.

``matmul`` is read as an ``einsum``. Where the other factors are constants, their zeros count: the
product with a constant band matrix has the pattern of the band. Enter the rules by importing this
module; ``rules.py`` has the others.
"""

from __future__ import annotations

from collections.abc import Sequence
from math import prod
from string import ascii_letters
from typing import Any

import numpy as np

from chainrule.ops.convolution import VALID
from chainrule.sparse.dependence import (
    LARGEST,
    Rows,
    gathered,
    linked,
    places,
    pooled,
    stretched,
    union,
)
from chainrule.sparse.rules import Step, anything, rule

Array = Any


@rule("matmul")
def matrix_product(step: Step) -> Rows | None:
    """``out[..., i, j]`` depends on row i of the left and on column j of the right factor."""
    return _matmul(step.rows, step.shapes, step.values, step.shape)


@rule("subtract_product")
def subtracted_product(step: Step) -> Rows | None:
    """``w - s * (x @ y)``: all of it."""
    w, s, *factors = step.rows
    moved = _matmul(factors, step.shapes[2:], step.values[2:], step.shape)
    return union([w, stretched(s, step.shapes[1], step.shape), moved])


@rule("einsum")
def summed_products(step: Step) -> Rows | None:
    """``out`` at its letters depends on each factor at the same letters, and at all of the rest."""
    return _einsum(step.rows, step.shapes, step.values, step.params["terms"], step.params["result"])


def _matmul(
    rows: Sequence[Rows | None], shapes: Sequence[Any], values: Sequence[Any], out: Any
) -> Rows | None:
    left, right = shapes
    kept = max(len(left), len(right)) - 2
    batch = ascii_letters[3 : 3 + max(kept, 0)]
    terms = ("c" if len(left) == 1 else f"{batch}ac", "c" if len(right) == 1 else f"{batch}cb")
    result = batch + ("a" if len(left) > 1 else "") + ("b" if len(right) > 1 else "")
    stack = out[: len(batch)]
    full = [s if len(s) == 1 else (*stack, *s[-2:]) for s in shapes]
    rows = [
        stretched(r, (1,) * (len(f) - len(s)) + s, f)
        for r, s, f in zip(rows, shapes, full, strict=True)
    ]
    values = [
        None if v is None else np.broadcast_to(v, f) for v, f in zip(values, full, strict=True)
    ]
    return _einsum(rows, full, values, terms, result)


def _einsum(
    rows: Sequence[Rows | None], shapes: Sequence[Any], values: Sequence[Any],
    terms: Sequence[str], result: str,
) -> Rows | None:  # fmt: skip
    sizes = {
        a: n for term, shape in zip(terms, shapes, strict=True)
        for a, n in zip(term, shape, strict=True)
    }  # fmt: skip
    parts: list[Rows | None] = []
    for i, part in enumerate(rows):
        if part is None:
            continue
        term = "".join(dict.fromkeys(terms[i]))
        if term != terms[i]:  # a letter that stands twice takes a diagonal
            part = gathered(part, np.einsum(f"{terms[i]}->{term}", places(shapes[i])))
        constants = [
            (t, v) for j, (t, v) in enumerate(zip(terms, values, strict=True))
            if j != i and v is not None and not np.all(v)
        ]  # fmt: skip
        support = _support(constants, term, result, sizes)
        if support is None:
            parts.append(_through(part, term, result, sizes))
        else:
            parts.append(linked(part, *support, prod(sizes[a] for a in result)))
    return union(parts)


def _through(rows: Rows | None, term: str, result: str, sizes: dict[str, int]) -> Rows | None:
    """The union over the letters that the result does not have, spread over those it has more."""
    shape = tuple(sizes[a] for a in term)
    rows = pooled(rows, shape, [k for k, a in enumerate(term) if a not in result])
    if rows is None:
        return None
    short = tuple(sizes[a] for a in term if a in result)
    letters = [a for a in term if a in result]
    order = [letters.index(a) for a in result if a in letters]
    numbers = places(short).transpose(order)
    spread = numbers.reshape([sizes[a] if a in letters else 1 for a in result])
    return gathered(rows, np.broadcast_to(spread, [sizes[a] for a in result]))


def _support(
    constants: Sequence[tuple[str, Array]], term: str, result: str, sizes: dict[str, int]
) -> tuple[Array, Array] | None:
    """Pairs of entries of the result and of a factor whose constant cofactor is not zero.

    None if no constant has a zero, or if there are too many pairs to write down.
    """
    if not constants:
        return None
    letters, value = min(constants, key=lambda c: np.count_nonzero(c[1]))
    at = dict(zip(letters, np.nonzero(value), strict=True))
    for a, where in zip(letters, np.nonzero(value), strict=True):
        if np.any(at[a] != where):  # a repeated letter: entries off the diagonal are not read
            return None
    rest = [a for a in dict.fromkeys(term + result) if a not in at]
    lengths = [sizes[a] for a in rest]
    if not at or len(at[letters[0]]) * prod(lengths) > LARGEST // 8:
        return None
    grid = np.indices(lengths).reshape(len(rest), prod(lengths))
    coordinates = {a: where[:, None] for a, where in at.items()}
    coordinates |= {a: axis[None, :] for a, axis in zip(rest, grid, strict=True)}

    def numbers(part: str) -> Array:
        shape = tuple(sizes[a] for a in part)
        pair = (len(at[letters[0]]), grid.shape[1])
        where = tuple(np.broadcast_to(coordinates[a], pair) for a in part)
        return np.ravel_multi_index(where, shape) if part else np.zeros(pair, np.intp)

    return numbers(result), numbers(term)


@rule("convolve")
def convolved(step: Step) -> Rows | None:
    """``out`` at the sum of two places depends on both, but for constant zeros."""
    rank, shapes = step.params["rank"], [*step.shapes, step.shape]
    (a, v, out), stack = [s[-rank:] for s in shapes], prod(step.shape[:-rank])
    if prod(step.shapes[0]) * prod(v) > LARGEST:
        return anything(step)
    begin = np.subtract(v, 1) if step.params["mode"] == VALID else np.zeros(rank, np.intp)
    first, second = (np.indices(n).reshape(rank, -1) for n in (a, v))
    sums = first[:, :, None] + second[:, None, :] - begin[:, None, None]
    inside = np.all((sums >= 0) & (sums < np.reshape(out, (-1, 1, 1))), axis=0)
    examples = np.arange(stack)[:, None]
    to = np.ravel_multi_index(tuple(sums[:, inside]), out) + examples * prod(out)
    of = [p + examples * prod(n) for p, n in zip(np.nonzero(inside), (a, v), strict=True)]
    parts: list[Rows | None] = []
    for rows, mine, other, factor in zip(step.rows, of, of[::-1], step.values[::-1], strict=True):
        counts = slice(None) if factor is None else np.ravel(factor)[other] != 0
        parts.append(linked(rows, to[counts], mine[counts], prod(step.shape)))
    return union(parts)
