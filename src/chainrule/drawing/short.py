"""Numbers in a few characters: what stands on an edge.

Single numbers and small vectors are written out, larger arrays are told by their mean and norm.
What is not finite is always marked.
"""

from __future__ import annotations

from typing import Any

import numpy as np

FEW = 4
"""Entries of a vector that is written out."""

MARK = "⚠"
"""Stands before what is not finite."""


def number(x: Any) -> str:
    """One number with up to four digits.

    >>> number(3), number(0.1), number(1234567.8), number(2 / 3), number(1 - 2j), number(True)
    ('3', '0.1', '1.235e+06', '0.6667', '1-2i', 'True')
    """
    plain: Any = np.asarray(x).item()
    if isinstance(plain, int):
        return str(plain)
    if isinstance(plain, complex):
        imaginary = _real(plain.imag)
        if plain.real == 0:
            return f"{imaginary}i"
        return f"{_real(plain.real)}{'' if imaginary.startswith('-') else '+'}{imaginary}i"
    return _real(plain)


def factor(x: Any) -> str:
    """A number as it stands in a product.

    >>> factor(2.5), factor(-0.1)
    ('2.5', '(-0.1)')
    """
    return f"({number(x)})" if x < 0 else number(x)


def _real(x: float) -> str:
    return "0" if x == 0 else f"{x:.4g}"


def short(value: Any) -> str:
    """A value in a few characters.

    >>> short(2.0), short(np.array([1.0, 2.5])), short(np.float64("nan"))
    ('2', '[1, 2.5]', '⚠ nan')
    >>> short(np.ones((10, 30))), short(np.arange(300.0))
    ('all 1', 'mean 150, norm 2990')
    >>> short(np.array([1.0, np.inf, np.nan, np.nan, 2.0]))
    '⚠ 2 nan, 1 inf of 5'
    """
    x = np.asarray(value)
    text = _text(x)
    return f"{MARK} {text}" if _counts(x) else text


def _text(x: Any) -> str:
    if x.ndim == 0:
        return number(x[()])
    if x.ndim == 1 and x.size <= FEW:
        return f"[{', '.join(map(number, x))}]"
    if x.size == 0:
        return "empty"
    found = _counts(x)
    if found:
        return f"{found} of {x.size:,}"
    if (x == x.flat[0]).all():
        return f"all {number(x.flat[0])}"
    if x.dtype.kind == "b":
        return f"{np.count_nonzero(x):,} of {x.size:,} true"
    if x.dtype.kind in "iu":
        return f"{number(x.min())} to {number(x.max())}"
    with np.errstate(over="ignore", under="ignore"):
        return f"mean {number(_three(x.mean()))}, norm {number(_three(magnitude(x)))}"


def _three(x: Any) -> Any:
    """Three digits are enough of what is a summary."""
    return complex(f"{x:.3g}") if isinstance(x, complex) else float(f"{x:.3g}")


def _counts(x: Any) -> str:
    """How many entries are not finite, "" for none."""
    if x.dtype.kind not in "fc" or np.isfinite(x).all():
        return ""
    nans = int(np.isnan(x).sum())
    infinite = int(x.size - np.isfinite(x).sum()) - nans
    return ", ".join(f"{n} {what}" for n, what in ((nans, "nan"), (infinite, "inf")) if n)


def magnitude(value: Any) -> float:
    """The Euclidean norm of all entries; what is not finite counts as infinite.

    >>> magnitude(np.array([[3.0], [4.0]])), magnitude(np.array([1e200, np.nan]))
    (5.0, inf)
    """
    x = np.abs(np.asarray(value)).ravel()
    largest = float(x.max(initial=0.0))
    if largest == 0 or not np.isfinite(largest):
        return 0.0 if largest == 0 else float("inf")
    return largest * float(np.linalg.norm(x / largest))  # does not overflow
