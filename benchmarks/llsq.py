"""Least squares with polynomials: f(x) = 1/2 sum_i (sign(t_i) - sum_j x_j t_i^j)^2.

The powers t_i^j are given; the work is the value and its gradient in x, in float64.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from benchmarks.contenders import by_hand, eager, jitted, ours
from benchmarks.work import OURS, Size, Work

Array = Any


def data(size: Size) -> tuple[Array, Array, Array]:
    """Unknowns, powers, signs."""
    t = np.linspace(-1, 1, size["points"])
    x = np.random.default_rng(1).normal(size=size["unknowns"])
    return x, np.vander(t, size["unknowns"], increasing=True), np.sign(t)


def f(x: Array, powers: Array, signs: Array) -> Any:
    """The function, for NumPy."""
    r = signs - powers @ x
    return 0.5 * np.sum(r * r)


def f_method(x: Array, powers: Array, signs: Array) -> Any:
    """The function by methods alone, for PyTorch and JAX."""
    r = signs - powers @ x
    return 0.5 * (r * r).sum()


def gradient(x: Array, powers: Array, signs: Array) -> tuple[Any, Any]:
    """By hand: -T^T r."""
    r = signs - powers @ x
    return 0.5 * (r @ r), -(r @ powers)


WORK = Work(
    name="llsq",
    what="least squares with polynomials, gradient in 128 unknowns",
    sizes=[{"unknowns": 128, "points": 1024}, {"unknowns": 128, "points": 8192}],
    contenders={
        OURS: ours(data, f, 0),
        "by hand": by_hand(data, gradient, "NumPy"),
        "PyTorch": eager(data, f_method, (0,)),
        "JAX": jitted(data, f_method, 0),
    },
    tolerance=1e-9,
    at_least={"by hand": 1 / 1.5, "PyTorch": 1, "JAX": 1},
    small={"unknowns": 5, "points": 12},
)
