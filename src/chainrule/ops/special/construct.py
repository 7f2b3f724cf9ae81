"""Elementwise primitives from SciPy's ufuncs, of any number of inputs.

As ``binary`` of ``ops/define.py``, with two differences: a partial may be missing, with the reason,
while the other inputs are still differentiated; and float16, which SciPy's loops do not have,
becomes what SciPy makes of it.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NoReturn, cast

import numpy as np

from chainrule.core.errors import NoRuleError
from chainrule.core.graph import ArrayType
from chainrule.core.primitive import NUMPY, Edge, LambdaRule, NoRule, Primitive, primitive
from chainrule.ops.batch import elementwise
from chainrule.ops.define import Array, broadcast_shape, match, spread, times, times_or_zero
from chainrule.ops.define import ufunc_dtype as dtype_of

_A = Any
Partial = LambdaRule | Callable[[_A, _A, _A, _A, _A, _A], _A] | NoRule
FORMULAS: dict[str, Callable[..., Any]] = {}
"""Values by the name of their primitive that are a formula, with NumPy's functions and no branch:
applied to traced values they give the equations that stand for the primitive in native code."""


def from_scipy(
    name: str,
    ufunc: np.ufunc,
    *partials: Partial,
    unbounded: bool = False,
    value: LambdaRule | None = None,
) -> Primitive:
    """A primitive for ``ufunc``; ``partials[i](out, *inputs)`` is d out / d inputs[i].

    ``unbounded``: a partial can be infinite or NaN where the cotangent is zero. ``value``: what
    computes it, where ``ufunc`` only says the dtypes.
    """
    edges = tuple(
        _no_map(name, i, partial)
        if isinstance(partial, NoRule)
        else _edge(i, cast("Callable[..., Array]", partial), unbounded)
        for i, partial in enumerate(partials)
    )

    def type_rule(*types: ArrayType, **_params: Any) -> ArrayType:
        return ArrayType(broadcast_shape(name, *types), dtype_of(ufunc, *types))

    new = primitive(name, value or ufunc, type_rule, edges, batch=elementwise(name))
    if value is None:
        NUMPY[ufunc] = new
    return new


def _edge(i: int, partial: Callable[..., Array], unbounded: bool) -> Edge:
    product = times_or_zero if unbounded else times

    def push(t: Array, out: Array, *xs: Array, **params: Any) -> Array:
        return spread(product(t, partial(out, *xs, **params)), out)

    def pull(ct: Array, out: Array, *xs: Array, **params: Any) -> Array:
        return match(times_or_zero(ct, partial(out, *xs, **params)), xs[i])

    return Edge(push, pull)


def _no_map(name: str, i: int, missing: NoRule) -> Edge:
    def refuse(*_values: Any, **_params: Any) -> NoReturn:
        raise NoRuleError(f"{name} has no derivative in argument {i}: {missing.why}")

    return Edge(refuse, refuse)


def in_double(function: Callable[..., Any]) -> Callable[..., Any]:
    """A function of float64 arrays as the value of a primitive: computed so, rounded at the end.

    The result has the widest floating dtype of the inputs, as a NumPy scalar where all are scalars.
    """

    def value(*xs: Any, **params: Any) -> Any:
        dtype = np.result_type(*xs)
        dtype = dtype if dtype.kind == "f" else np.dtype(np.float64)
        wide = np.broadcast_arrays(*(np.asarray(x, np.float64) for x in xs))
        return np.asarray(function(*wide, **params)).astype(dtype)[()]

    return value


def float_type(name: str) -> Callable[..., ArrayType]:
    """The type rule of :func:`in_double`."""

    def rule(*types: ArrayType, **_params: Any) -> ArrayType:
        strong = [t.dtype for t in types if not t.weak]
        dtype = np.result_type(*strong) if strong else np.dtype(np.float64)
        dtype = dtype if dtype.kind == "f" else np.dtype(np.float64)
        return ArrayType(broadcast_shape(name, *types), dtype)

    return rule


def of_numbers(
    name: str, value: Callable[..., Any], *partials: Partial, formula: bool = False
) -> Primitive:
    """A primitive whose value is a function of float64 arrays; partials as above, unbounded.

    ``formula``: the value may be traced, see :data:`FORMULAS`.
    """
    if formula:
        FORMULAS[name] = value
    edges = tuple(
        _no_map(name, i, p)
        if isinstance(p, NoRule)
        else _edge(i, cast("Callable[..., Array]", p), True)
        for i, p in enumerate(partials)
    )
    return primitive(name, in_double(value), float_type(name), edges, batch=elementwise(name))
