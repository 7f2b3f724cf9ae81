"""Activation functions: plain functions of NumPy arrays, stable for any input.

Each maps the weighted input z to the activation a, elementwise except ``softmax``, which normalises
the last axis. Their derivatives come from the graph. Any function of plain NumPy serves as one,
too.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from chainrule.core.errors import ArgumentError
from chainrule.ops import elementwise, exponentials, special

Array = Any
Activation = Callable[[Array], Array]


def sigmoid(z: Array) -> Array:
    """``1 / (1 + exp(-z))``, with derivative ``sigmoid(z) * sigmoid(-z)`` also far from zero.

    >>> float(sigmoid(0.0))
    0.5
    """
    return exponentials.expit(z)


def tanh(z: Array) -> Array:
    """``(exp(z) - exp(-z)) / (exp(z) + exp(-z))``.

    >>> float(tanh(0.0))
    0.0
    """
    return exponentials.tanh(z)


def relu(z: Array) -> Array:
    """``max(z, 0)``, with derivative 0 at 0.

    >>> import numpy as np
    >>> relu(np.array([-1.0, 2.0]))
    array([0., 2.])
    """
    return special.relu(z)


def leaky_relu(z: Array, slope: float = 0.01) -> Array:
    """``z`` where positive, ``slope * z`` elsewhere (Maas, Hannun and Ng, 2013).

    >>> import numpy as np
    >>> leaky_relu(np.array([-1.0, 2.0]))
    array([-0.01,  2.  ])
    """
    return elementwise.select(z > 0, z, slope * z)


def gelu(z: Array) -> Array:
    """``z * Phi(z)`` with Phi the normal distribution function (Hendrycks and Gimpel, 2016).

    >>> float(gelu(0.0))
    0.0
    """
    return z * special.ndtr(z)


def softplus(z: Array) -> Array:
    """``log(1 + exp(z))``, whose derivative is the sigmoid.

    >>> round(float(softplus(0.0)), 6)
    0.693147
    """
    return special.softplus(z)


def softmax(z: Array) -> Array:
    """``exp(z_j) / sum_k exp(z_k)`` over the last axis.

    >>> import numpy as np
    >>> softmax(np.array([0.0, 0.0]))
    array([0.5, 0.5])
    """
    return special.softmax(z, axis=-1)


def identity(z: Array) -> Array:
    """``z`` itself: a linear layer.

    >>> identity(3.0)
    3.0
    """
    return z


ACTIVATIONS: dict[str, Activation] = {
    f.__name__: f for f in (sigmoid, tanh, relu, leaky_relu, gelu, softplus, softmax, identity)
}


def activation_named(given: str | Activation) -> Activation:
    """The activation of that name; a function is itself.

    >>> activation_named("relu") is relu
    True
    """
    if callable(given):
        return given
    if given not in ACTIVATIONS:
        raise ArgumentError(f"activation {given!r} is not one of {', '.join(ACTIVATIONS)}")
    return ACTIVATIONS[given]
