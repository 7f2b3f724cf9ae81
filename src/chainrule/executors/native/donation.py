"""Donated arrays: which ones a result may really be written into.

A donation is a permission. An array that must not be written into is copied, and the copy takes the
result.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any

import numpy as np

Array = Any


def writable(
    inputs: Sequence[Any], targets: Collection[int], constants: Sequence[Array]
) -> list[Any]:
    """The inputs with a copy in place of each target that must not be written into.

    So it is with arrays that are read-only, not in C order, of a subclass of ndarray (a memory map
    would be written to disk), or share memory with another input or a constant.
    """
    given = list(inputs)
    arrays: list[Array] = [x for x in given if isinstance(x, np.ndarray)]
    views = [x for x in (*arrays, *constants) if x.base is not None]
    alone = len({*map(id, arrays)}) == len(arrays)
    for j in targets:
        x = given[j]
        good = type(x) is np.ndarray and x.flags.c_contiguous and x.flags.writeable
        if not good or not alone or _overlaps(x, arrays, views, constants):
            given[j] = np.array(x, order="C", subok=False)
    return given


def _overlaps(
    x: Array, arrays: Sequence[Array], views: Sequence[Array], constants: Sequence[Array]
) -> bool:
    """Whether memory is shared; arrays that own theirs can share it with views alone."""
    if x.base is None:
        return any(np.may_share_memory(x, y) for y in views) or any(x is y for y in constants)
    others = (*(y for y in arrays if y is not x), *constants)
    return any(np.may_share_memory(x, y) for y in others)
