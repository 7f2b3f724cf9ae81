"""What each primitive does to the sets of inputs that its operands depend on: one table of rules.

Elementwise functions unite the sets of their operands. What moves data is run itself, on arrays of
positions instead of numbers. Reductions unite along axes; products and loops have files of their
own. Of a primitive without a rule the derivative is walked instead (``pattern.py``).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from math import prod
from typing import Any

import numpy as np

from chainrule.core.graph import Equation
from chainrule.core.primitive import Primitive
from chainrule.ops.indexing import Slot, getitem
from chainrule.sparse.dependence import (
    Rows,
    gathered,
    linked,
    places,
    pooled,
    stacked,
    stretched,
    union,
)

Array = Any
Inside = frozenset[Primitive]


@dataclass(frozen=True, eq=False)
class Step:
    """One equation with what is known of its inputs: rows, and values (None: not known)."""

    equation: Equation
    rows: Sequence[Rows | None]
    values: Sequence[Any]
    columns: int
    inside: Inside = frozenset()  # primitives whose own derivative the equation is a part of

    @property
    def shapes(self) -> list[tuple[int, ...]]:
        """The shapes of the inputs."""
        return [x.type.shape for x in self.equation.inputs]

    @property
    def shape(self) -> tuple[int, ...]:
        """The shape of the result, the first if there are several."""
        return self.equation.outputs[0].type.shape

    @property
    def params(self) -> Any:
        """The parameters of the equation."""
        return self.equation.params


# the rows of several results, and their values where these are integers and known
Several = tuple[Sequence[Rows | None], Sequence[Any]]
Rule = Callable[[Step], Any]  # gives Rows | None; Several for primitives with several results
RULES: dict[str, Rule] = {}


def rule(*names: str) -> Callable[[Rule], Rule]:
    """Enter a function as the rule of primitives."""

    def entered(function: Rule) -> Rule:
        RULES.update(dict.fromkeys(names, function))
        return function

    return entered


# ---- elementwise, and what has no rule -----------------------------------------------------------


@rule(
    "add", "sub", "div", "neg", "pow", "square", "sqrt", "cbrt", "reciprocal", "mod",
    "fmod", "conj", "real", "imag", "abs", "maximum", "minimum", "fmax", "fmin",
    "hypot", "exp", "exp2", "expm1", "log", "log2", "log10", "log1p", "expit", "tanh",
    "sech_squared", "sin", "cos",
    "tan", "arcsin", "arccos", "arctan", "arctan2", "sinh", "cosh", "arcsinh", "arccosh", "arctanh",
    "degrees", "radians", "erf", "ndtr", "log_expit", "logaddexp", "logaddexp2", "convert", "copy",
    "name", "probe",
    "broadcast_to", "erfc", "erfcx", "erfinv", "erfcinv", "log_ndtr", "ndtri", "gaussian",
    "repeated_erfc", "gamma", "gammaln", "loggamma", "digamma", "zeta", "beta", "betaln",
    "digamma_rise", "log_minus_digamma", "gammainc", "gammaincc", "betainc", "betaincc", "stdtr",
    "gamma_density", "beta_density", "beta_moment", "log_moment", "cosine_moment", "logit",
    "exp10", "entr", "rel_entr", "kl_div", "huber", "i0", "i1", "i0e", "i1e", "iv", "ive",
    "j0", "j1", "jv", "y0", "y1", "yn", "spherical_bessel",
)  # fmt: skip
def elementwise(step: Step) -> Rows | None:
    """An entry depends on what the entries depend on that it is computed from."""
    pairs = zip(step.rows, step.shapes, strict=True)
    return union([stretched(rows, shape, step.shape) for rows, shape in pairs])


@rule("copysign", "nextafter")
def signed(step: Step) -> Rows | None:
    """On the first operand; of the second it is piecewise constant."""
    return stretched(step.rows[0], step.shapes[0], step.shape)


def anything(step: Step) -> Any:
    """Each entry of each result depends on all that any input depends on."""
    every = union([pooled(rows, (rows.shape[0],), (0,)) for rows in step.rows if rows is not None])
    results = [gathered(every, np.zeros(v.type.size, np.intp)) for v in step.equation.outputs]
    return (results, [None] * len(results)) if step.equation.primitive.several else results[0]


RULES["polynomial_roots"] = anything


@rule("mul", "mul_or_zero")
def product(step: Step) -> Rows | None:
    """As elementwise, but nothing where the other factor is the constant 0."""
    parts = [
        None
        if rows is None
        else _unless_zero(stretched(rows, shape, step.shape), other, step.shape)
        for rows, shape, other in zip(step.rows, step.shapes, step.values[::-1], strict=True)
    ]
    return union(parts)


def _unless_zero(rows: Rows | None, factor: Any, shape: tuple[int, ...]) -> Rows | None:
    if factor is None or np.all(factor):
        return rows
    return gathered(rows, np.where(np.broadcast_to(factor, shape) == 0, -1, places(shape)))


@rule("select")
def choice(step: Step) -> Rows | None:
    """Of a known condition the side that it chooses, else both."""
    condition = step.values[0]
    sides = [
        stretched(rows, shape, step.shape)
        for rows, shape in zip(step.rows[1:], step.shapes[1:], strict=True)
    ]
    if condition is not None:
        chosen = np.broadcast_to(np.asarray(condition, bool), step.shape)
        kept = places(step.shape)
        sides = [
            gathered(side, np.where(mask, kept, -1))
            for side, mask in zip(sides, (chosen, ~chosen), strict=True)
        ]
    return union(sides)


# ---- moving data: the primitive itself, on positions ---------------------------------------------


@rule("transpose", "flip", "getitem")
def moved(step: Step) -> Rows | None:
    """Where the entries come from, found by moving their numbers."""
    rows, arrays = step.rows[0], step.values[1:]
    shape = step.shapes[0]
    if any(a is None for a in arrays):  # any place along the axes that unknown indices choose from
        rows = spread_along(rows, shape, indexed_axes(step.params["index"], len(shape)))
        arrays = [np.zeros(s, np.intp) for s in step.shapes[1:]]
    return gathered(rows, step.equation.primitive.value(places(shape), *arrays, **step.params))


@rule("reshape")
def reshaped(step: Step) -> Rows | None:
    """Rows are in C order, so nothing changes."""
    return step.rows[0]


@rule("concatenate")
def joined(step: Step) -> Rows | None:
    """The rows of all inputs, in the order of the result."""
    sizes = [prod(shape) for shape in step.shapes]
    starts = np.cumsum([0, *sizes])[:-1]
    numbers = [start + places(s) for start, s in zip(starts, step.shapes, strict=True)]
    order = np.concatenate(numbers, axis=step.params["axis"])
    return gathered(stacked(step.rows, sizes, step.columns), order)


@rule("setitem")
def overwritten(step: Step) -> Rows | None:
    """What was there, with the rows of what is written; anywhere, if the index is not known."""
    (x, v, *_), arrays = step.rows, step.values[2:]
    shape, part, *_ = step.shapes
    index = step.params["index"]
    if any(a is None for a in arrays):
        zeros = [np.zeros(s, np.intp) for s in step.shapes[2:]]
        return union([x, _put(v, part, zeros, index, shape, anywhere=True)])
    written = step.equation.primitive.value(
        places(shape), prod(shape) + places(part), *arrays, index=index
    )
    return gathered(stacked([x, v], [prod(shape), prod(part)], step.columns), written)


@rule("scatter_add")
def scattered(step: Step) -> Rows | None:
    """An entry depends on all that is added into it; anywhere, if the index is not known."""
    arrays, unknown = step.values[1:], any(a is None for a in step.values[1:])
    if unknown:
        arrays = [np.zeros(s, np.intp) for s in step.shapes[1:]]
    index, shape = step.params["index"], step.params["shape"]
    return _put(step.rows[0], step.shapes[0], arrays, index, shape, anywhere=unknown)


def _put(
    rows: Rows | None, part: tuple[int, ...], arrays: Sequence[Any], index: Any,
    shape: tuple[int, ...], *, anywhere: bool,
) -> Rows | None:  # fmt: skip
    """The rows of an array of ``shape`` after adding into ``index``, or along its axes."""
    targets = np.asarray(getitem.value(places(shape), *arrays, index=index))
    while len(part) > targets.ndim:  # as NumPy: leading axes of length one go
        part = part[1:]
    sources = np.broadcast_to(places(part), targets.shape)
    put = linked(rows, targets, sources, prod(shape))
    return spread_along(put, shape, indexed_axes(index, len(shape))) if anywhere else put


def indexed_axes(index: tuple[Any, ...], ndim: int) -> list[int]:
    """The axes that integer arrays stand at in an index.

    >>> from chainrule.ops.indexing import Slot
    >>> indexed_axes((None, Ellipsis, Slot(0), slice(None)), 4)
    [2]
    """
    axes: list[int] = []
    axis = 0
    for i, part in enumerate(index):
        if part is Ellipsis:
            axis = ndim - sum(p is not None for p in index[i + 1 :])
        elif part is not None:
            if isinstance(part, Slot):
                axes.append(axis)
            axis += 1
    return axes


def spread_along(rows: Rows | None, shape: tuple[int, ...], axes: Sequence[int]) -> Rows | None:
    """The union along axes, at every place along them."""
    short = tuple(1 if i in axes else n for i, n in enumerate(shape))
    return stretched(pooled(rows, shape, axes), short, shape)


# ---- along axes ----------------------------------------------------------------------------------


@rule("sum", "max", "min", "prod", "logsumexp")
def reduced(step: Step) -> Rows | None:
    """The union along the axes that go."""
    return pooled(step.rows[0], step.shapes[0], step.params["axes"])


@rule("cumsum", "cumprod")
def accumulated(step: Step) -> Rows | None:
    """All entries up to each one."""
    axis, shape = int(step.params["axis"]), step.shapes[0]
    later, earlier = np.tril_indices(shape[axis])
    lines = np.moveaxis(places(shape), axis, 0)
    return linked(step.rows[0], lines[later], lines[earlier], prod(shape))


@rule("fft", "rfft", "irfft")
def transformed(step: Step) -> Rows | None:
    """All entries along the axis."""
    axis, shape = int(step.params["axis"]), step.shapes[0]
    short = (*shape[:axis], 1, *shape[axis + 1 :])
    return stretched(pooled(step.rows[0], shape, (axis,)), short, step.shape)
