"""Batch rules by kind: how a primitive is computed for many examples at once.

The axis of the examples stands first in every batched input and in the result, so for most
primitives the rule is the primitive itself with its parameters moved by one axis. Inputs that are
the same for all examples stay as they are: a product with one matrix is one product for the whole
batch, not one for each example. See ``core/primitive.py`` for how rules are called.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from chainrule.core.primitive import PRIMITIVES, Rule
from chainrule.core.trace import shape_of

Array = Any
Flags = Sequence[bool]


def core_rank(x: Array, batched: bool) -> int:
    """The number of axes that one example of ``x`` has."""
    return len(shape_of(x)) - batched


def padded(x: Array, batched: bool, rank: int) -> Array:
    """A batched ``x`` with axes of length one after the first, so that examples have ``rank``."""
    missing = rank - core_rank(x, batched)
    if not batched or missing <= 0:
        return x
    size, *rest = shape_of(x)
    return PRIMITIVES["reshape"](x, shape=(size, *(1,) * missing, *rest))


def aligned(batched: Flags, xs: Sequence[Array]) -> list[Array]:
    """Inputs that broadcast against each other as their examples do."""
    rank = max(map(core_rank, xs, batched), default=0)
    return [padded(x, flag, rank) for x, flag in zip(xs, batched, strict=True)]


def with_axis(x: Array, batched: bool, size: int) -> Array:
    """``x`` with the axis of examples; one that is the same for all is repeated, as a view."""
    return x if batched else PRIMITIVES["broadcast_to"](x, shape=(size, *shape_of(x)))


def elementwise(name: str) -> Rule:
    """The rule of a primitive whose inputs broadcast, or of a stack of matrices."""

    def rule(batched: Flags, size: int, *xs: Array, **params: Any) -> Array:
        return PRIMITIVES[name](*aligned(batched, xs), **params)

    return rule


def along_axes(name: str) -> Rule:
    """The rule of a primitive of one input with a parameter ``axis`` or ``axes``."""

    def rule(batched: Flags, size: int, x: Array, **params: Any) -> Array:
        return PRIMITIVES[name](x, **moved(params))

    return rule


def moved(params: dict[str, Any]) -> dict[str, Any]:
    """Parameters that name axes, moved by the axis of the examples."""
    new = dict(params)
    if "axis" in params:
        new["axis"] = params["axis"] + 1
    if "axes" in params:
        new["axes"] = tuple(a + 1 for a in params["axes"])
    return new
