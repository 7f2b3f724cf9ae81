"""How a function here becomes the meaning of a NumPy function on traced values.

Each module beside this one holds functions with NumPy's names, arguments and meaning, composed of
primitives, and enters them into the registry under NumPy's function, where ``__array_function__``
finds them. Every function is one of three: :func:`implements` enters one that is differentiated,
:func:`constant` one whose result no derivative follows, :func:`refuse` says why there is none.
A parameter ``out`` is there for NumPy's order of parameters: what is given for it was taken off
before (``core/outputs.py``).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from chainrule.core.errors import DTypeError
from chainrule.core.primitive import CONSTANT, NUMPY, REFUSED
from chainrule.core.trace import shape_of, type_of
from chainrule.ops.define import Array, axis_of

Axis = int | Sequence[int] | None


def implements(*functions: Callable[..., Any]) -> Callable[[Any], Any]:
    """Enter the decorated function into the registry as the meaning of NumPy functions."""

    def enter(f: Callable[..., Any]) -> Callable[..., Any]:
        for function in functions:
            NUMPY[function] = f
        return f

    return enter


def constant(*functions: Callable[..., Any]) -> Callable[[Any], Any]:
    """As :func:`implements`, for functions of whole numbers or truth values as results."""
    CONSTANT.update(functions)
    return implements(*functions)


def refuse(why: str, *functions: Callable[..., Any]) -> None:
    """State why functions do not work on traced values, and what to write instead."""
    REFUSED.update(dict.fromkeys(functions, why))


def axes_of(x: Array, axis: Axis) -> tuple[int, ...]:
    """The ``axis`` argument as sorted axis numbers; None stands for all."""
    ndim = len(shape_of(x))
    if axis is None:
        return tuple(range(ndim))
    wanted = (axis,) if isinstance(axis, (int, np.integer)) else axis
    axes = sorted(axis_of(a, ndim) for a in wanted)
    if len(set(axes)) != len(axes):
        raise ValueError("duplicate value in 'axis'")
    return tuple(axes)


def require_real(x: Array, name: str) -> Array:
    """``x``, or an error if it is complex, where NumPy has no meaning for an imaginary part."""
    if type_of(x).dtype.kind == "c":
        raise DTypeError(
            f"{name} is not defined for complex numbers; take x.real, x.imag or abs(x)"
        )
    return x
