"""Networks computed by hand: SciPy's functions, the book's loop over neurons' layers, no chainrule.

Also the models that tests of seeing run over: every activation, every cost, float32.
"""

from __future__ import annotations

import numpy as np
import scipy.special as sp

import chainrule as cr

FUNCTIONS = {
    "sigmoid": sp.expit,
    "tanh": np.tanh,
    "relu": lambda z: np.maximum(z, 0),
    "leaky_relu": lambda z: np.where(z > 0, z, 0.01 * z),
    "gelu": lambda z: z * sp.ndtr(z),
    "softplus": lambda z: np.logaddexp(z, 0),
    "softmax": lambda z: sp.softmax(z, axis=-1),
    "identity": lambda z: z,
}


def _cross_entropy(z, a, y):
    return np.sum(y * np.logaddexp(0, -z) + (1 - y) * np.logaddexp(0, z))


COSTS = {  # of one example, from z[L] and a[L]
    "quadratic": lambda z, a, y: np.sum((a - y) ** 2) / 2,
    "cross-entropy": _cross_entropy,
    "log-likelihood": lambda z, a, y: -np.sum(y * sp.log_softmax(z)),
    "mean-absolute": lambda z, a, y: np.mean(np.abs(a - y)),
    "huber": lambda z, a, y: np.sum(sp.huber(1.0, a - y)),
}


def names_of(net) -> list[str]:
    return [f.__name__ for f in net.activations]


def cost_of(net, x, y, *, add_z=None, weights=None, biases=None) -> float:
    """The cost of one example; ``add_z[l]`` is added to z[l], other parameters may be given."""
    a = np.asarray(x, float)
    z = a
    for n, name in enumerate(names_of(net), start=1):
        w = (weights or net.weights)[n - 1].astype(float)
        b = (biases or net.biases)[n - 1].astype(float)
        z = w @ a + b + (add_z or {}).get(n, 0.0)
        a = FUNCTIONS[name](z)
    return float(COSTS[net.cost.name](z, a, np.asarray(y, float)))


SIZES = [4, 5, 3]
TARGET = np.array([0.0, 1.0, 0.0])
MODELS = {
    **{f"{f}, quadratic": (f, "quadratic", "float64") for f in FUNCTIONS},
    **{f"tanh, {c}": ("tanh", c, "float64") for c in COSTS},
    "relu, log-likelihood, float32": ("relu", "log-likelihood", "float32"),
    "sigmoid, quadratic, float32": ("sigmoid", "quadratic", "float32"),
}


def model_of(name: str, sizes=SIZES, seed=3):
    activation, cost, dtype = MODELS[name]
    return cr.nn.Network(sizes, activation=activation, cost=cost, dtype=dtype, seed=seed)


def example(seed=0, sizes=SIZES):
    # Numbers that float32 holds exactly, so that networks of both dtypes see the same example
    return np.random.default_rng(seed).uniform(size=sizes[0]).astype("float32").astype(float)
