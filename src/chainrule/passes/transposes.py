"""Transposes go into products: ``(A^T B)^T`` becomes ``B^T A``, and two transposes cancel.

The gradient in the weights of ``x @ W.T`` comes out as the transpose of a product. Computed as a
product of transposes it has the memory layout of W, which is what the update reads; a transposed
view would be read across the grain.
"""

from __future__ import annotations

from collections import Counter

from chainrule.core.graph import ArrayType, Equation, Graph, Literal, Var
from chainrule.ops.contraction import matmul
from chainrule.ops.shaping import transpose

_SWAP = (1, 0)
Operand = Var | Literal


def push_transposes(graph: Graph) -> Graph:
    """The same graph with transposes of matrix products turned into products of transposes.

    >>> import numpy as np, chainrule as cr
    >>> from chainrule.passes.dce import eliminate_dead_code
    >>> graph = cr.trace(lambda x, d: (x.T @ d).T)(np.ones((5, 3)), np.ones((5, 2)))
    >>> print(eliminate_dead_code(push_transposes(graph)))
    graph(a: float64[5, 3], b: float64[5, 2])
      c: float64[2, 5] = transpose[order=(1, 0)] b
      d: float64[2, 3] = matmul c a
      return d
    """
    return _Rewriter(graph).run()


class _Rewriter:
    """One walk over the equations; ``same`` maps variables to the ones that now stand for them."""

    def __init__(self, graph: Graph) -> None:
        self.graph = graph
        self.uses = Counter(x for e in graph.equations for x in e.inputs) + Counter(graph.outputs)
        self.same: dict[Operand, Operand] = {}
        self.maker: dict[Operand, Equation] = {}
        self.equations: list[Equation] = []

    def run(self) -> Graph:
        for equation in self.graph.equations:
            inputs = tuple(self.same.get(x, x) for x in equation.inputs)
            if inputs != equation.inputs:
                equation = Equation(
                    equation.primitive, inputs, equation.outputs, equation.params, equation.source
                )
            self._rewrite(equation)
        if tuple(self.equations) == self.graph.equations:
            return self.graph
        outputs = tuple(self.same.get(x, x) for x in self.graph.outputs)
        return Graph(self.graph.inputs, tuple(self.equations), outputs)

    def _rewrite(self, equation: Equation) -> None:
        if not _is_swap(equation):
            self._emit(equation)
            return
        (x,), (out,) = equation.inputs, equation.outputs
        inner = self.maker.get(x)
        if inner is not None and _is_swap(inner):
            self.same[out] = inner.inputs[0]
        elif inner is not None and self._worth_turning(inner):
            left, right = inner.inputs
            turned = (self._swapped(right, equation), self._swapped(left, equation))
            self._emit(Equation(matmul, turned, (out,), source=inner.source))
        else:
            self._emit(equation)

    def _worth_turning(self, inner: Equation) -> bool:
        """A product of matrices that nobody else reads, with a factor transposed already."""
        return (
            inner.primitive is matmul
            and all(x.type.ndim == 2 for x in inner.inputs)
            and self.uses[inner.outputs[0]] == 1
            and any(_is_swap(self.maker[x]) for x in inner.inputs if x in self.maker)
        )

    def _swapped(self, x: Operand, near: Equation) -> Operand:
        made = self.maker.get(x)
        if made is not None and _is_swap(made):
            return made.inputs[0]
        rows, columns = x.type.shape
        out = Var(ArrayType((columns, rows), x.type.dtype))
        self._emit(Equation(transpose, (x,), (out,), {"order": _SWAP}, near.source))
        return out

    def _emit(self, equation: Equation) -> None:
        self.equations.append(equation)
        for v in equation.outputs:
            self.maker[v] = equation


def _is_swap(equation: Equation) -> bool:
    return equation.primitive is transpose and equation.params["order"] == _SWAP
