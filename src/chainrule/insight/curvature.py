"""How curved the cost is, and so how large a step of gradient descent may be.

Near the parameters w the cost is ``C(w - eta g) = C - eta g.g + eta^2/2 g.H g`` with gradient g and
Hessian H. Along an eigenvector of H with eigenvalue lambda each step multiplies the distance to the
minimum by ``1 - eta lambda``, so it grows along the sharpest direction if ``eta > 2 / lambda_max``
(LeCun, Bottou, Orr and Müller 1998, section 5.1). H is never made: products with it are one forward
sweep over the recorded gradient (Pearlmutter 1994), and lambda_max comes from some twenty of them
by ARPACK's Lanczos iteration.
"""

from __future__ import annotations

import importlib
import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from chainrule.core.columns import aligned
from chainrule.core.errors import DataError
from chainrule.core.html import table
from chainrule.core.tracebacks import users_frames
from chainrule.core.tree import map_leaves
from chainrule.insight.rows import rows_for, stack_for
from chainrule.nn.stack import GivenCost, Stack
from chainrule.ops.reductions import sum_p
from chainrule.transforms.derived import value_and_grad
from chainrule.transforms.jvp import linearize
from chainrule.transforms.vector import form_of

Array = Any
_DENSE = 16  # up to so many parameters the Hessian itself is made
_BATCHES = 20
_TOLERANCE = 1e-4  # of the residual; the eigenvalue's error goes with its square


@dataclass(frozen=True)
class Curvature:
    """The curvature of a mean cost at its parameters.

    Attributes:
        largest: lambda_max, the largest eigenvalue of the Hessian.
        along_gradient: ``g.H g / g.g``, the curvature in the direction of steepest descent.
        gradient_norm: ``|g|``.
        share: the part of ``g.g`` that lies along the eigenvector of lambda_max.
        cost: C itself.
        examples: of how many examples it is the mean; 0 if that has no meaning.
        products: products with the Hessian that it took.
    """

    largest: float
    along_gradient: float
    gradient_norm: float
    share: float
    cost: float
    examples: int
    products: int

    @property
    def limit(self) -> float:
        """``2 / lambda_max``: gradient descent with a larger eta is unstable; inf if flat."""
        return 2 / self.largest if self.largest > 0 else math.inf

    @property
    def best_step(self) -> float:
        """``g.g / g.H g``: the eta that lowers the cost most along the gradient; inf if concave."""
        return 1 / self.along_gradient if self.along_gradient > 0 else math.inf

    def gain(self, eta: float) -> float:
        """By how much a step of eta lowers the cost, by the quadratic model; negative: raises."""
        return self.gradient_norm**2 * (eta - eta**2 / 2 * self.along_gradient)

    def __str__(self) -> str:
        head = f"curvature of the mean cost over {self.examples:,} examples"
        return "\n".join(
            [head if self.examples else "curvature", *(f"  {x}" for x in aligned(self._rows()))]
        )

    __repr__ = __str__

    def _repr_html_(self) -> str:
        return table(("", ""), self._rows(), "Curvature of the cost")

    def _rows(self) -> list[tuple[str, str]]:
        return [
            ("largest eigenvalue of the Hessian", f"{self.largest:.4g}"),
            ("gradient descent is stable below eta = 2/lambda_max", f"{self.limit:.4g}"),
            ("curvature along the gradient g.Hg/g.g", f"{self.along_gradient:.4g}"),
            ("best eta along the gradient g.g/g.Hg", f"{self.best_step:.4g}"),
            ("part of g.g along the sharpest direction", f"{self.share:.1%}"),
            ("norm of the gradient", f"{self.gradient_norm:.4g}"),
            ("cost", f"{self.cost:.6g}"),
        ]


def curvature(
    model: Any,
    X: Array,
    Y: Array,
    *,
    params: Any = None,
    cost: GivenCost = None,
    decay: float = 0.0,
    seed: int = 0,
) -> Curvature:
    """The curvature of the mean cost of a network over examples, in double precision.

    Args:
        model: a Network, a Sequential with ``params`` and ``cost``, or a result of ``cr.fit``.
        X, Y: examples as rows, with class numbers or target rows.
        decay: lambda/n of L2 regularisation ``decay/2 sum w^2`` over weights, part of the cost.
        seed: of the vector that the iteration starts with.

    Raises:
        DataError: the gradient is not finite.

    >>> import numpy as np, chainrule as cr
    >>> net = cr.nn.Network([2, 1], activation="identity")  # least squares: H is constant
    >>> X = np.array([[1.0, 0.0], [0.0, 2.0], [1.0, 2.0]])
    >>> found = cr.insight.curvature(net, X, np.zeros((3, 1)))
    >>> A = np.column_stack([X, np.ones(3)])
    >>> bool(np.isclose(found.largest, np.linalg.eigvalsh(A.T @ A / 3)[-1]))
    True
    """
    with users_frames:
        stack = stack_for(model, params, cost)
        rows, targets = rows_for(stack, X, Y)
        return stack_curvature(stack, rows, targets, decay, seed)


def stack_curvature(
    stack: Stack, X: Array, Y: Array, decay: float, seed: int = 0, scale: Any = None
) -> Curvature:
    """The same for a stack, with rows of inputs and targets.

    ``scale`` are positive factors like ``(weights, biases)``: the curvature is that of the cost as
    a function of parameters divided by them, ``S H S``.
    """
    f = cost_of_parameters(stack, X, Y, decay)
    point = stack.weights, stack.biases
    if scale is None:
        return curvature_of(f, point, examples=len(X), seed=seed)

    def moved(w: Array, s: Array, v: Array) -> Array:
        return w + s * v

    def scaled(u: Any) -> Array:
        return f(map_leaves(moved, point, scale, u))

    return curvature_of(scaled, map_leaves(np.zeros_like, point), examples=len(X), seed=seed)


def cost_of_parameters(stack: Stack, X: Array, Y: Array, decay: float) -> Callable[[Any], Array]:
    """The mean cost over rows as a function of ``(weights, biases)``, regularisation included."""
    inputs, targets = X.astype(np.float64), Y.astype(np.float64)

    def mean_cost(parameters: tuple[dict[int, Array], dict[int, Array]]) -> Array:
        weights, biases = parameters
        costs = stack.forward(inputs, targets, weights, biases).costs
        mean: Array = sum_p(costs, axes=(0,)) / len(X)
        for w in weights.values() if decay else ():
            mean = mean + decay / 2 * sum_p(w * w, axes=(0, 1))
        return mean

    return mean_cost


def batch_sharpness(stack: Stack, X: Array, Y: Array, size: int, decay: float, seed: int) -> float:
    """The mean over mini-batches of ``g.H g / g.g``, with gradient and Hessian of the mini-batch.

    It is to stochastic gradient descent what lambda_max is to steps along the full gradient: what
    settles at ``2 / eta`` (Andreyev and Beneventano 2024, "batch sharpness").
    """
    order = np.random.default_rng(seed).permutation(len(X))
    starts = range(0, min(len(X) - size + 1, _BATCHES * size), size)
    along: list[float] = []
    for start in starts:
        chosen = order[start : start + size]
        f = cost_of_parameters(stack, X[chosen], Y[chosen], decay)
        along.append(curvature_of(f, (stack.weights, stack.biases), spectrum=False).along_gradient)
    return float(np.mean(along)) if along else math.nan


def curvature_of(
    f: Callable[[Any], Array],
    x: Any,
    *,
    examples: int = 0,
    seed: int = 0,
    spectrum: bool = True,
) -> Curvature:
    """The curvature of any function of a container of arrays that returns one number.

    Without ``spectrum`` only the curvature along the gradient is measured, by one product.
    """
    start = map_leaves(_wide, x)
    form = form_of(start)
    point = form.vector(start)

    def of_vector(v: Array) -> Array:
        return f(form.whole(v))

    with np.errstate(all="ignore"):
        (value, g), push = linearize(value_and_grad(of_vector), point)
    if not np.all(np.isfinite(g)):
        raise DataError(
            "curvature: the gradient is not finite; cr.find_nonfinite names the first operation"
            " that is not"
        )
    products = 0

    def product(v: Array) -> Array:
        nonlocal products
        products += 1
        return push(np.reshape(v, point.shape))[1]

    none = math.nan, np.full(point.size, math.nan)
    largest, direction = _largest(product, point.size, seed) if spectrum else none
    square = float(g @ g)
    along = float(g @ product(g)) / square if square else 0.0
    share = float(direction @ g) ** 2 / square if square else 0.0
    return Curvature(largest, along, math.sqrt(square), share, float(value), examples, products)


def _largest(product: Callable[[Array], Array], n: int, seed: int) -> tuple[float, Array]:
    """The largest eigenvalue of a symmetric map, and its eigenvector."""
    if n <= _DENSE:
        matrix = np.stack([product(row) for row in np.eye(n)])
        values, vectors = np.linalg.eigh((matrix + matrix.T) / 2)
        return float(values[-1]), vectors[:, -1]
    sparse: Any = importlib.import_module("scipy.sparse.linalg")  # which takes time to import
    start = np.random.default_rng(seed).standard_normal(n)
    if not np.any(product(start)):  # a flat cost, which ARPACK refuses
        return 0.0, np.zeros(n)
    operator = sparse.LinearOperator((n, n), matvec=product, dtype=np.float64)
    values, vectors = sparse.eigsh(operator, k=1, which="LA", v0=start, tol=_TOLERANCE)
    return float(values[0]), vectors[:, 0]


def _wide(x: Array) -> Array:
    return np.asarray(x, np.float64)
