"""Algebra that changes no result: what is multiplied by one, turned back or joined and taken apart.

``RULES`` is the table, primitive by primitive; the functions in it are in ``algebra.py`` and
``structure.py``. All of them keep every bit, for infinities, NaN, both zeros and denormals, with
one exception that is a rounding off: ``x ** 2`` to ``x ** 4`` as products. They keep derivatives,
too, since a compiled function may be differentiated.

One walk rewrites chains, because operands are rewritten first. It feeds ``fold.py`` and the other
way round; the pipeline runs both until nothing changes.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from chainrule.core.graph import Graph
from chainrule.core.primitive import Primitive
from chainrule.passes.algebra import (
    absolute_of_positive,
    converted_twice,
    minus_negated,
    minus_zero,
    negated_multiple,
    negated_twice,
    negation_outwards,
    of_equals,
    of_even,
    over_one,
    over_power_of_two,
    part_of_real,
    plus_negated,
    plus_zero,
    select_again,
    select_by_negation,
    select_known,
    small_power,
    times_minus_one,
    times_of_negated,
    times_one,
    times_or_zero_of_finite,
    unchanged,
)
from chainrule.passes.rewriting import Rewriting, Rule
from chainrule.passes.structure import (
    broadcast_twice,
    flipped_twice,
    read_of_joined,
    read_where_written,
    reduced_along_nothing,
    reshaped_twice,
    taken_whole,
    transposed_twice,
    without_broadcasts,
)

RULES: Mapping[str, Sequence[Rule]] = {
    "mul": (
        times_one,
        times_minus_one,
        times_of_negated,
        negation_outwards,
        without_broadcasts,
    ),
    "mul_or_zero": (times_or_zero_of_finite, negation_outwards, without_broadcasts),
    "div": (over_one, over_power_of_two, times_of_negated, negation_outwards, without_broadcasts),
    "add": (plus_zero, plus_negated, without_broadcasts),
    "sub": (minus_zero, minus_negated, without_broadcasts),
    "neg": (negated_twice, negated_multiple),
    "pow": (small_power,),
    "abs": (absolute_of_positive, of_even),
    "square": (of_even,),
    "cos": (of_even,),
    "cosh": (of_even,),
    "real": (part_of_real,),
    "conj": (part_of_real, negated_twice),
    "invert": (negated_twice,),
    "copy": (unchanged,),
    "convert": (unchanged, converted_twice),
    "convert_to_discrete": (unchanged, converted_twice),
    "maximum": (of_equals, without_broadcasts),
    "minimum": (of_equals, without_broadcasts),
    "fmax": (of_equals,),
    "fmin": (of_equals,),
    "bitwise_and": (of_equals,),
    "bitwise_or": (of_equals,),
    "select": (select_known, select_by_negation, select_again, without_broadcasts),
    "less": (without_broadcasts,),
    "less_equal": (without_broadcasts,),
    "greater": (without_broadcasts,),
    "greater_equal": (without_broadcasts,),
    "equal": (without_broadcasts,),
    "not_equal": (without_broadcasts,),
    "reshape": (unchanged, reshaped_twice),
    "transpose": (transposed_twice,),
    "broadcast_to": (unchanged, broadcast_twice),
    "flip": (flipped_twice,),
    "max": (reduced_along_nothing,),
    "min": (reduced_along_nothing,),
    "prod": (reduced_along_nothing,),
    "getitem": (taken_whole, read_where_written, read_of_joined),
    "scatter_add": (taken_whole,),
}


def simplify(graph: Graph) -> Graph:
    """The same graph with simpler equations where the results are the same.

    >>> import numpy as np, chainrule as cr
    >>> graph = cr.trace(lambda x, y: (x * 1 - -y.T.T) / 4 + 0 * y**2)(np.ones(3), np.ones(3))
    >>> print(graph)
    graph(a: float64[3], b: float64[3])
      c: float64[3] = mul a 1
      d: float64[3] = transpose[order=(0,)] b
      e: float64[3] = transpose[order=(0,)] d
      f: float64[3] = neg e
      g: float64[3] = sub c f
      h: float64[3] = div g 4
      i: float64[3] = pow b 2
      j: float64[3] = mul 0 i
      k: float64[3] = add h j
      return k
    >>> from chainrule.passes.dce import eliminate_dead_code
    >>> print(eliminate_dead_code(simplify(graph)))
    graph(a: float64[3], b: float64[3])
      c: float64[3] = add a b
      d: float64[3] = mul c 0.25
      e: float64[3] = square b
      f: float64[3] = mul 0 e
      g: float64[3] = add d f
      return g
    """
    return Rewriting(graph, _rules_of).run()


def _rules_of(primitive: Primitive) -> Sequence[Rule]:
    return RULES.get(primitive.name, ())
