"""Compositions that networks are made of: softplus, softmax, ReLU and Huber's function."""

from __future__ import annotations

from chainrule.ops.define import Array
from chainrule.ops.elementwise import absolute, select
from chainrule.ops.exponentials import exp, log
from chainrule.ops.powers import square
from chainrule.ops.reductions import expanded_max, reduce_sum
from chainrule.ops.special.logistic import log_expit


def softplus(x: Array) -> Array:
    """``log(1 + exp(x))`` without overflow: ``-log_expit(-x)``; its derivative is ``expit(x)``."""
    return -log_expit(-x)


def log_softmax(x: Array, axis: int = -1) -> Array:
    """``x - log(sum(exp(x)))`` along an axis, shifted by the maximum so that nothing overflows."""
    shifted = x - expanded_max(x, axis)
    return shifted - log(reduce_sum(exp(shifted), axis, keepdims=True))


def softmax(x: Array, axis: int = -1) -> Array:
    """``exp(x) / sum(exp(x))`` along an axis, shifted by the maximum so that nothing overflows."""
    weights = exp(x - expanded_max(x, axis))
    return weights / reduce_sum(weights, axis, keepdims=True)


def huber(x: Array, width: float = 1.0) -> Array:
    """``x**2 / 2`` near zero, ``width * (|x| - width / 2)`` beyond ``width`` (Huber, 1964)."""
    size = absolute(x)
    return select(size <= width, 0.5 * square(x), width * (size - 0.5 * width))


def relu(x: Array) -> Array:
    """``max(x, 0)`` with derivative 0 at 0, as is usual for networks."""
    return select(x > 0, x, 0)
