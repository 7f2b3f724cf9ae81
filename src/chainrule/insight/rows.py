"""Examples brought into rows that fit a stack of layers."""

from __future__ import annotations

from typing import Any

import numpy as np

from chainrule.core.errors import DataError
from chainrule.insight.subject import subject_of
from chainrule.nn.examples import as_rows, one_hot_rows
from chainrule.nn.stack import GivenCost, Stack, stack_of

Array = Any


def stack_for(model: Any, params: Any = None, cost: GivenCost = None) -> Stack:
    """The stack of layers that is meant by a model, a result of ``cr.fit`` or a run folder."""
    subject = subject_of(model, params, cost)
    return stack_of(subject.model, subject.params, subject.cost)


def inputs_for(stack: Stack, X: Array) -> Array:
    """Rows of inputs.

    Raises:
        ShapeError: they do not fit the first layer.
        DataError: there are none.
    """
    rows = as_rows(X, stack.sizes[0], stack.dtype, "X")
    if not len(rows):
        raise DataError(f"there are no examples: X has shape {np.shape(X)}; give at least one row")
    return rows


def rows_for(stack: Stack, X: Array, Y: Array) -> tuple[Array, Array]:
    """Rows of inputs and of targets; class numbers become rows with a single 1.

    Raises:
        ShapeError: they do not fit the layers, or each other.
        DataError: there are none.
    """
    rows = inputs_for(stack, X)
    return rows, one_hot_rows(Y, len(rows), stack.sizes[-1], stack.dtype)
