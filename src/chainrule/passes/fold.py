"""Constant folding: what depends on no input is computed once, by the interpreter.

Results are bounded in size, so that no constant is put into memory that was a number before. What
raises or warns is left to run time: folding it would move the error or lose the warning. Equal
entries stay one number: an elementwise function of arrays that each repeat one number is computed
of one entry.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, cast

import numpy as np

from chainrule.core.graph import Equation, Graph, Literal, Var
from chainrule.core.interpreter import evaluate
from chainrule.core.primitive import NUMPY, Primitive
from chainrule.core.trace import type_of
from chainrule.ops.elementwise import copied
from chainrule.ops.shaping import broadcast_to
from chainrule.passes.literals import array_literal, is_known
from chainrule.passes.rewriting import Operand, Rewriting

LARGEST = 1 << 12
"""Entries of a result that may become a constant."""

ELEMENTWISE = frozenset(
    meaning.name
    for function, meaning in NUMPY.items()
    if isinstance(function, np.ufunc)
    and function.signature is None
    and isinstance(meaning, Primitive)
) | {"mul_or_zero", "select", "convert", "convert_to_discrete", "copy"}
"""Primitives that compute each entry of the result from entries of the operands alone."""


def fold_constants(graph: Graph) -> Graph:
    """The same graph with constants in place of equations of constants.

    >>> import numpy as np, chainrule as cr
    >>> graph = cr.trace(lambda x: x * (np.ones_like(x) * 2) ** 3)(np.zeros(2))
    >>> print(graph)
    graph(a: float64[2])
      b: float64[2] = copy <float64[2]>
      c: float64[2] = mul b 2
      d: float64[2] = pow c 3
      e: float64[2] = mul a d
      return e
    >>> print(fold_constants(graph))
    graph(a: float64[2])
      b: float64[2] = mul a <float64[2]>
      return b
    """
    return Rewriting(graph, lambda _primitive: (_folded,)).run()


def _folded(rewriting: Rewriting, equation: Equation) -> Operand | None:
    inputs = [_constant(rewriting, x) for x in equation.inputs]
    if not all(map(is_known, inputs)):
        return None
    (out,), literals = equation.outputs, cast("Sequence[Literal]", inputs)
    if equation.primitive is copied:
        return equation.inputs[0]
    alike = equation.primitive.name in ELEMENTWISE and out.type.shape
    if alike and all(rewriting.number(x) is not None for x in literals):
        return _repeated(rewriting, equation, literals)
    if out.type.size > LARGEST or list(equation.inputs) != inputs:
        return None
    found = _value(equation, [x.value for x in literals])
    return None if found is None else Literal(found, type_of(found))


def _constant(rewriting: Rewriting, x: Operand) -> Operand:
    """The number of which ``x`` is a repetition, if it is one."""
    made = rewriting.maker(x, "broadcast_to")
    return made.inputs[0] if made is not None and made.inputs[0].type.shape == () else x


def _repeated(
    rewriting: Rewriting, equation: Equation, literals: Sequence[Literal]
) -> Operand | None:
    """The value at one entry, repeated.

    Computed of arrays with one entry, not of numbers, for which NumPy has other code.
    """
    (out,) = equation.outputs
    one = (1,) * len(out.type.shape)
    entries = [_entry(x, like.type.ndim) for x, like in zip(literals, equation.inputs, strict=True)]
    found = _value(equation, entries)
    if found is None or np.shape(found) not in (one, ()):
        return None
    if out.type.size <= LARGEST:
        return array_literal(np.broadcast_to(found, out.type.shape))
    return rewriting.apply(broadcast_to, array_literal(found.reshape(-1)[0]), shape=out.type.shape)


def _entry(x: Literal, ndim: int) -> Any:
    """The number as an array of one entry, if the operand is an array."""
    if ndim == 0:
        return x.value
    return np.reshape(np.asarray(x.value)[(slice(0, 1),) * x.type.ndim], (1,) * ndim)


def _value(equation: Equation, inputs: Sequence[Any]) -> Any:
    """What the interpreter makes of an equation; None if that raises or would warn."""
    names = tuple(Var(type_of(x)) for x in inputs)
    kept = Equation(equation.primitive, names, equation.outputs, equation.params)
    try:
        with np.errstate(divide="raise", over="raise", invalid="raise"):
            (found,) = evaluate(Graph(names, (kept,), equation.outputs), inputs)
    except (ArithmeticError, ValueError, TypeError, LookupError):
        return None
    return found
