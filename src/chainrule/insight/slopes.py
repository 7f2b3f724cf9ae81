"""The slope of an activation, sigma', and where it is flat: read off the function itself.

Nothing here knows a sigmoid from a rectifier. Whatever function of plain NumPy serves as an
activation has a derivative by its graph, and from that: whether it acts on each neuron by itself,
how steep it gets, and on which sides it is flat. ``neurons.py`` asks where a network's neurons are
on it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

import numpy as np

from chainrule.insight.derivations.functions import is_elementwise
from chainrule.nn.activations import Activation
from chainrule.transforms.jvp import jvp
from chainrule.transforms.vjp import vjp

Array = Any
Flat = Literal["both sides", "one side", "nowhere"]

_NEAR = np.linspace(-8.0, 8.0, 1601)  # where activations have their largest slope
_FAR = np.array([-1000.0, 1000.0])  # where arctan, too, is flat, and a leaky rectifier is not
_FARTHER = np.array([-1e4, 1e4]), np.array([-1e8, 1e8])


@dataclass(frozen=True)
class Slope:
    """How steep an elementwise activation is.

    Attributes:
        largest: the largest ``|sigma'(z)|``: 1/4 for the sigmoid, 1 for tanh and relu.
        flat: on which sides it is flat far out: a sigmoid on both, relu on one.
        low, high: the least and the greatest value that it can take.
    """

    largest: float
    flat: Flat
    low: float
    high: float


def slope_at(f: Activation, z: Array) -> Array:
    """``|sigma'(z)|``, entry by entry, for an elementwise activation.

    >>> from chainrule.nn import relu, sigmoid
    >>> slope_at(sigmoid, np.array([0.0])), slope_at(relu, np.array([-1.0, 1.0]))
    (array([0.25]), array([0., 1.]))
    """
    return np.abs(jvp(f, (z,), (np.ones_like(z),))[1])


def pull_of(f: Activation, z: Array) -> Array:
    """What takes ``dC/da`` of one example back to ``dC/dz``.

    ``sigma'(z)`` of shape (n,), to be multiplied entry by entry; where f mixes entries, as softmax
    does, the transposed Jacobian (n, n), whose entry [j, i] is ``da_i / dz_j``.

    >>> from chainrule.nn import sigmoid, softmax
    >>> pull_of(sigmoid, np.array([0.0, 0.0]))
    array([0.25, 0.25])
    >>> pull_of(softmax, np.array([0.0, 0.0]))
    array([[ 0.25, -0.25],
           [-0.25,  0.25]])
    """
    n = len(z)
    if is_elementwise(f, n):
        return vjp(f, z[None])[1](np.ones_like(z[None]))[0][0]
    jacobian = vjp(f, np.tile(z, (n, 1)))[1](np.eye(n, dtype=z.dtype))[0]
    return np.ascontiguousarray(jacobian.T)


def slope_of(f: Activation) -> Slope | None:
    """The :class:`Slope` of an activation; None if it mixes neurons, as softmax does.

    >>> from chainrule.nn import sigmoid, softmax
    >>> slope_of(sigmoid).flat, slope_of(softmax)
    ('both sides', None)
    """
    with np.errstate(all="ignore"):
        if not _is_elementwise(f):
            return None
        largest = float(np.max(slope_at(f, _NEAR)))
        far = slope_at(f, _FAR) <= 1e-3 * largest
        low, high = _range(f)
    flat: Flat = "both sides" if far.all() else "one side" if far.any() else "nowhere"
    return Slope(largest, flat, low, high)


def _is_elementwise(f: Activation) -> bool:
    """Whether each result depends on its own entry alone: side by side or alone, they are equal."""
    together, alone = np.asarray(f(_NEAR[None, :]))[0], np.asarray(f(_NEAR[:, None]))[:, 0]
    return together.shape == alone.shape and bool(np.allclose(together, alone, equal_nan=True))


def _range(f: Activation) -> tuple[float, float]:
    """Its least and greatest value, infinite on a side to which it still grows far out."""
    near = np.asarray(f(_NEAR[:, None]))
    low, high = float(near.min()), float(near.max())
    for x, y in zip(*(np.asarray(f(far[:, None]))[:, 0] for far in _FARTHER), strict=True):
        grows = not np.isfinite(y) or not np.isclose(x, y, rtol=1e-3, atol=1e-3)
        low = -np.inf if grows and not y > 0 else min(low, float(y))
        high = np.inf if grows and not y < 0 else max(high, float(y))
    return low, high
