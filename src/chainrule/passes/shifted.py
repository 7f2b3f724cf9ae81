"""Exponentials and their sum, both divided by the largest: what ``log(sum(exp(x)))`` is made of."""

from __future__ import annotations

from dataclasses import dataclass

from chainrule.core.graph import Equation
from chainrule.ops.elementwise import isfinite, select, stop_gradient, sub
from chainrule.ops.exponentials import exp
from chainrule.ops.reductions import kept_shape, max_p, sum_p
from chainrule.ops.shaping import reshape
from chainrule.passes.factors import Shape
from chainrule.passes.literals import scalar
from chainrule.passes.rewriting import Operand, Rewriting


@dataclass(frozen=True)
class Shifted:
    """``exp(x - m)`` and its sum, where m is the largest x along the axes of the sum.

    m and x - m have their places in the graph; m is a constant to derivatives, and 0 where the
    largest x is infinite or NaN.
    """

    largest: Operand
    away: Operand
    entries: Operand
    total: Operand
    along: Shape


def shifted(rewriting: Rewriting, total: Operand) -> Shifted | None:
    """The shifted form of ``sum(exp(x))``; None for other sums, or if x is shifted already."""
    reduction = rewriting.maker(total, "sum")
    power = None if reduction is None else rewriting.maker(reduction.inputs[0], "exp")
    if reduction is None or power is None or total.type.dtype.kind != "f":
        return None
    (x,) = power.inputs
    axes: Shape = reduction.params["axes"]
    lengths = [x.type.shape[i] for i in axes]
    if 0 in x.type.shape or max(lengths, default=1) == 1 or _is_shifted(rewriting, x):
        return None
    along = kept_shape(x.type.shape, axes)
    top = rewriting.apply(reshape, rewriting.apply(max_p, x, axes=axes), shape=along)
    fixed = rewriting.apply(stop_gradient, top)
    finite = rewriting.apply(isfinite, fixed)
    largest = rewriting.apply(select, finite, fixed, scalar(0, top.type.dtype))
    away = rewriting.apply(sub, x, largest)
    entries = rewriting.apply(exp, away)
    return Shifted(largest, away, entries, rewriting.apply(sum_p, entries, axes=axes), along)


def _is_shifted(rewriting: Rewriting, x: Operand) -> bool:
    """Whether x is a difference to its largest entries, as careful users write it."""
    difference = rewriting.maker(x, "sub")
    if difference is None:
        return False
    top = difference.inputs[1]
    while (made := rewriting.maker(top, *_CARRY_MAX)) is not None:
        top = made.inputs[1 if made.primitive is select else 0]
    made = rewriting.maker(top, "max")
    return made is not None and made.inputs[0] is difference.inputs[0]


_CARRY_MAX = ("reshape", "broadcast_to", "getitem", "stop_gradient", "select", "convert")


@dataclass(frozen=True)
class Reshaped:
    """A value that is another in other shapes: the root, and the equations from it in order."""

    root: Operand
    steps: tuple[Equation, ...]

    @classmethod
    def of(cls, rewriting: Rewriting, x: Operand) -> Reshaped:
        """Back through reshapes and broadcasts."""
        steps: list[Equation] = []
        while (made := rewriting.maker(x, "reshape", "broadcast_to")) is not None:
            steps.insert(0, made)
            (x,) = made.inputs
        return cls(x, tuple(steps))

    def again(self, rewriting: Rewriting, x: Operand) -> Operand:
        """Another root in the same shapes."""
        for step in self.steps:
            x = rewriting.apply(step.primitive, x, **step.params)
        return x
