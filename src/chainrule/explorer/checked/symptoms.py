"""What the pattern of wrong derivatives tells of the mistake behind it.

Judged from the numbers alone, as one judges a gradient of one's own: the ratio of each derivative
to its difference quotient, array by array. Nothing here knows which mistake was planted.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

Array = Any

_SAME = 1e-3  # ratios that differ by less are one
_CLEAR = 1e-6  # of the largest derivative: below, a ratio is mostly the difference's error


@dataclass(frozen=True, eq=False)
class Compared:
    """The derivatives of one array of parameters beside their quotients.

    Attributes:
        kind, layer: "w" or "b", and of which layer.
        analytic, numeric: only those that were compared.
        wrong: which differ by more than the quotient can be wrong.
    """

    kind: str
    layer: int
    analytic: Array
    numeric: Array
    wrong: Array

    @property
    def is_wrong(self) -> bool:
        """Whether any derivative is."""
        return bool(np.any(self.wrong))

    @property
    def ratio(self) -> float | None:
        """The one factor by which all are off; None if there is none."""
        clear = np.abs(self.numeric) > _CLEAR * np.max(np.abs(self.numeric), initial=0.0)
        if not np.any(clear):
            return None
        ratios = self.analytic[clear] / self.numeric[clear]
        middle = float(np.median(ratios))
        return middle if np.all(np.abs(ratios - middle) <= _SAME * max(abs(middle), 1)) else None


def symptom(arrays: Sequence[Compared], examples: int) -> str:
    """What to think of it, in words."""
    wrong = [a for a in arrays if a.is_wrong]
    if not wrong:
        return "Each that was compared is its difference quotient: the gradient is right."
    everywhere = _everywhere(arrays, wrong, examples)
    if everywhere:
        return everywhere
    last = max(a.layer for a in arrays)
    if {a.kind for a in wrong} == {"b"}:
        zero = all(a.ratio is not None and abs(a.ratio) < _SAME for a in wrong)
        what = "their derivatives are 0" if zero else "the weights are right"
        return f"Only biases are wrong, {what}: the mistake is in BP3, which makes nabla_b of δ."
    if {a.kind for a in wrong} == {"w"}:
        return (
            "Only weights are wrong. The biases, whose gradient is δ itself, are right, so δ is:"
            " the mistake is in BP4, which multiplies δ with a of the layer before."
        )
    if all(a.layer < last for a in wrong):
        first = max(a.layer for a in wrong)
        return (
            f"Layer {last}, the output, is right, and all from layer {first} down is wrong, weights"
            " and biases: the mistake is in BP2, which carries δ from a layer to the one before."
        )
    return (
        "Everything is wrong, the output layer too, and by no single factor: the mistake is in BP1,"
        " where δ begins, and goes with δ into every layer."
    )


def _everywhere(arrays: Sequence[Compared], wrong: Sequence[Compared], examples: int) -> str:
    """Of a gradient that is off by one factor; empty if it is not."""
    ratios = [a.ratio for a in arrays if np.any(a.numeric)]
    found = [r for r in ratios if r is not None]
    if len(wrong) < len(ratios) or len(found) < len(ratios) or not found:
        return ""
    middle = float(np.median(found))
    if any(abs(r - middle) > _SAME * abs(middle) for r in found):
        return ""
    text = f"Everything is off by the same factor, {middle:.4g}"
    if abs(middle - examples) < _SAME * examples:
        return (
            f"{text}: exactly the number of examples. The gradient is the sum over the mini-batch,"
            " and the cost is the mean."
        )
    if abs(middle + 1) < _SAME:
        return f"{text}: only the sign is wrong. Descent with it climbs; look where a − y begins."
    return f"{text}: a constant is missing or too much, where δ begins or where it is averaged."
