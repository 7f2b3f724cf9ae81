"""Questions that the rules for stable forms ask of a graph: is this an exponential, 1 + y, -x?

Of real floats alone: complex logarithms have a cut.
"""

from __future__ import annotations

from chainrule.ops.elementwise import neg
from chainrule.passes.rewriting import Operand, Rewriting


def negated(rewriting: Rewriting, x: Operand) -> Operand:
    """``-x``, without a second sign where x has one."""
    made = rewriting.maker(x, "neg")
    return rewriting.apply(neg, x) if made is None else made.inputs[0]


def argument(rewriting: Rewriting, x: Operand, function: str) -> Operand | None:
    """x, if the operand is ``function(x)`` of a real float."""
    made = rewriting.maker(x, function)
    return None if made is None or x.type.dtype.kind != "f" else made.inputs[0]


def above_one(rewriting: Rewriting, x: Operand) -> Operand | None:
    """y of 1 + y."""
    made = rewriting.maker(x, "add")
    if made is not None and x.type.dtype.kind == "f":
        for one, y in (made.inputs, made.inputs[::-1]):
            if rewriting.number(one) == 1 and y.type.shape == x.type.shape:
                return y
    return None


def below_one(rewriting: Rewriting, x: Operand) -> Operand | None:
    """z of 1 - expit(z)."""
    made = rewriting.maker(x, "sub")
    if made is None or rewriting.number(made.inputs[0]) != 1:
        return None
    return argument(rewriting, made.inputs[1], "expit")


def are_opposite(rewriting: Rewriting, x: Operand, y: Operand) -> bool:
    """Whether one is the other with its sign changed."""
    pairs = ((rewriting.maker(a, "neg"), b) for a, b in ((x, y), (y, x)))
    return any(made is not None and made.inputs[0] is other for made, other in pairs)
