"""``einsum`` as products of two matrices, stacked where a letter stays: what BLAS can do.

Pairs of factors are contracted in the order that ``np.einsum_path`` finds. A letter that stands in
one factor alone and not in the result is summed first, a letter that stands twice in a factor
leaves its diagonal. Letters that both factors have and that stay are axes of the stack.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, cast

import numpy as np

from chainrule.core.trace import shape_of, type_of
from chainrule.ops.define import Array
from chainrule.ops.index import Slot
from chainrule.ops.indexing import getitem
from chainrule.ops.reductions import sum_p
from chainrule.ops.shaping import reshape, transpose

Factor = tuple[Array, str]


def contracted(xs: Sequence[Array], terms: Sequence[str], result: str) -> Array:
    """``np.einsum(",".join(terms) + "->" + result, *xs)`` of arrays of one dtype."""
    factors = list(zip(xs, terms, strict=True))
    for group in _path(xs, terms, result):
        chosen = [factors.pop(i) for i in sorted(group, reverse=True)][::-1]
        first = chosen[0]
        for i, other in enumerate(chosen[1:], start=2):
            rest = [term for _, term in (*factors, *chosen[i:])]
            first = _pair(first, other, set(result).union(*rest))
        factors.append(first)
    (last,) = factors
    x, term = _reduced(last, set(result))
    return transpose(x, order=tuple(term.index(a) for a in result))


def _path(xs: Sequence[Array], terms: Sequence[str], result: str) -> list[tuple[int, ...]]:
    models = [np.broadcast_to(np.empty(()), shape_of(x)) for x in xs]
    subscripts = f"{','.join(terms)}->{result}"
    path = cast("Any", np.einsum_path(subscripts, *models, optimize="greedy"))[0]
    return list(path[1:])


def _reduced(factor: Factor, needed: set[str]) -> Factor:
    """A factor without repeated letters and without those that nobody else needs."""
    x, term = factor
    for letter in dict.fromkeys(term):
        while term.count(letter) > 1:
            x, term = _diagonal(x, term, letter)
    alone = tuple(i for i, letter in enumerate(term) if letter not in needed)
    if alone:
        x = sum_p(x, axes=alone)
        term = "".join(letter for letter in term if letter in needed)
    return x, term


def _diagonal(x: Array, term: str, letter: str) -> Factor:
    i = term.index(letter)
    j = term.index(letter, i + 1)
    others = [k for k in range(len(term)) if k not in (i, j)]
    places = np.arange(shape_of(x)[i])
    turned = transpose(x, order=(i, j, *others))
    taken = getitem(turned, places, places, index=(Slot(0), Slot(1)))
    return taken, letter + "".join(term[k] for k in others)


def _pair(left: Factor, right: Factor, needed: set[str]) -> Factor:
    """Two factors as one, with the letters that are still needed."""
    x, s = _reduced(left, needed | set(right[1]))
    y, t = _reduced(right, needed | set(left[1]))
    both = [a for a in s if a in t]
    stack, summed = [a for a in both if a in needed], [a for a in both if a not in needed]
    rows, columns = [a for a in s if a not in t], [a for a in t if a not in s]
    kept = "".join((*stack, *rows, *columns))
    one_entry_each = bool(stack) and not rows and not columns
    if not summed or one_entry_each or type_of(x).dtype.kind != "f":
        letters = [*kept, *summed]
        product = _spread(x, s, letters) * _spread(y, t, letters)
        axes = tuple(range(len(kept), len(letters)))
        return (sum_p(product, axes=axes) if summed else product), kept
    n = [shape_of(x)[s.index(a)] for a in stack]
    a = _matrix(x, s, stack, rows, summed)
    b = _matrix(y, t, stack, summed, columns)
    m = [shape_of(x)[s.index(a)] for a in rows] + [shape_of(y)[t.index(a)] for a in columns]
    return reshape(a @ b, shape=(*n, *m)), kept


def _spread(x: Array, term: str, letters: Sequence[str]) -> Array:
    """With its axes in the order of ``letters`` and axes of length one for those it has not."""
    order = [a for a in letters if a in term]
    turned = transpose(x, order=tuple(term.index(a) for a in order))
    sizes = dict(zip(term, shape_of(x), strict=True))
    return reshape(turned, shape=tuple(sizes.get(a, 1) for a in letters))


def _matrix(
    x: Array, term: str, stack: Sequence[str], rows: Sequence[str], columns: Sequence[str]
) -> Array:
    """A stack of matrices whose rows and columns run over several letters each."""
    sizes = dict(zip(term, shape_of(x), strict=True))
    turned = transpose(x, order=tuple(term.index(a) for a in (*stack, *rows, *columns)))
    count = [int(np.prod([sizes[a] for a in group])) for group in (rows, columns)]
    return reshape(turned, shape=(*(sizes[a] for a in stack), *count))
