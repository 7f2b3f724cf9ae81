"""Integrals of sampled functions: the rules of the trapezoids and of Simpson, as compositions."""

from __future__ import annotations

from typing import Any

import numpy as np

from chainrule.core.errors import ShapeError
from chainrule.core.trace import TracedValue


def trapezoid(y: Any, x: Any = None, dx: Any = 1.0, axis: int = -1) -> Any:
    """``sum (x[i+1] - x[i]) (y[i] + y[i+1]) / 2`` along an axis.

    Args:
        y: the samples.
        x: where they are, of the axis' length or the shape of ``y``; without, ``dx`` apart.
        dx: the distance of samples.
        axis: the axis to integrate along, which the result lacks.

    >>> import numpy as np, chainrule as cr
    >>> cr.grad(lambda y: trapezoid(y, dx=0.5))(np.array([1.0, 2.0, 4.0]))
    array([0.25, 0.5 , 0.25])
    """
    y, steps = _samples("trapezoid", y, x, dx, axis)
    return np.sum(steps * (y[..., 1:] + y[..., :-1]) / 2, axis=-1)


def cumulative_trapezoid(
    y: Any, x: Any = None, dx: Any = 1.0, axis: int = -1, initial: Any = None
) -> Any:
    """The integral up to each sample but the first; ``initial=0`` puts a zero before it.

    >>> import numpy as np
    >>> cumulative_trapezoid(np.array([1.0, 2.0, 4.0]), initial=0)
    array([0. , 1.5, 4.5])
    """
    if initial is not None and initial != 0:
        raise ValueError("cumulative_trapezoid: initial is None or 0")
    y, steps = _samples("cumulative_trapezoid", y, x, dx, axis)
    sums = np.cumsum(steps * (y[..., 1:] + y[..., :-1]) / 2, axis=-1)
    if initial is not None:
        sums = np.concatenate([np.zeros_like(sums[..., :1]), sums], axis=-1)
    return np.moveaxis(sums, -1, axis)


def simpson(y: Any, x: Any = None, *, dx: Any = 1.0, axis: int = -1) -> Any:
    """Parabolas through three samples each; of an even number, the last interval by Cartwright.

    Args:
        y, x, dx, axis: as for :func:`trapezoid`.

    >>> import numpy as np
    >>> x = np.linspace(0.0, 1.0, 5)
    >>> simpson(x**3, x)
    np.float64(0.25)

    Source: Cartwright, "Simpson's rule cumulative integration with MS Excel and irregularly-spaced
    data" (2017), equation 8.
    """
    y, steps = _samples("simpson", y, x, dx, axis)
    n = np.shape(y)[-1]
    if n < 3:
        return np.sum(steps * (y[..., 1:] + y[..., :-1]) / 2, axis=-1)
    steps = steps + np.zeros(n - 1)
    even = n % 2 == 0
    pairs = n - 2 if even else n - 1  # the intervals that parabolas of their own cover
    a, b = steps[..., 0:pairs:2], steps[..., 1:pairs:2]
    left, middle, right = y[..., 0:pairs:2], y[..., 1:pairs:2], y[..., 2 : pairs + 1 : 2]
    both = a + b
    parts = left * (2 - b / a) + middle * (both**2 / (a * b)) + right * (2 - a / b)
    total = np.sum(both / 6 * parts, axis=-1)
    if not even:
        return total
    a, b = steps[..., -2], steps[..., -1]
    last = y[..., -1] * (2 * b**2 + 3 * a * b) / (6 * (a + b))
    last = last + y[..., -2] * (b**2 + 3 * a * b) / (6 * a)
    return total + last - y[..., -3] * b**3 / (6 * a * (a + b))


def _samples(name: str, y: Any, x: Any, dx: Any, axis: int) -> tuple[Any, Any]:
    """The samples with the axis last, and the distances between them."""
    y, x = (v if v is None or isinstance(v, TracedValue) else np.asarray(v) for v in (y, x))
    if x is None:
        return np.moveaxis(y, axis, -1), dx
    x = x if np.ndim(x) == 1 else np.moveaxis(x, axis, -1)
    y = np.moveaxis(y, axis, -1)
    if np.shape(x)[-1] != np.shape(y)[-1]:
        raise ShapeError(
            f"{name}: {np.shape(y)[-1]} samples along axis {axis}, and x has {np.shape(x)[-1]}"
        )
    return y, x[..., 1:] - x[..., :-1]
