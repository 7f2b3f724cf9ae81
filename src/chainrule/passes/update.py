"""Updates go into products: ``w - s * (a @ b)`` becomes one equation, and natively one BLAS call.

The step of gradient descent in a weight matrix is a product that is scaled and subtracted. BLAS
does all three at once, ``c <- alpha a b + beta c`` with beta = 1, without a matrix for the
gradient.
"""

from __future__ import annotations

from collections import Counter

from chainrule.core.graph import Equation, Graph, Literal, Var
from chainrule.ops.contraction import matmul
from chainrule.ops.elementwise import mul, sub
from chainrule.ops.update import subtract_product

Operand = Var | Literal


def fuse_updates(graph: Graph) -> Graph:
    """The same graph with updates by matrix products in one equation; the parts become dead code.

    >>> import numpy as np, chainrule as cr
    >>> from chainrule.passes.dce import eliminate_dead_code
    >>> args = np.ones((2, 3)), np.ones((2, 5)), np.ones((5, 3))
    >>> graph = cr.trace(lambda w, d, a: w - 0.1 * (d @ a))(*args)
    >>> print(eliminate_dead_code(fuse_updates(graph)))
    graph(a: float64[2, 3], b: float64[2, 5], c: float64[5, 3])
      d: float64[2, 3] = subtract_product a 0.1 b c
      return d
    """
    uses = Counter(x for e in graph.equations for x in e.inputs) + Counter(graph.outputs)
    maker = {v: e for e in graph.equations for v in e.outputs}
    equations = tuple(_fused(e, maker, uses) for e in graph.equations)
    if all(e is before for e, before in zip(equations, graph.equations, strict=True)):
        return graph
    return Graph(graph.inputs, equations, graph.outputs)


def _fused(equation: Equation, maker: dict[Var, Equation], uses: Counter[Operand]) -> Equation:
    if equation.primitive is not sub:
        return equation
    w, scaled = equation.inputs
    scaling = maker.get(scaled) if isinstance(scaled, Var) else None
    if scaling is None or scaling.primitive is not mul or uses[scaled] != 1:
        return equation
    for s, product in (scaling.inputs, scaling.inputs[::-1]):
        made = maker.get(product) if isinstance(product, Var) else None
        if (
            made is not None
            and made.primitive is matmul
            and uses[product] == 1
            and s.type.shape == ()
            and all(x.type.ndim == 2 for x in made.inputs)
            and _one_type(w, product, equation.outputs[0])
        ):
            operands = (w, s, *made.inputs)
            return Equation(subtract_product, operands, equation.outputs, source=equation.source)
    return equation


def _one_type(*operands: Operand) -> bool:
    return len({(x.type.shape, x.type.dtype) for x in operands}) == 1
