"""A factor deep inside of a product replaced by another: how derivatives of forms that overflow are
made stable.

The derivative of ``log(sum(exp(x)))`` comes out as ``(ct * (1 / s)) * e`` with e = exp(x) and s =
sum(e), which is 0 * inf where x is large. :func:`replaced` finds the factor 1 / s inside of the
first operand, through products, signs, shapes, sums of terms that all have it and reductions along
which it is the same. ``stabilise.py`` has the rules that use it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from chainrule.core.graph import Equation
from chainrule.ops.reductions import sum_p
from chainrule.passes.rewriting import Operand, Rewriting

Shape = tuple[int, ...]
_DEEPEST = 8
_PRODUCTS = ("mul", "mul_or_zero", "neg", "broadcast_to", "div")


@dataclass(frozen=True)
class Replaced:
    """A value with one factor replaced, and the shape along which new over old differs."""

    value: Operand
    along: Shape


Leaf = Callable[[Operand], Replaced | None]


def replaced(rewriting: Rewriting, x: Operand, leaf: Leaf, depth: int = 0) -> Replaced | None:
    """``x`` with the factor for which ``leaf`` knows another in its place; None if it has none."""
    found = leaf(x)
    if found is not None or depth == _DEEPEST:
        return found

    def inside(operand: Operand) -> Replaced | None:
        return replaced(rewriting, operand, leaf, depth + 1)

    equation = rewriting.maker(x, *_PRODUCTS)
    if equation is not None:
        return _in_product(rewriting, equation, inside)
    equation = rewriting.maker(x, "add", "sub")
    if equation is not None:
        return _in_terms(rewriting, equation, inside)
    equation = rewriting.maker(x, "reshape", "sum")
    if equation is None:
        return None
    found = inside(equation.inputs[0])
    return None if found is None else _in_shape(rewriting, equation, found)


def _in_product(rewriting: Rewriting, equation: Equation, inside: Leaf) -> Replaced | None:
    """The first operand that has the factor; a divisor is none."""
    operands = list(equation.inputs)
    last = 1 if equation.primitive.name == "div" else len(operands)
    for place, x in enumerate(operands[:last]):
        found = inside(x)
        if found is not None:
            operands[place] = found.value
            value = rewriting.apply(equation.primitive, *operands, **equation.params)
            return Replaced(value, found.along)
    return None


def _in_terms(rewriting: Rewriting, equation: Equation, inside: Leaf) -> Replaced | None:
    """Both terms must have the factor, along the same axes."""
    left = inside(equation.inputs[0])
    right = None if left is None else inside(equation.inputs[1])
    if left is None or right is None or not same_axes(left.along, right.along):
        return None
    return Replaced(rewriting.apply(equation.primitive, left.value, right.value), left.along)


def _in_shape(rewriting: Rewriting, equation: Equation, found: Replaced) -> Replaced | None:
    """A sum must not run along the factor's axes; after a reshape it is taken to have all axes."""
    if equation.primitive.name == "reshape":
        value = rewriting.apply(equation.primitive, found.value, **equation.params)
        single = all(n == 1 for n in found.along)
        return Replaced(value, () if single else value.type.shape)
    along = padded(found.along, equation.inputs[0].type.ndim)
    axes: Shape = equation.params["axes"]
    if any(along[i] != 1 for i in axes):
        return None
    left = tuple(n for i, n in enumerate(along) if i not in axes)
    return Replaced(rewriting.apply(sum_p, found.value, axes=axes), left)


def padded(shape: Shape, ndim: int) -> Shape:
    """A shape with axes of length one in front."""
    return (*(1,) * (ndim - len(shape)), *shape)


def same_axes(a: Shape, b: Shape) -> bool:
    """Whether two shapes are the same but for leading axes of length one."""
    ndim = max(len(a), len(b))
    return padded(a, ndim) == padded(b, ndim)
