"""Directions, inner products and differences for testing derivatives of any case.

Tangents and cotangents are paired by ``Re sum(u * t)``, without a conjugate: with the convention
that the gradient of a real loss L is dL/dx - i dL/dy, the cotangent of ``Re sum(u * out)`` is u.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import pytest

from chainrule.core.trace import type_of
from chainrule.core.tree import flatten

from ..cases import CASES, Case

DIFFERENTIABLE = [c for c in CASES if c.argnums]


def every(cases: Sequence[Case]) -> pytest.MarkDecorator:
    """Run a test once for each case, by its name."""
    return pytest.mark.parametrize("case", cases, ids=[c.name for c in cases])


def of_floats(case: Case) -> tuple[Callable[..., Any], list[Any]]:
    """The case as a function of its differentiable inputs alone, and these."""

    def f(*values: Any) -> Any:
        full = list(case.inputs)
        for position, value in zip(case.argnums, values, strict=True):
            full[position] = value
        return case.f(*full)

    return f, [case.inputs[i] for i in case.argnums]


def direction(like: Any, seed: int) -> Any:
    """A random array of the type of ``like``; a Python number for a Python number."""
    kind = type_of(like)
    rng = np.random.default_rng(seed)
    values = rng.uniform(0.5, 1.5, kind.shape) * rng.choice([-1.0, 1.0], kind.shape)
    if kind.dtype.kind == "c":
        values = values + 1j * rng.uniform(-1.5, 1.5, kind.shape)
    if kind.weak:
        return values.item() if isinstance(values, np.ndarray) else values
    return np.asarray(values).astype(kind.dtype)[()]


def directions(like: Sequence[Any], seed: int) -> list[Any]:
    return [direction(x, seed + i) for i, x in enumerate(like)]


def pair(us: Sequence[Any], ts: Sequence[Any]) -> float:
    """``Re sum(u * t)`` over all leaves, in double precision."""
    return float(sum(np.sum(np.real(wide(u) * wide(t))) for u, t in zip(us, ts, strict=True)))


def wide(x: Any) -> Any:
    """``x`` in double precision."""
    return np.asarray(x).astype(np.result_type(np.asarray(x).dtype, np.float64))


def moved(xs: Sequence[Any], ts: Sequence[Any], step: float) -> list[Any]:
    """``x + step * t`` in double precision."""
    return [(wide(x) + step * wide(t))[()] for x, t in zip(xs, ts, strict=True)]


def difference(f: Callable[..., Any], xs: Sequence[Any], ts: Sequence[Any]) -> list[Any]:
    """The derivative of ``f`` in a direction, from central differences of fourth order."""
    h = 1e-3

    def central(step: float) -> list[Any]:
        after, before = (flatten(f(*moved(xs, ts, s)))[0] for s in (step, -step))
        return [(wide(a) - wide(b)) / (2 * step) for a, b in zip(after, before, strict=True)]

    return [(4 * a - b) / 3 for a, b in zip(central(h / 2), central(h), strict=True)]


def precision(*xs: Any) -> dict[str, float]:
    """Tolerances that suit the narrowest dtype among the leaves."""
    kinds = [np.asarray(x).dtype for x in flatten(xs)[0]]
    eps = max((np.finfo(k).eps for k in kinds if k.kind in "fc"), default=np.finfo(float).eps)
    return {"rtol": max(200 * float(eps), 1e-8), "atol": max(100 * float(eps), 1e-8)}


def curved_loss(f: Callable[..., Any], seed: int) -> Callable[..., Any]:
    """A real scalar function of ``f``'s results, curved so that second derivatives show."""

    def loss(*xs: Any) -> Any:
        total = 0.0
        for i, out in enumerate(flatten(f(*xs))[0]):
            u = direction(out, seed + i)
            if type_of(out).dtype.kind in "fc":
                total = total + np.sum(np.real(out * u + 0.25 * out * out * u))
        return total

    return loss
