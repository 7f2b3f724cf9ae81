"""Tangents and cotangents at the border to the user: checked coming in, separated going out.

A direction at a value has its shape and dtype. Inside a sweep one array may serve several variables
(a sum passes its cotangent on to both inputs as it is); users may write into what they get, so
results are separated. Rests on ``ops``; ``jvp.py`` and ``vjp.py`` use it.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from chainrule.core.errors import DTypeError, ShapeError
from chainrule.core.trace import TracedValue, renamed, shape_of, type_of
from chainrule.ops.define import Array, as_dtype
from chainrule.ops.elementwise import copied


def checked(direction: Any, value: Array, name: str, partner: str) -> Array:
    """A tangent or cotangent (``name``) of a value (its ``partner``), converted to its dtype."""
    wanted = type_of(value)
    if np.shape(direction) != wanted.shape:
        raise ShapeError(
            f"a {name} has shape {np.shape(direction)}, its {partner} {wanted.shape};"
            " they must agree"
        )
    array = direction if isinstance(direction, TracedValue) else np.asarray(direction)[()]
    kind = type_of(array).dtype.kind
    if kind not in "biufc" or (kind == "c" and wanted.dtype.kind != "c"):
        raise DTypeError(
            f"a {name} of {type_of(array).dtype} does not fit its {partner} of {wanted.dtype}"
        )
    if wanted.weak:
        return array if isinstance(array, TracedValue) else wanted.dtype.type(array).item()
    return as_dtype(array, wanted.dtype)


def separated(results: Sequence[Array], given: Sequence[Array]) -> list[Array]:
    """The results as arrays that share no memory with each other or with what was given."""
    taken = {id(_owner(x)) for x in given}
    own: list[Array] = []
    for x in results:
        if isinstance(x, TracedValue) and id(x) in taken:
            x = copied(x)
        elif type(x) is np.ndarray and (id(_owner(x)) in taken or not x.flags.writeable):
            x = x.copy()
        taken.add(id(_owner(x)))
        own.append(x)
    return own


def copies(values: Sequence[Array]) -> list[Array]:
    """Values of a recording that is walked later, for users, who may write into what they get."""
    return [
        renamed(x) if isinstance(x, TracedValue) else x.copy("K") if type(x) is np.ndarray else x
        for x in values
    ]


def _owner(x: Array) -> Any:
    """The object that owns the memory of an array."""
    return x if type(x) is not np.ndarray or x.base is None else x.base


def or_zeros(directions: Sequence[Array | None], values: Sequence[Array]) -> list[Array]:
    """The directions, with zeros of the values' types in place of None."""
    return [
        np.zeros(shape_of(x), type_of(x).dtype)[()] if direction is None else direction
        for direction, x in zip(directions, values, strict=True)
    ]
