"""Backpropagation as somebody writes it by hand from the four equations, for the screen "Check".

``planted.py`` puts mistakes into the text of this function and runs what comes out.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

Array = Any
Layers = dict[int, Array]


def backprop(
    w: Layers,
    b: Layers,
    x: Array,
    y: Array,
    sigma: Mapping[int, Callable[[Array], Array]],
    sigma_prime: Mapping[int, Callable[[Array], Array]],
    cost_prime: Callable[[Array, Array], Array],
) -> tuple[Layers, Layers]:
    """The gradient of the mean cost of the rows of ``x``: nabla_w and nabla_b by layer."""
    L, m = len(w), len(x)
    z: Layers = {}
    a: Layers = {0: x}
    delta: Layers = {}
    nabla_w: Layers = {}
    nabla_b: Layers = {}
    for n in range(1, L + 1):
        z[n] = a[n - 1] @ w[n].T + b[n]
        a[n] = sigma[n](z[n])
    delta[L] = cost_prime(a[L], y) * sigma_prime[L](z[L])  # BP1
    for n in range(L - 1, 0, -1):
        delta[n] = (delta[n + 1] @ w[n + 1]) * sigma_prime[n](z[n])  # BP2
    for n in range(1, L + 1):
        nabla_b[n] = np.sum(delta[n], axis=0) / m  # BP3
        nabla_w[n] = delta[n].T @ a[n - 1] / m  # BP4
    return nabla_w, nabla_b
