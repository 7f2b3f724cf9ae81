"""How many floating-point operations a graph takes, counted by its equations.

Nothing is measured and nothing guessed. The convention: an addition or multiplication is one
operation, so a multiply-add is two and a product of matrices m x k and k x n is 2 m k n; an
elementwise function, whichever, is one operation for each entry of its result; a sum or maximum is
one for each entry that it reads; what only moves data is none. A loop counts as often as it runs, a
branch as its dearer side. What has no count (factorisations, transforms, loops of unknown length)
is named instead.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from math import prod

from chainrule.core.graph import Equation, Graph

MOVES = frozenset({
    "broadcast_to", "concatenate", "conj", "convert", "convert_to_discrete", "copy", "flip",
    "getitem", "imag", "real", "reshape", "setitem", "stop_gradient", "transpose",
})  # fmt: skip
REDUCTIONS = frozenset({
    "all", "any", "argmax", "argmin", "cumprod", "cumsum", "max", "min", "prod", "sum",
})  # fmt: skip
UNCOUNTED = frozenset({
    "adjugate", "adjugate_along", "argpartition", "argsort", "cholesky", "convolve", "det", "eig",
    "eigh", "expm", "fft", "irfft", "log_abs_det", "lstsq", "lu", "phase_of_det", "pinv",
    "polynomial_roots", "qr", "rfft", "row_order", "searchsorted", "sign_of_det", "solve",
    "solve_banded", "solve_sylvester", "solve_triangular", "sqrtm", "svd", "while_loop",
})  # fmt: skip


@dataclass(frozen=True)
class Operations:
    """A number of operations, and the primitives among the equations that have no count.

    >>> Operations(3) + Operations(1, {"qr": 2})
    Operations(counted=4, uncounted={'qr': 2})
    """

    counted: int = 0
    uncounted: dict[str, int] = field(default_factory=dict[str, int])

    def __add__(self, other: Operations) -> Operations:
        both = Counter(self.uncounted) + Counter(other.uncounted)
        return Operations(self.counted + other.counted, dict(both))

    def __sub__(self, other: Operations) -> Operations:
        """What the first takes more than the second; what is uncounted in the first stays so."""
        return Operations(self.counted - other.counted, self.uncounted)

    def times(self, n: int) -> Operations:
        """The same ``n`` times."""
        return Operations(self.counted * n, {k: v * n for k, v in self.uncounted.items()})


def operations(graph: Graph) -> Operations:
    """The floating-point operations of one evaluation of a graph.

    >>> import numpy as np, chainrule as cr
    >>> W, x = np.ones((30, 784)), np.ones(784)
    >>> operations(cr.trace(lambda W, x: np.tanh(W @ x))(W, x)).counted  # 2 * 30 * 784 + 30
    47070
    """
    total = Operations()
    for equation in graph.equations:
        total += _of(equation)
    return total


def _of(equation: Equation) -> Operations:
    name = equation.primitive.name
    if name in MOVES:
        return Operations()
    if name in UNCOUNTED:
        return Operations(0, {name: 1})
    if name in REDUCTIONS:
        return Operations(equation.inputs[0].type.size)
    if name in _RULES:
        return _RULES[name](equation)
    return Operations(equation.outputs[0].type.size)  # elementwise; a test says that all others are


def _matmul(equation: Equation) -> Operations:
    inner = equation.inputs[0].type.shape[-1]
    return Operations(2 * inner * equation.outputs[0].type.size)


def _einsum(equation: Equation) -> Operations:
    """The nested loops of the subscripts: each turn multiplies, and adds if there is a sum."""
    terms: tuple[str, ...] = equation.params["terms"]
    sizes: dict[str, int] = {}
    for term, x in zip(terms, equation.inputs, strict=True):
        sizes |= dict(zip(term, x.type.shape, strict=True))
    adds = int(set(sizes) != set(equation.params["result"]))
    return Operations((len(terms) - 1 + adds) * prod(sizes.values()))


def _subtract_product(equation: Equation) -> Operations:
    inner = equation.inputs[2].type.shape[-1]
    return Operations((2 * inner + 2) * equation.outputs[0].type.size)


def _logsumexp(equation: Equation) -> Operations:
    """Maximum, difference, exponential and sum; the logarithm of each result."""
    return Operations(4 * equation.inputs[0].type.size + equation.outputs[0].type.size)


def _scatter_add(equation: Equation) -> Operations:
    return Operations(equation.inputs[0].type.size)


def _scan(equation: Equation) -> Operations:
    return operations(equation.params["body"]).times(equation.params["length"])


def _cond(equation: Equation) -> Operations:
    sides = [operations(equation.params[name]) for name in ("true", "false")]
    return max(sides, key=lambda side: side.counted)


_RULES: dict[str, Callable[[Equation], Operations]] = {
    "matmul": _matmul,
    "einsum": _einsum,
    "subtract_product": _subtract_product,
    "logsumexp": _logsumexp,
    "scatter_add": _scatter_add,
    "scan": _scan,
    "cond": _cond,
    "checkpoint": lambda equation: operations(equation.params["body"]),
    "custom": lambda equation: operations(equation.params["graph"]),
}
