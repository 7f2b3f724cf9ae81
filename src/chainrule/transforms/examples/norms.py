"""``per_example_norms``: how much single examples pull at the parameters."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, cast

import numpy as np

from chainrule.core.errors import DTypeError, ShapeError
from chainrule.core.graph import ArrayType
from chainrule.core.trace import shape_of, type_of
from chainrule.core.tracebacks import users_frames
from chainrule.core.tree import STATIC, flatten, leaf_names, unflatten
from chainrule.ops.define import Array, as_dtype
from chainrule.transforms.control.scan import scan
from chainrule.transforms.derived import grad
from chainrule.transforms.examples.measure import Measured, measure
from chainrule.transforms.examples.plan import Plan, plan_of
from chainrule.transforms.recording import checked_value, differentiable_leaves
from chainrule.transforms.vmap import vmap

BOUND = 1 << 26
"""Bytes of gradients of single examples that are in memory at a time, if some have to be."""


@dataclass(frozen=True)
class ExampleNorms:
    """What :func:`per_example_norms` returns; g_b is the gradient of example b, G their mean.

    Attributes:
        norms: ``||g_b||``, shape (B,).
        dots: ``<g_b, G>``, shape (B,): negative for an example that the mean step makes worse.
        mean: G, in the structure of the parameters.
        variance: ``mean_b ||g_b - G||^2``, one number: the variance over the examples of every
            entry of the gradient (divided by B), summed over the entries.
        leaf_norms: the norms (B,) of each parameter's part of the gradient, in their structure.
        leaf_variances: the summed variances of each parameter's part.
        materialised: names of the parameters whose gradients were computed for single examples, a
            chunk of them at a time, because they are not sums of products.
    """

    norms: Array
    dots: Array
    mean: Any
    variance: Array
    leaf_norms: Any
    leaf_variances: Any
    materialised: tuple[str, ...] = field(metadata=STATIC)

    def __str__(self) -> str:
        count = shape_of(self.norms)[0]
        names = ", ".join(self.materialised)
        said = f"materialised, in chunks: {names}" if names else "no gradient was materialised"
        return f"norms of the gradients of {count} examples; {said}"


def per_example_norms(loss: Callable[..., Any], params: Any, X: Any, Y: Any) -> ExampleNorms:
    """The norm of every example's gradient, and more of its kind, without the gradients.

    The gradient of a parameter that enters through products is a sum of products in turn: of the
    weights of ``z = W a``, ``g = delta a^T``, so ``||g||^2 = ||delta||^2 ||a||^2``; with several
    positions s, ``sum_st (delta_s . delta_t) (a_s . a_t)`` or ``||sum_s delta_s a_s^T||^2``, what
    is cheaper. Such products are found in the graph, whatever the function is called that made
    them: matmul, einsum, ``*``, convolutions written with windows, sums, rows of a table that are
    looked up; parameters that are used several times, transposed, reshaped, sliced, multiplied with
    each other. What enters otherwise (``np.exp(W)``, loops of ``cr.scan``) has its gradients
    computed for a chunk of examples at a time, and ``materialised`` names it. Where several uses of
    a parameter cancel each other, a norm is exact only to the root of the rounding error of each.

    Args:
        loss: ``loss(params, x, y)`` is the cost of one example, a real number.
        params: an array, or a nested container of arrays.
        X, Y: the examples along the first axis: arrays, or containers of them.

    Returns:
        An :class:`ExampleNorms`. Inside of ``cr.compile`` only what is used of it is computed.

    Raises:
        ShapeError: X and Y differ in the number of examples, or the loss is no single number.
        DTypeError: a parameter is complex, or not of floating-point numbers.

    Source: Goodfellow, "Efficient per-example gradient computations" (2015, arXiv:1510.01799), for
    one position; Rochette, Manoel and Tramel (2019, arXiv:1912.06015) for convolutions; Li et al.,
    "Large language models can be strong differentially private learners" (2022, arXiv:2110.05679),
    section 4, for the choice between both forms and for tables.

    >>> import numpy as np, chainrule as cr
    >>> loss = lambda w, x, y: (w @ x - y) ** 2 / 2
    >>> X, Y = np.array([[3.0, 4.0], [1.0, 0.0]]), np.array([2.0, 0.0])
    >>> found = cr.per_example_norms(loss, np.array([0.0, 1.0]), X, Y)
    >>> found.norms, found.dots, found.mean  # gradients (6, 8) and (0, 0)
    (array([10.,  0.]), array([50.,  0.]), array([3., 4.]))
    >>> print(found)
    norms of the gradients of 2 examples; no gradient was materialised
    """
    with users_frames:
        leaves, structure = differentiable_leaves(params, "the parameters")
        if any(type_of(x).dtype.kind == "c" for x in leaves):
            raise DTypeError(
                "per_example_norms of complex parameters: give real and imaginary parts"
            )
        data, data_structure = flatten((X, Y))
        size = _examples(data)

        def of_leaves(*xs: Any) -> Any:
            x, y = unflatten(data_structure, xs[len(leaves) :])
            return loss(unflatten(structure, xs[: len(leaves)]), x, y)

        types = [ArrayType(shape_of(x)[1:], type_of(x).dtype) for x in data]
        plan = plan_of(of_leaves, leaves, types)
        chunk = max(1, BOUND // max(1, sum(part.choice.room for part in plan.parts)))
        if chunk >= size:
            found = measure(plan, leaves, data, size)
        else:
            found = _in_chunks(of_leaves, plan, leaves, data, size, chunk)
        return _result(found, leaves, structure, plan)


def _examples(data: Sequence[Any]) -> int:
    shapes = [shape_of(checked_value(x, "per_example_norms: X or Y holds")) for x in data]
    counts = {shape[0] if shape else None for shape in shapes}
    if len(counts) != 1 or None in counts or 0 in counts:
        raise ShapeError(
            f"per_example_norms: X and Y hold arrays of shapes {shapes}; the first axis of each is"
            " that of the examples, as long for all and not empty"
        )
    return shapes[0][0]


def _in_chunks(
    of_leaves: Callable[..., Any],
    plan: Plan,
    leaves: Sequence[Any],
    data: Sequence[Any],
    size: int,
    chunk: int,
) -> Measured:
    """The mean by one sweep over all examples, the rest for ``chunk`` of them at a time."""
    turns = -(-size // chunk)
    chunk = -(-size // turns)
    whole = size // chunk
    axes = (None,) * len(leaves) + (0,) * len(data)

    def total(*parameters: Any) -> Any:
        losses: Array = vmap(of_leaves, in_axes=axes)(*parameters, *data)
        return cast("Array", np.mean(losses))

    means = list(grad(total, tuple(range(len(leaves))))(*leaves))

    def of_chunk(part: Sequence[Any], count: int) -> tuple[list[Array], list[Array]]:
        found = measure(plan, leaves, part, count, means)
        return found.squares, found.dots

    first: Any = [np.reshape(x[: whole * chunk], (whole, chunk, *shape_of(x)[1:])) for x in data]
    _, stacked = scan(lambda carry, xs: (carry, of_chunk(xs, chunk)), 0.0, first)
    parts = [[np.reshape(x, (whole * chunk,)) for x in group] for group in stacked]
    rest = size - whole * chunk
    if rest:
        last = of_chunk([x[whole * chunk :] for x in data], rest)
        parts = [
            [np.concatenate([x, y]) for x, y in zip(*groups, strict=True)]
            for groups in zip(parts, last, strict=True)
        ]
    return Measured(parts[0], parts[1], means)


def _result(found: Measured, leaves: Sequence[Any], structure: Any, plan: Plan) -> ExampleNorms:
    squares: list[Array] = [np.maximum(s, 0) for s in found.squares]
    spreads = list(map(_variance, squares, found.means))
    named = {part.view.owner for part in plan.parts if part.materialised}
    return ExampleNorms(
        norms=np.sqrt(_sum(squares)),
        dots=_sum(found.dots),
        mean=unflatten(structure, [_as(m, x) for m, x in zip(found.means, leaves, strict=True)]),
        variance=_sum(spreads),
        leaf_norms=unflatten(structure, [np.sqrt(s) for s in squares]),
        leaf_variances=unflatten(structure, spreads),
        materialised=tuple(
            name or "params" for k, name in enumerate(leaf_names(structure)) if k in named
        ),
    )


def _variance(squares: Array, mean: Array) -> Array:
    """``mean ||g||^2 - ||G||^2``, which rounding may bring below zero."""
    mean_square = cast("Array", np.mean(squares))
    return np.maximum(mean_square - cast("Array", np.vdot(mean, mean)), 0)


def _sum(parts: Sequence[Array]) -> Array:
    total = parts[0]
    for part in parts[1:]:
        total = total + part
    return total


def _as(value: Array, like: Array) -> Array:
    kind = type_of(like)
    return value if kind.weak else as_dtype(value, kind.dtype)
