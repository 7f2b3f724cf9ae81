"""Derivatives of forms that overflow: a factor that vanishes times one that overflows.

Both are replaced by what their product can be computed of: ``expit(-x) * exp(x)`` is ``expit(x)``.
Rules for products, entered in the table of ``stabilise.py``. The factor is looked for by
``factors.py``.
"""

from __future__ import annotations

from chainrule.core.graph import Equation
from chainrule.ops.elementwise import div, mul, neg, sub
from chainrule.ops.exponentials import expit
from chainrule.passes.factors import Leaf, Replaced, Shape, replaced, same_axes
from chainrule.passes.forms import are_opposite, argument, below_one
from chainrule.passes.literals import scalar
from chainrule.passes.rewriting import Operand, Rewriting
from chainrule.passes.shifted import Reshaped, Shifted, shifted


def _with_factor(rewriting: Rewriting, t: Operand, leaf: Leaf, along: Shape) -> Operand | None:
    """``t`` with the leaf's factor replaced, if that differs along the axes of ``along``."""
    found = replaced(rewriting, t, leaf)
    return found.value if found is not None and same_axes(found.along, along) else None


def times_exponential(rewriting: Rewriting, equation: Equation) -> Operand | None:
    """``t * exp(x)`` where t has a factor that vanishes as exp(x) overflows."""
    for t, e in (equation.inputs, equation.inputs[::-1]):
        x = argument(rewriting, e, "exp")
        if x is None:
            continue
        for rule in (_times_sigmoid, _times_share, _times_quotient):
            found = rule(rewriting, t, e, x)
            if found is not None:
                return rewriting.fit(found, equation.outputs[0].type)
        both = _times_softmax(rewriting, t, e)
        if both is not None:
            return rewriting.apply(equation.primitive, *both)
    return None


def _times_sigmoid(rewriting: Rewriting, t: Operand, e: Operand, x: Operand) -> Operand | None:
    """``expit(-x) * exp(x) -> expit(x)``: from ``log(1 + exp(x))`` and ``1 / (1 + exp(x))``."""

    def leaf(factor: Operand) -> Replaced | None:
        z = argument(rewriting, factor, "expit")
        if z is None or not are_opposite(rewriting, z, x):
            return None
        return Replaced(rewriting.apply(expit, x), e.type.shape)

    return _with_factor(rewriting, t, leaf, e.type.shape)


def _times_share(rewriting: Rewriting, t: Operand, e: Operand, x: Operand) -> Operand | None:
    """``a / (exp(x) + exp(y)) * exp(x) -> a * expit(x - y)``: from ``log(exp(x) + exp(y))``."""

    def leaf(factor: Operand) -> Replaced | None:
        quotient = rewriting.maker(factor, "div")
        both = None if quotient is None else rewriting.maker(quotient.inputs[1], "add")
        if quotient is None or both is None or e not in both.inputs:
            return None
        y = argument(rewriting, both.inputs[1 if both.inputs[0] is e else 0], "exp")
        if y is None or y.type.shape != x.type.shape:
            return None
        share = rewriting.apply(expit, rewriting.apply(sub, x, y))
        return Replaced(rewriting.apply(mul, quotient.inputs[0], share), e.type.shape)

    return _with_factor(rewriting, t, leaf, e.type.shape)


def _times_softmax(rewriting: Rewriting, t: Operand, e: Operand) -> tuple[Operand, Operand] | None:
    """``1 / sum(exp(x)) * exp(x)``, both shifted: from ``log(sum(exp(x)))`` and the softmax."""
    parts: list[Shifted] = []

    def leaf(factor: Operand) -> Replaced | None:
        quotient = rewriting.maker(factor, "div")
        if quotient is None:
            return None
        above, below = quotient.inputs
        form = Reshaped.of(rewriting, below)
        total = rewriting.maker(form.root, "sum")
        part = shifted(rewriting, form.root) if total and total.inputs[0] is e else None
        if part is None:
            return None
        parts.append(part)
        value = rewriting.apply(div, above, form.again(rewriting, part.total))
        return Replaced(value, below.type.shape)

    found = replaced(rewriting, t, leaf)
    if found is None or any(not same_axes(found.along, part.along) for part in parts):
        return None
    return found.value, parts[0].entries


def _times_quotient(rewriting: Rewriting, t: Operand, e: Operand, _x: Operand) -> Operand | None:
    """``(a / exp(x)) * exp(x) -> a`` and ``(a / (exp(x) / s)) * exp(x) -> a * s``.

    From the logarithms of exponential and softmax.
    """

    def leaf(factor: Operand) -> Replaced | None:
        outer = rewriting.maker(factor, "div")
        if outer is None:
            return None
        above, below = outer.inputs
        if below is e:
            return Replaced(above, e.type.shape)
        inner = rewriting.maker(below, "div")
        if inner is None or inner.inputs[0] is not e:
            return None
        return Replaced(rewriting.apply(mul, above, inner.inputs[1]), e.type.shape)

    return _with_factor(rewriting, t, leaf, e.type.shape)


def times_reciprocal(rewriting: Rewriting, equation: Equation) -> Operand | None:
    """``(a / s) * (s * b) -> a * b`` and ``(a / s) * (s / b) -> a / b``, where s is above 0.

    It is if it is ``expit(x)`` or a softmax; ``1 / s`` may be written as ``1 / (1 - expit(-x))``.
    """
    for t, product in (equation.inputs, equation.inputs[::-1]):
        sign = rewriting.maker(product, "neg")
        made = rewriting.maker(product if sign is None else sign.inputs[0], "mul", "div")
        if made is None:
            continue
        for place, s in enumerate(made.inputs if made.primitive is mul else made.inputs[:1]):
            leaf = _reciprocal(rewriting, s)
            found = None if leaf is None else _with_factor(rewriting, t, leaf, s.type.shape)
            if found is not None:
                other = made.inputs[1 - place]
                if made.primitive is div:
                    other = rewriting.apply(div, scalar(1, other.type.dtype), other)
                rest = rewriting.apply(equation.primitive, found, other)
                return rest if sign is None else rewriting.apply(neg, rest)
    return None


def _reciprocal(rewriting: Rewriting, s: Operand) -> Leaf | None:
    """What takes ``a / s`` for ``a``; None if s may be 0 other than by underflow."""
    x = argument(rewriting, s, "expit")
    share = rewriting.maker(s, "div")
    if x is None and (share is None or argument(rewriting, share.inputs[0], "exp") is None):
        return None

    def leaf(factor: Operand) -> Replaced | None:
        quotient = rewriting.maker(factor, "div")
        if quotient is None:
            return None
        above, below = quotient.inputs
        z = None if x is None else below_one(rewriting, below)
        same = below is s or (x is not None and z is not None and are_opposite(rewriting, z, x))
        return Replaced(above, s.type.shape) if same else None

    return leaf
