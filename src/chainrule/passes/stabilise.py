"""Stable forms of what users write plainly: the same value, also where a part would overflow.

``np.log(np.sum(np.exp(x)))`` is inf for x = 1000; its value is 1000. The rules of this pass replace
such forms by ones that give the same result up to rounding wherever the plain form works and the
true one where it overflows, cancels or divides by 0. A compiled function may thus be *better* than
the plain one, in both executors; it is never worse. Derivatives are in the graph as they came out
of the plain form, so the rules of ``cancelling.py`` look for what those leave: a factor that
overflows times one that vanishes.

``RULES`` is the table; ``forms.py`` has the questions that rules ask. Left out, because they cost
more than they give:

* ``sqrt(x*x + y*y) -> hypot``: overflows only beyond 1e154 (1e19 in float32), and hypot is a call
  of libm that keeps the loop around it from being vectorised.
* ``exp(x) - 1 -> expm1(x)`` if the exponential is read elsewhere, as by its derivative: two
  exponentials in place of one.
* ``1 - expit(x) -> expit(-x)`` outside of a logarithm, for the same reason.
* logarithms of quotients but those of ``exp(x) / sum(exp(x))``: the plain one works as well.

Real floats only, but for the last rule: complex logarithms have a cut.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from chainrule.core.graph import Equation, Graph, Literal
from chainrule.core.primitive import Primitive
from chainrule.core.trace import TracedValue
from chainrule.ops.elementwise import add, div, mul, neg, sub
from chainrule.ops.exponentials import expit, expm1, log, log1p
from chainrule.ops.shaping import reshape
from chainrule.ops.special import log_expit, logaddexp
from chainrule.passes.cancelling import times_exponential, times_reciprocal
from chainrule.passes.factors import Replaced, replaced, same_axes
from chainrule.passes.forms import above_one, argument, below_one, negated
from chainrule.passes.rewriting import Operand, Rewriting, Rule
from chainrule.passes.shifted import Reshaped, Shifted, shifted


def stabilise(graph: Graph) -> Graph:
    """The same graph with stable forms in place of plain ones.

    >>> import numpy as np, chainrule as cr
    >>> from chainrule.passes.dce import eliminate_dead_code
    >>> graph = cr.trace(lambda x: np.log(1 + np.exp(x)) + 1 / (1 + np.exp(-x)))(np.ones(3))
    >>> print(graph)
    graph(a: float64[3])
      b: float64[3] = exp a
      c: float64[3] = add 1 b
      d: float64[3] = log c
      e: float64[3] = neg a
      f: float64[3] = exp e
      g: float64[3] = add 1 f
      h: float64[3] = div 1 g
      i: float64[3] = add d h
      return i
    >>> print(eliminate_dead_code(stabilise(graph)))
    graph(a: float64[3])
      b: float64[3] = neg a
      c: float64[3] = log_expit b
      d: float64[3] = neg c
      e: float64[3] = expit a
      f: float64[3] = add d e
      return f
    """
    return Rewriting(graph, _rules_of).run()


def _rules_of(primitive: Primitive) -> Sequence[Rule]:
    return RULES.get(primitive.name, ())


def log_of_exp(rewriting: Rewriting, equation: Equation) -> Operand | None:
    """``log(exp(x)) -> x``."""
    return argument(rewriting, equation.inputs[0], "exp")


def log_of_sigmoid(rewriting: Rewriting, equation: Equation) -> Operand | None:
    """``log(expit(x)) -> log_expit(x)`` and ``log(1 - expit(x)) -> log_expit(-x)``."""
    (x,) = equation.inputs
    z = argument(rewriting, x, "expit")
    if z is not None:
        return rewriting.apply(log_expit, z)
    z = below_one(rewriting, x)
    return None if z is None else rewriting.apply(log_expit, negated(rewriting, z))


def log_of_one_plus(rewriting: Rewriting, equation: Equation) -> Operand | None:
    """``log(1 + exp(x)) -> -log_expit(-x)``, ``log(1 + y) -> log1p(y)``, and so for ``1 - y``."""
    (x,) = equation.inputs
    y = above_one(rewriting, x)
    if y is None:
        made = rewriting.maker(x, "sub")
        if made is None or rewriting.number(made.inputs[0]) != 1 or x.type.dtype.kind != "f":
            return None
        return rewriting.apply(log1p, negated(rewriting, made.inputs[1]))
    z = argument(rewriting, y, "exp")
    if z is None:
        return rewriting.apply(log1p, y)
    return rewriting.apply(neg, rewriting.apply(log_expit, negated(rewriting, z)))


def log_of_two_exps(rewriting: Rewriting, equation: Equation) -> Operand | None:
    """``log(exp(x) + exp(y)) -> logaddexp(x, y)``."""
    made = rewriting.maker(equation.inputs[0], "add")
    if made is None:
        return None
    x, y = (argument(rewriting, term, "exp") for term in made.inputs)
    return None if x is None or y is None else rewriting.apply(logaddexp, x, y)


def log_of_sum_of_exps(rewriting: Rewriting, equation: Equation) -> Operand | None:
    """``log(sum(exp(x))) -> m + log(sum(exp(x - m)))`` with m the largest x."""
    form = Reshaped.of(rewriting, equation.inputs[0])
    part = shifted(rewriting, form.root)
    if part is None:
        return None
    total = rewriting.apply(log, form.again(rewriting, part.total))
    return rewriting.apply(add, _largest(rewriting, part, form), total)


def _largest(rewriting: Rewriting, part: Shifted, form: Reshaped) -> Operand:
    """The largest x in the shapes of the sum."""
    kind = form.root.type
    return form.again(rewriting, rewriting.apply(reshape, part.largest, shape=kind.shape))


def log_of_softmax(rewriting: Rewriting, equation: Equation) -> Operand | None:
    """``log(exp(x) / sum(exp(x))) -> x - log(sum(exp(x)))``; both are shifted by now."""
    quotient = rewriting.maker(equation.inputs[0], "div")
    if quotient is None:
        return None
    above, below = quotient.inputs
    x = argument(rewriting, above, "exp")
    total = rewriting.maker(Reshaped.of(rewriting, below).root, "sum")
    if x is None or total is None or total.inputs[0] is not above:
        return None
    return rewriting.apply(sub, x, rewriting.apply(log, below))


def sigmoid(rewriting: Rewriting, equation: Equation) -> Operand | None:
    """``a / (1 + exp(-x)) -> a * expit(x)`` and ``exp(x) / (1 + exp(x)) -> expit(x)``."""
    above, below = equation.inputs
    y = above_one(rewriting, below)
    z = None if y is None else argument(rewriting, y, "exp")
    if z is None:
        return None
    if above is y:
        return rewriting.apply(expit, z)
    share = rewriting.apply(expit, negated(rewriting, z))
    return share if rewriting.number(above) == 1 else rewriting.apply(mul, above, share)


def softmax(rewriting: Rewriting, equation: Equation) -> Operand | None:
    """``exp(x) / sum(exp(x))``, shifted by the largest x; also of multiples of it."""
    above, below = equation.inputs
    form = Reshaped.of(rewriting, below)
    total = rewriting.maker(form.root, "sum")
    if total is None:
        return None
    part: Shifted | None = None

    def leaf(factor: Operand) -> Replaced | None:
        nonlocal part
        if factor is not total.inputs[0]:
            return None
        part = part or shifted(rewriting, form.root)
        return None if part is None else Replaced(part.entries, part.along)

    found = replaced(rewriting, above, leaf)
    if part is None or found is None or not same_axes(found.along, part.along):
        return None
    if not same_axes(below.type.shape, part.along):
        return None
    return rewriting.apply(div, found.value, form.again(rewriting, part.total))


def exp_minus_one(rewriting: Rewriting, equation: Equation) -> Operand | None:
    """``exp(x) - 1 -> expm1(x)``, if nobody else reads the exponential."""
    x, y = equation.inputs
    terms = ((x, y, 1),) if equation.primitive is sub else ((x, y, -1), (y, x, -1))
    for power, one, number in terms:
        z = argument(rewriting, power, "exp")
        if z is not None and rewriting.uses[power] == 1 and rewriting.number(one) == number:
            return rewriting.apply(expm1, z)
    return None


def times_identity(rewriting: Rewriting, equation: Equation) -> Operand | None:
    """``I @ y -> y`` and ``x @ I -> x``, of the unit vectors that a Jacobian begins with.

    Where y has infinities the product would be full of NaN.
    """
    x, y = equation.inputs
    for unit, other in ((x, y), (y, x)):
        if isinstance(unit, Literal) and other.type.ndim == 2 and _is_identity(unit):
            return other
    return None


def _is_identity(x: Literal) -> bool:
    shape, kind = x.type.shape, x.type.dtype.kind
    square = len(shape) == 2 and shape[0] == shape[1] > 0 and kind in "fc"
    if not square or isinstance(x.value, TracedValue) or np.count_nonzero(x.value) != shape[0]:
        return False
    return bool(np.all(np.diagonal(x.value) == 1))


RULES: Mapping[str, Sequence[Rule]] = {
    "log": (
        log_of_exp,
        log_of_sigmoid,
        log_of_one_plus,
        log_of_two_exps,
        log_of_softmax,
        log_of_sum_of_exps,
    ),
    "div": (sigmoid, softmax),
    "sub": (exp_minus_one,),
    "add": (exp_minus_one,),
    "mul": (times_exponential, times_reciprocal),
    "mul_or_zero": (times_exponential, times_reciprocal),
    "matmul": (times_identity,),
}
"""Values first; the last three lines are what derivatives of such values leave."""
