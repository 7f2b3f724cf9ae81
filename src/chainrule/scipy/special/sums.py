"""Logarithms of sums of exponentials along axes: logsumexp, softmax, log_softmax.

SciPy's are no ufuncs, so traced values need these. Rules in ``ops/special/logistic.py``.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from chainrule.core.trace import type_of
from chainrule.ops.define import Array, as_dtype, as_operand
from chainrule.ops.elementwise import (
    absolute,
    is_complex,
    isfinite,
    minimum,
    real,
    select,
    sign,
    stop_gradient,
)
from chainrule.ops.exponentials import exp, log
from chainrule.ops.numpy_api.implements import Axis, axes_of
from chainrule.ops.reductions import keep, max_p, sum_p
from chainrule.ops.shaping import broadcast_to
from chainrule.ops.special.logistic import logsumexp_p

Axes = tuple[int, ...]


def _floating(x: Any) -> Array:
    x = as_operand(x)
    return x if type_of(x).dtype.kind in "fc" else as_dtype(x, np.dtype(np.float64))


def _largest(x: Array, axes: Axes) -> Array:
    """The largest entry (of complex numbers the largest real part), as a constant."""
    return max_p(stop_gradient(real(x) if is_complex(x) else x), axes=axes)


def softmax(x: Array, axis: Axis = None) -> Array:
    """``exp(x) / sum(exp(x))`` along axes, all of them by default.

    Shifted by the maximum, so that nothing overflows; NaN where the maximum is infinite, as in
    SciPy. Derivative: ``s (t - sum(s t))`` with ``s = softmax(x)``.

    >>> import numpy as np
    >>> softmax(np.log(np.array([1.0, 3.0])))
    array([0.25, 0.75])
    """
    x = _floating(x)
    axes = axes_of(x, axis)
    weights = exp(x - keep(_largest(x, axes), x, axes))
    return weights / keep(sum_p(weights, axes=axes), x, axes)


def log_softmax(x: Array, axis: Axis = None) -> Array:
    """``x - log(sum(exp(x)))`` along axes, all of them by default, without overflow.

    Derivative: ``t - sum(softmax(x) t)``.

    >>> import numpy as np
    >>> log_softmax(np.array([1000.0, 0.0]))
    array([    0., -1000.])
    """
    x = _floating(x)
    axes = axes_of(x, axis)
    largest = keep(_largest(x, axes), x, axes)
    shifted = x - select(isfinite(largest), largest, 0)
    return shifted - log(keep(sum_p(exp(shifted), axes=axes), x, axes))


def logsumexp(
    a: Array,
    axis: Axis = None,
    b: Array | None = None,
    keepdims: bool = False,
    return_sign: bool = False,
) -> Any:
    """``log(sum(b exp(a)))`` along axes, all of them by default, without overflow.

    Args:
        a: real or complex numbers.
        axis: one axis, several, or None for all.
        b: weights that broadcast against ``a``, 1 by default; they may be negative.
        keepdims: leave the axes with length one.
        return_sign: return also the sign of the sum, and the logarithm of its absolute value;
            without, the logarithm of a negative sum is NaN.

    Derivative in a: the share ``b exp(a) / sum(b exp(a))``. Entries of a that are ``inf`` share
    equally, and where all are ``-inf`` each has 0. Derivative in b: ``exp(a) / sum(b exp(a))``.

    >>> import numpy as np
    >>> print(f"{logsumexp(np.array([1000.0, 1000.0])):.6g}")
    1000.69
    >>> logsumexp(np.log(np.array([1.0, 3.0])), b=np.array([1.0, -1.0]), return_sign=True)
    (np.float64(0.693147...), np.float64(-1.0))
    """
    a = _floating(a)
    if b is None and not is_complex(a) and not return_sign:
        axes = axes_of(a, axis)
        out = logsumexp_p(a, axes=axes)
        return keep(out, a, axes) if keepdims else out
    b = _floating(1.0 if b is None else b)
    a = broadcast_to(a, shape=type_of(a * b).shape)
    axes = axes_of(a, axis)
    out, phase = _weighted(a, b, axes, return_sign)
    if keepdims:
        out, phase = keep(out, a, axes), keep(phase, a, axes)
    return (out, phase) if return_sign else out


def _weighted(a: Array, b: Array, axes: Axes, return_sign: bool) -> tuple[Array, Array]:
    """The logarithm, and the sign or phase, of the weighted sum."""
    absent = b == 0  # counts for nothing, whatever a is there
    counted = select(absent, -np.inf, real(a) if is_complex(a) else a)
    largest = _largest(counted, axes)
    shift = select(isfinite(largest), largest, 0)
    shifted = a - keep(shift, a, axes)
    if is_complex(a):
        shifted = select(absent, 0, shifted)
    else:
        far = 700.0 if type_of(a).dtype.itemsize == 8 else 80.0
        shifted = select(absent, minimum(select(isfinite(a), shifted, 0), far), shifted)
    total = sum_p(b * exp(shifted), axes=axes)
    if is_complex(total):
        size = absolute(total)
        phase = total / select(size == 0, 1, size)
        return (log(size) if return_sign else log(total)) + shift, phase
    phase = sign(total)
    if return_sign:
        return log(absolute(total)) + shift, phase
    negative = total < 0
    return select(negative, np.nan, log(select(negative, 1, total))) + shift, phase
