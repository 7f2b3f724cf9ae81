"""Literals seen as numbers: an array of equal entries is its one number, repeated.

Cotangents of sums, ``np.ones_like`` and shapes filled with a constant are such arrays; they are
printed as ``<float64[3]>`` and read as a number by the rules of the passes.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from chainrule.core.graph import ArrayType, Literal
from chainrule.core.trace import TracedValue

Number = bool | int | float | complex
_PROBES = 16  # entries at the front that are looked at before all are


def is_known(x: object) -> bool:
    """Whether ``x`` is a literal whose value is at hand, and not a traced value of outside."""
    return isinstance(x, Literal) and not isinstance(x.value, TracedValue)


def uniform(x: Literal) -> Number | None:
    """The number that all entries of a literal are, to the bit; None if there is none.

    NaN is no number, and zeros of both signs are not the same.

    >>> uniform(array_literal(np.ones((2, 3)))), uniform(array_literal(np.array([0.0, -0.0])))
    (1.0, None)
    """
    if not is_known(x) or x.type.dtype.kind not in "biufc" or x.type.size == 0:
        return None
    value = np.asarray(x.value)
    first = value[(0,) * value.ndim]
    if value.ndim and any(value.strides):
        if not _all_are(value.ravel()[:_PROBES] if value.flags.c_contiguous else value, first):
            return None
        if not _all_are(value, first):
            return None
    number = first.item()
    return number if number == number else None


def _all_are(value: Any, first: Any) -> bool:
    if not bool(np.all(value == first)):
        return False
    if first != 0 or value.dtype.kind not in "fc":
        return True
    return all(
        bool(np.all(np.signbit(part) == np.signbit(one)))
        for part, one in ((value.real, first.real), (value.imag, first.imag))
    )


def array_literal(value: Any) -> Literal:
    """An array or NumPy number as a literal."""
    return Literal(value, ArrayType(value.shape, value.dtype))


def scalar(number: Number, dtype: np.dtype[Any]) -> Literal:
    """A number as a literal of a dtype."""
    return array_literal(dtype.type(number))


def like(x: Literal, number: Number) -> Literal:
    """Another number in place of a literal: a Python number stays one, an array becomes a scalar.

    >>> like(array_literal(np.ones(3, np.float32)), -1.0).type
    float32
    """
    if x.type.weak:
        return Literal(number, ArrayType((), np.dtype(type(number)), weak=True))
    return scalar(number, x.type.dtype)
