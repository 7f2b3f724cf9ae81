"""Constructors of primitives by kind: elementwise, linear, piecewise constant.

An elementwise primitive states the partial derivative of its output in each input and gets from
here both uses of it (``push`` and ``pull``), the transpose of broadcasting included. A linear
primitive is its own ``push`` and states its transpose. See ``core/primitive.py`` for what a rule
is.
"""

from __future__ import annotations

import math
import operator
from collections.abc import Callable
from functools import lru_cache
from typing import Any, cast, overload

import numpy as np

from chainrule.core.errors import DTypeError, ShapeError
from chainrule.core.graph import ArrayType
from chainrule.core.lists import as_array
from chainrule.core.primitive import (
    NUMPY,
    PIECEWISE_CONSTANT,
    PRIMITIVES,
    Edge,
    LambdaRule,
    LambdaTypeRule,
    Primitive,
    Rule,
    TypeRule,
    edge,
    primitive,
)
from chainrule.core.trace import TracedValue, shape_of, type_of
from chainrule.ops.batch import elementwise

Array = Any  # an ndarray, a NumPy or Python number, or a traced value of either
Partial1 = Callable[[Array, Array], Array]
Partial2 = Callable[[Array, Array, Array], Array]


def as_operand(x: Any) -> Array:
    """``x`` as a value that can stand in a graph: lists become arrays."""
    if isinstance(x, (TracedValue, np.ndarray, np.generic)) or type(x) in (int, float, complex):
        return cast("Array", x)
    return as_array(x)


def axis_of(axis: Any, ndim: int) -> int:
    """An axis as a number from 0; negative ones count from the end."""
    number = operator.index(axis)
    if not -ndim <= number < ndim:
        raise np.exceptions.AxisError(number, ndim)
    return number % ndim


# ---- transposes of broadcasting and promotion ----------------------------------------------------


def match(ct: Array, x: Array) -> Array:
    """The cotangent of ``x``, given that of a broadcast and promoted ``x``: sum, then convert."""
    if type(ct) is type(x) and type(x) is np.ndarray:
        if ct.shape == x.shape and ct.dtype is x.dtype:
            return ct
    elif type(ct) is np.float64 and (type(x) is np.float64 or type(x) is float):
        return ct
    shape = shape_of(x)
    if shape_of(ct) != shape:
        ct = _sum_to(ct, shape)
    target = type_of(x)
    if target.weak and type_of(ct).dtype == target.dtype:
        return ct
    return as_dtype(ct, target.dtype)


def spread(t: Array, out: Array) -> Array:
    """The tangent of ``out``, given that of one input: broadcast, then convert."""
    if type(t) is type(out) and type(t) is np.ndarray:
        if t.shape == out.shape and t.dtype is out.dtype:
            return t
    elif type(t) is np.float64 and type(out) is np.float64:
        return t
    shape = shape_of(out)
    if shape_of(t) != shape:
        t = PRIMITIVES["broadcast_to"](t, shape=shape)
    target = type_of(out)
    return t if target.weak else as_dtype(t, target.dtype)


def as_dtype(x: Array, dtype: np.dtype[Any]) -> Array:
    """``x`` with the given dtype; a complex ``x`` for a real dtype loses its imaginary part.

    Only floating and complex dtypes carry derivatives on.
    """
    here = type_of(x)
    if here.dtype == dtype and not here.weak:
        return x
    if here.dtype.kind == "c" and dtype.kind != "c":
        x = PRIMITIVES["real"](x)
        if type_of(x).dtype == dtype:
            return x
    name = "convert" if dtype.kind in "fc" else "convert_to_discrete"
    return PRIMITIVES[name](x, dtype=dtype)


def _sum_to(ct: Array, shape: tuple[int, ...]) -> Array:
    have = shape_of(ct)
    lead = len(have) - len(shape)
    axes = (
        *range(lead),
        *(lead + i for i, n in enumerate(shape) if n == 1 and have[lead + i] != 1),
    )
    if axes:
        ct = PRIMITIVES["sum"](ct, axes=axes)
    if shape_of(ct) != shape:
        ct = PRIMITIVES["reshape"](ct, shape=shape)
    return ct


# ---- type rules ----------------------------------------------------------------------------------


def broadcast_shape(name: str, *types: ArrayType) -> tuple[int, ...]:
    """The shape that several inputs broadcast to."""
    try:
        return np.broadcast_shapes(*(t.shape for t in types))
    except ValueError:
        shapes = " and ".join(str(t.shape) for t in types)
        raise ShapeError(
            f"{name}: shapes {shapes} do not broadcast; make the axes equal or 1 (x[:, None])"
        ) from None


_PYTHON_KIND: dict[str, type] = {"i": int, "f": float, "c": complex}


@lru_cache(maxsize=4096)
def _resolve(ufunc: np.ufunc, dtypes: tuple[Any, ...]) -> np.dtype[Any]:
    try:
        return ufunc.resolve_dtypes((*dtypes, *(None,) * ufunc.nout))[len(dtypes)]
    except TypeError:
        names = ", ".join(str(d) for d in dtypes)
        raise DTypeError(f"np.{ufunc.__name__} is not defined for {names}") from None


def ufunc_dtype(ufunc: np.ufunc, *types: ArrayType) -> np.dtype[Any]:
    """The dtype that NumPy gives ``ufunc`` of these inputs; weak ones count as Python numbers."""
    if all(t.weak for t in types):
        return _resolve(ufunc, tuple(t.dtype for t in types))
    return _resolve(ufunc, tuple(_PYTHON_KIND[t.dtype.kind] if t.weak else t.dtype for t in types))


def ufunc_type(ufunc: np.ufunc, *, keeps_weak: bool = False) -> Callable[..., ArrayType]:
    """The type rule of an elementwise primitive, read off NumPy's own resolution."""

    def rule(*types: ArrayType) -> ArrayType:
        shape = broadcast_shape(ufunc.__name__, *types)
        weak = keeps_weak and all(t.weak for t in types)
        return ArrayType(shape, ufunc_dtype(ufunc, *types), weak)

    return rule


def composition(function: Any, meaning: LambdaRule) -> None:
    """Enter what stands for a NumPy function on traced values, written with primitives."""
    NUMPY[function] = cast("Rule", meaning)


# ---- kinds of primitives -------------------------------------------------------------------------


def times(t: Array, partial: Array) -> Array:
    """``t * partial``."""
    return t * partial


def times_or_zero(t: Array, partial: Array) -> Array:
    """``t * partial``, but 0 where a factor is 0: what nothing depends on cannot make a NaN."""
    if type(partial) in (float, int) and partial != 0 and abs(partial) < math.inf:
        return t * partial
    if isinstance(t, TracedValue) or isinstance(partial, TracedValue):
        return PRIMITIVES["mul_or_zero"](t, partial)
    return product_or_zero(t, partial)


def product_or_zero(t: Any, partial: Any) -> Any:
    """The product; only where it came out as NaN is it worth a look whether a factor is zero.

    It warns of 0 times infinity, unless the caller sees to it, as the two walks do.
    """
    if type(t) is np.float64 and type(partial) is np.float64:  # floats of Python warn of nothing
        number = float(t) * float(partial)
        return np.float64(number if number == number or (t != 0 and partial != 0) else 0.0)
    product: Any = t * partial
    if type(product) is np.ndarray:
        flat: Any = product.ravel("K")
        # one pass: NaN if any entry is; BLAS is the faster call, but has threads for long ones
        by_blas = flat.size < 8192 and flat.dtype.itemsize > 2
        probe = flat.dot(flat) if by_blas else np.maximum.reduce(flat, initial=0)
    else:
        probe = product
    if probe == probe:
        return product
    # the zero has the sign of the first factor, so that negating that one negates the product
    zero = 0 if np.iscomplexobj(product) else np.copysign(0.0, t)
    lost = (product != product) & ((t == 0) | (partial == 0))
    return cast("Any", np.where(lost, zero, product))[()]


def unary(
    name: str,
    ufunc: np.ufunc,
    partial: Partial1,
    *,
    value: LambdaRule | None = None,
    unbounded: bool = False,
    keeps_weak: bool = False,
) -> Primitive:
    """An elementwise primitive of one input; ``partial(out, x)`` is d out / d x.

    In a product with a cotangent zero wins: of the branch that a ``where`` does not take nothing
    comes back, not even if the partial is infinite or NaN there. ``unbounded``: tangents as well,
    since the partial can be infinite at the edge of the domain (log, sqrt).
    """
    product = times_or_zero if unbounded else times

    def push(t: Array, out: Array, x: Array) -> Array:
        return product(t, partial(out, x))

    def pull(ct: Array, out: Array, x: Array) -> Array:
        return times_or_zero(ct, partial(out, x))

    new = primitive(
        name,
        value or ufunc,
        ufunc_type(ufunc, keeps_weak=keeps_weak),
        (edge(push, pull),),
        batch=elementwise(name),
    )
    NUMPY[ufunc] = new
    return new


def scipy_unary(
    name: str, ufunc: np.ufunc, partial: Partial1, *, unbounded: bool = False
) -> Primitive:
    """An elementwise primitive from SciPy, whose ufuncs have no float16; the primitive keeps it.

    Users who call SciPy's function on float16 get its float64.
    """
    resolve = ufunc_type(ufunc)
    half = np.dtype(np.float16)

    def value(x: Any) -> Any:
        y = ufunc(x)
        return y.astype(half) if type_of(x).dtype is half else y

    def type_rule(x: ArrayType) -> ArrayType:
        return x if x.dtype == half else resolve(x)

    def push(t: Array, out: Array, x: Array) -> Array:
        return (times_or_zero if unbounded else times)(t, partial(out, x))

    def pull(ct: Array, out: Array, x: Array) -> Array:
        return times_or_zero(ct, partial(out, x))

    def as_scipy(x: Array) -> Array:
        return new(as_dtype(x, np.dtype(np.float64)) if type_of(x).dtype == half else x)

    new = primitive(name, value, type_rule, (edge(push, pull),), batch=elementwise(name))
    NUMPY[ufunc] = as_scipy
    return new


def binary(
    name: str,
    ufunc: np.ufunc,
    partial_x: Partial2,
    partial_y: Partial2,
    *,
    value: LambdaRule | None = None,
    unbounded: bool = False,
    keeps_weak: bool = False,
) -> Primitive:
    """An elementwise primitive of two inputs, from its partials ``(out, x, y) -> d out / d x``."""
    product = times_or_zero if unbounded else times

    def push_x(t: Array, out: Array, x: Array, y: Array) -> Array:
        return spread(product(t, partial_x(out, x, y)), out)

    def pull_x(ct: Array, out: Array, x: Array, y: Array) -> Array:
        return match(times_or_zero(ct, partial_x(out, x, y)), x)

    def push_y(t: Array, out: Array, x: Array, y: Array) -> Array:
        return spread(product(t, partial_y(out, x, y)), out)

    def pull_y(ct: Array, out: Array, x: Array, y: Array) -> Array:
        return match(times_or_zero(ct, partial_y(out, x, y)), y)

    return binary_from_edges(
        name,
        ufunc,
        edge(push_x, pull_x),
        edge(push_y, pull_y),
        value=value,
        keeps_weak=keeps_weak,
    )


def binary_from_edges(
    name: str,
    ufunc: np.ufunc,
    edge_x: Edge,
    edge_y: Edge,
    *,
    value: LambdaRule | None = None,
    keeps_weak: bool = False,
) -> Primitive:
    """An elementwise primitive of two inputs whose maps are simpler than a product."""
    type_rule = ufunc_type(ufunc, keeps_weak=keeps_weak)
    rules = value or ufunc, type_rule, (edge_x, edge_y)
    new = primitive(name, *rules, batch=elementwise(name))
    NUMPY[ufunc] = new
    return new


def discrete(
    name: str, ufunc: np.ufunc, *, value: LambdaRule | None = None, keeps_weak: bool = False
) -> Primitive:
    """An elementwise primitive whose derivative is zero wherever it exists."""
    type_rule = ufunc_type(ufunc, keeps_weak=keeps_weak)
    rules = value or ufunc, type_rule, PIECEWISE_CONSTANT
    new = primitive(name, *rules, batch=elementwise(name))
    NUMPY[ufunc] = new
    return new


@overload
def linear(
    name: str,
    value: LambdaRule,
    type_rule: LambdaTypeRule,
    transpose: LambdaRule,
    *,
    batch: Rule,
) -> Primitive: ...
@overload
def linear(
    name: str,
    value: Rule,
    type_rule: TypeRule,
    transpose: Rule,
    *,
    batch: Rule,
    types_only: bool = ...,
) -> Primitive: ...
def linear(
    name: str,
    value: LambdaRule | Rule,
    type_rule: LambdaTypeRule | TypeRule,
    transpose: LambdaRule | Rule,
    *,
    batch: Rule,
    types_only: bool = False,
) -> Primitive:
    """A primitive that is linear in its first and only differentiable input.

    Further inputs (integer indices) are constants of the map. ``transpose(ct, x, *rest,
    **params)``.
    """

    value_rule, transpose_rule = cast("Rule", value), cast("Rule", transpose)

    def push(t: Array, _out: Array, _x: Array, *rest: Array, **params: Any) -> Array:
        return new(t, *rest, **params)

    def pull(ct: Array, _out: Array, x: Array, *rest: Array, **params: Any) -> Array:
        return transpose_rule(ct, x, *rest, **params)

    rules = value_rule, cast("TypeRule", type_rule), (edge(push, pull),)
    new = primitive(name, *rules, batch=batch, types_only=types_only)
    return new
