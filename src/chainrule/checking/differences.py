"""The derivative in a direction by differences, with an error that is estimated and not hoped for.

Central differences at steps that are halved are extrapolated to step 0 by Neville's scheme; each
entry takes the value at which neighbours in the scheme differ least, and what they differ is its
error (Ridders, "Accurate computation of F'(x) and F'(x)F''(x)", 1982), with the rounding of the
function, which shows in its sixth differences (Moré and Wild, "Estimating computational noise",
2011). Where the function takes
complex numbers, ``Im f(x + i h t) / h`` has no cancellation (Squire and Trapp, 1998); it is used if
the central differences confirm it, since a function like ``abs`` takes complex numbers and
gives something else.
"""

from __future__ import annotations

import threading
import warnings
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from chainrule.checking.problem import Leaves, Vector, moved, vector, wide

Function = Callable[..., Leaves]  # of leaves

START = 2.0**-6  # the first step, of directions that have the size of the arguments
LEVELS = 24
COLUMNS = 5
COMPLEX_STEP = 1e-30
NOISE_STEP, NOISE_POINTS = 2.0**-20, 9
_SAFE = 20.0  # estimated errors are used with this factor
_warning_filters = threading.Lock()  # they belong to the process


@dataclass(frozen=True, eq=False)
class Slopes:
    """A derivative in a direction by differences, entry by entry of the result.

    Attributes:
        value: the derivative; where ``error`` is infinite there is none.
        error: what it may be wrong by.
        left, right: the slopes from both sides, at a small step.
        bent: where they stay apart however small the step: a kink or a jump.
        method: how it was found.
    """

    value: Vector
    error: Vector
    left: Vector
    right: Vector
    bent: np.ndarray[Any, np.dtype[np.bool_]]
    method: str


def slopes(f: Function, xs: Leaves, ts: Leaves, eps: float, *, try_complex: bool = True) -> Slopes:
    """The derivative of ``f`` at ``xs`` along ``ts``; ``eps`` is the precision it computes in."""
    here = _at(f, xs, ts, 0.0, None)
    if here is None:
        raise ValueError("the function cannot be computed at its own arguments")
    found = _central(f, xs, ts, here, eps)
    real = not any(np.iscomplexobj(x) for x in (*xs, *ts)) and not np.iscomplexobj(here)
    if try_complex and real and eps < 1e-12:
        exact = _complex_step(f, xs, ts, here)
        if exact is not None:
            return _confirmed(found, exact, here)
    return found


def _at(
    f: Function, xs: Leaves, ts: Leaves, step: float | complex, size: int | None
) -> Vector | None:
    """``f(x + step t)``; None if it has no value there, or one of another size."""
    try:
        with np.errstate(all="ignore"):
            out = vector(f(*moved(xs, ts, step)))
    except Exception:  # whatever a user's function raises beyond its domain
        return None
    return out if size is None or out.size == size else None


def _central(f: Function, xs: Leaves, ts: Leaves, here: Vector, eps: float) -> Slopes:
    nothing = np.full(here.shape, np.nan)
    rounding = rounding_of(f, xs, ts, here, eps)
    best, error = nothing.astype(here.dtype), np.full(here.shape, np.inf)
    previous: list[Vector] = []
    sides: list[tuple[float, Vector, Vector]] = []
    for level in range(LEVELS):
        h = START * 0.5**level
        after, before = (_at(f, xs, ts, s, here.size) for s in (h, -h))
        after, before = (nothing if x is None else x for x in (after, before))
        with np.errstate(all="ignore"):
            sides.append((h, (here - before) / h, (after - here) / h))
            row = [(after - before) / (2 * h)]
            noise = 2 * (rounding + eps * np.abs(row[0])) / h
            for j, old in enumerate(previous[: COLUMNS - 1]):
                row.append(row[j] + (row[j] - old) / (4.0 ** (j + 1) - 1))
                if j + 1 >= len(previous):
                    continue  # two steps may agree by accident, three do not
                others = (row[j], old, previous[j + 1])
                apart = np.max([np.abs(row[j + 1] - x) for x in others], axis=0) + noise
                better = apart < error  # False for NaN
                error = np.where(better, apart, error)
                best = np.where(better, row[j + 1], best)
        previous = row
        if level > 6 and not np.any(noise < error):
            break
    bent, left, right = _kinks(sides, rounding)
    last = f"{sides[-1][0]:.0e}"
    return Slopes(
        best, _SAFE * error, left, right, bent, f"central differences, steps {START:.0e} to {last}"
    )


def rounding_of(f: Function, xs: Leaves, ts: Leaves, here: Vector, eps: float) -> Vector:
    """What rounding makes of each entry near the point, on both sides of it."""
    known = eps * np.abs(here)
    sides: list[Vector] = []
    for step in (NOISE_STEP, -1.37 * NOISE_STEP):
        row = [_at(f, xs, ts, step * (i + 1), here.size) for i in range(NOISE_POINTS)]
        values = [x for x in row if x is not None]
        if len(values) == NOISE_POINTS:
            with np.errstate(all="ignore"):
                sixth = np.abs(np.diff(np.stack(values), 6, axis=0))
            # 6!^2 / 12! is the share of a random error in the square of its sixth difference
            sides.append(0.033 * np.max(sixth, axis=0))
    if not sides:
        return known
    return np.fmax(known, np.fmax.reduce(sides))


def _kinks(
    sides: list[tuple[float, Vector, Vector]], rounding: Vector
) -> tuple[np.ndarray[Any, np.dtype[np.bool_]], Vector, Vector]:
    """Where the slopes from both sides stay apart, and what they are.

    Of a smooth function they come together like the step. The smallest step at which slopes are
    far above rounding decides, with the two before it.
    """
    bent, settled = (np.zeros(rounding.shape, bool) for _ in range(2))
    left, right = (np.full(rounding.shape, np.nan, sides[0][1].dtype) for _ in range(2))
    with np.errstate(all="ignore"):
        gaps = [np.abs(after - before) for _, before, after in sides]
        for k in range(len(sides) - 1, 1, -1):
            h, below, above = sides[k]
            noise = 50 * rounding / h
            clear = noise < 0.05 * np.maximum(np.abs(below), np.abs(above))
            clear |= gaps[k] == 0
            decides = clear & ~settled & np.isfinite(gaps[k - 2])
            ratios = gaps[k] / gaps[k - 1], gaps[k - 1] / gaps[k - 2]
            bends = (gaps[k] > noise) & (ratios[0] > 0.75) & (ratios[1] > 0.75)
            bent |= decides & bends
            left, right = np.where(decides, below, left), np.where(decides, above, right)
            settled |= decides
    return bent, left, right


def _complex_step(f: Function, xs: Leaves, ts: Leaves, here: Vector) -> Vector | None:
    """``Im f(x + i h t) / h``, if f takes complex numbers and keeps its value."""
    with _warning_filters, warnings.catch_warnings():
        warnings.simplefilter("ignore", np.exceptions.ComplexWarning)
        out = _at(f, xs, ts, 1j * COMPLEX_STEP, here.size)
    if out is None or not np.iscomplexobj(out):
        return None
    same = np.isclose(out.real, here, rtol=1e-9, atol=0.0, equal_nan=True)
    return out.imag / COMPLEX_STEP if np.all(same) else None


def _confirmed(found: Slopes, exact: Vector, here: Vector) -> Slopes:
    """The complex step where central differences have the same value, else these."""
    with np.errstate(all="ignore"):
        precise = 1e-10 * (np.abs(exact) + np.abs(here))
        agree = np.isfinite(found.error) & (np.abs(exact - found.value) <= found.error + precise)
        use = agree & (precise < found.error)
    if not np.all(agree[np.isfinite(found.error)]) or not np.any(agree):
        return found
    return Slopes(
        np.where(use, exact, found.value),
        np.where(use, precise, found.error),
        found.left,
        found.right,
        found.bent,
        f"complex step {COMPLEX_STEP:.0e}, confirmed by {found.method}",
    )


def in_double(xs: Leaves) -> list[Any]:
    """Leaves in double precision, in which differences lose less."""
    return [x if isinstance(x, (float, complex)) else wide(x)[()] for x in xs]
