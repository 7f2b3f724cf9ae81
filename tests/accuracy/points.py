"""Points where a derivative does not exist, or where a formula for it breaks: what it is there.

One row a point: the function as a user writes it, where, the derivative, why. Where several
numbers would do, the one is taken that JAX, PyTorch and autograd agree on, if they do; else the
element of the subdifferential with the smallest norm, so that descent may stop there.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy import special

NAN, INF = float("nan"), float("inf")


@dataclass(frozen=True)
class Point:
    """``f`` in plain NumPy; ``text`` is its formula; ``slope`` the derivative at ``x``."""

    text: str
    f: Callable[..., Any]
    x: Any
    slope: Any
    why: str


POINTS: list[Point] = []
TOPICS: dict[str, list[Point]] = {}


def topic(name: str) -> Callable[..., None]:
    rows = TOPICS.setdefault(name, [])

    def point(text: str, x: Any, slope: Any, why: str, f: Callable[..., Any] | None = None) -> None:
        names = {"np": np, "expit": special.expit, "inf": INF, "nan": NAN}
        meaning = f or eval(f"lambda x: {text}", names)  # the text is the program
        rows.append(Point(text, meaning, x, slope, why))
        POINTS.append(rows[-1])

    return point


_ = topic("Corners")
_("np.abs(x)", 0.0, 0.0, "between -1 and 1; as PyTorch and autograd (sign of 0); JAX gives 1")
_("np.abs(x)", -0.0, 0.0, "as at 0")
_("np.sign(x)", 0.0, 0.0, "piecewise constant")
_("np.maximum(x, 0.0)", 0.0, 0.5, "a tie is shared equally, as JAX, PyTorch and autograd do")
_("np.maximum(x, x)", 1.0, 1.0, "both halves arrive")
_("np.minimum(x, 0.0)", 0.0, 0.5, "a tie")
_("np.fmax(x, np.nan)", 1.0, 1.0, "NaN loses")
_("np.maximum(x, 0.0)", NAN, 0.0, "the value is NaN; no operand was chosen")
_("np.clip(x, 0.0, 1.0)", 0.0, 0.5, "maximum and minimum, so a tie")
_("np.clip(x, 0.0, 1.0)", 1.0, 0.5, "a tie")
_("np.where(x > 0, x, 0.0)", 0.0, 0.0, "what is written is taken: the branch of 0")
_("np.max(x)", [1.0, 3.0, 3.0], [0.0, 0.5, 0.5], "ties share equally, as JAX and autograd do")
_("np.min(x)", [1.0, 1.0, 1.0], [1 / 3, 1 / 3, 1 / 3], "ties share equally")
_("np.sort(x)[0]", [2.0, 1.0, 1.0], [0.0, 1.0, 0.0], "the sort is stable: the first of equals")
_("np.median(x)", [1.0, 2.0, 2.0, 5.0], [0.0, 0.5, 0.5, 0.0], "the mean of the middle two")
_("np.floor(x)", 1.0, 0.0, "piecewise constant")
_("np.mod(x, 1.0)", 2.0, 1.0, "the slope on both sides")

_ = topic("Zero, infinity, ends of domains")
_("np.sqrt(x)", 0.0, INF, "the limit")
_("np.cbrt(x)", 0.0, INF, "the limit")
_("np.cbrt(x)", INF, 0.0, "the limit")
_("np.log(x)", 0.0, INF, "the limit")
_("np.log(x)", 5e-324, INF, "1 / x is beyond the largest number")
_("np.log1p(x)", -1.0, INF, "the limit")
_("1 / x", 0.0, -INF, "the limit")
_("1 / x", -0.0, -INF, "the limit")
_("1 / x", INF, 0.0, "the limit")
_("np.arcsin(x)", 1.0, INF, "the limit")
_("np.arccos(x)", -1.0, -INF, "the limit")
_("np.arccosh(x)", 1.0, INF, "the limit")
_("np.arctanh(x)", -1.0, INF, "the limit")
_("np.arcsin(x)", 2.0, NAN, "outside of the domain")
_("np.sqrt(x)", -1.0, NAN, "outside of the domain")
_("np.arctan(x)", INF, 0.0, "the limit")
_("np.arctan(x)", 1e200, 0.0, "1e-400 is 0; no square overflows on the way")
_("np.arcsinh(x)", 1e200, 1e-200, "no square overflows on the way")
_("np.exp(x)", -INF, 0.0, "the limit")
_("np.exp(x)", 710.0, INF, "beyond the largest number")
_("np.expm1(x)", -40.0, 4.248354255291589e-18, "exp(x), not the value plus 1, which is 0")
_("np.tanh(x)", 20.0, 1.6993417021166355e-17, "1 - tanh(x)**2 would be 0")
_("np.tanh(x)", INF, 0.0, "the limit")
_("np.sin(x)", INF, NAN, "there is no value")
_("np.hypot(x, 0.0)", 0.0, 0.0, "smallest norm; as PyTorch; JAX gives NaN")
_("np.arctan2(x, 0.0)", 0.0, NAN, "no derivative, and no subdifferential: the value jumps")
_("np.arctan2(0.0, x)", -1.0, 0.0, "along the cut nothing changes")
_("np.prod(x)", [0.0, 2.0, 3.0], [6.0, 0.0, 0.0], "products of the others, without division")
_("np.prod(x)", [0.0, 2.0, 0.0], [0.0, 0.0, 0.0], "two zeros")
_("np.sqrt(np.sum(x**2))", [0.0, 0.0], [0.0, 0.0], "0 times infinity is 0 along a path, see below")
_("np.sqrt(np.sum(x**2))", [3.0, 0.0], [1.0, 0.0], "")
_("np.std(x)", [2.0, 2.0, 2.0], [0.0, 0.0, 0.0], "smallest norm; JAX and PyTorch give NaN")
_("np.std(x)", [2.0], [0.0], "of one number")
_("np.var(x)", [2.0], [0.0], "of one number")

_ = topic("Powers")
_("x**0", 0.0, 0.0, "x**0 is 1 everywhere, as in NumPy, at 0, infinity and NaN, too")
_("x**0", INF, 0.0, "as at 0")
_("x**0", NAN, 0.0, "as at 0")
_("x**0.0", 0.0, 0.0, "a float exponent means the same")
_("x**np.zeros(())", 0.0, 0.0, "and an array")
_("x**1", 0.0, 1.0, "")
_("x**np.ones(())", 0.0, 1.0, "")
_("x**2", 0.0, 0.0, "")
_("x**0.5", 0.0, INF, "the limit")
_("x**0.3", 0.0, INF, "the limit")
_("x**0.3", INF, 0.0, "the limit")
_("x**-1", 0.0, -INF, "the limit")
_("x**3", -2.0, 12.0, "a whole exponent of a negative base")
_("x**0.5", -1.0, NAN, "outside of the domain")
_("0.0**x", 2.0, 0.0, "0**x is 0 for x > 0")
_("0.0**x", 0.0, 0.0, "0**0 is 1; as PyTorch and JAX")
_("0.0**x", -1.0, 0.0, "infinite on both sides of x; nothing depends on it")
_("np.power(-2.0, x)", 2.0, NAN, "not defined next to x")
_("x**x", 0.0, 0.0, "x**y in both at (0, 0): 0 and 0")

_ = topic("Exponentials")
_("expit(x)", 37.43, 5.5508250862537194e-17, "s(x) s(-x); s(x) (1 - s(x)) would be 0")
_("expit(x)", -37.43, 5.5508250862537194e-17, "")
_("1 / (1 + np.exp(-x))", 37.43, 5.5508250862537194e-17, "as written by hand: out / y * exp(-x)")
_("1 / (1 + np.exp(-x))", -37.43, 5.5508250862537194e-17, "")
_("1 / (1 + np.exp(-x))", -800.0, 0.0, "exp overflows; the path has a factor 0")
_("0.5 * (1 + np.tanh(0.5 * x))", 37.43, 5.5508250862537194e-17, "by tanh")
_("expit(x)", INF, 0.0, "the limit")
_("np.logaddexp(x, -np.inf)", -INF, 0.5, "equal infinities share, as ties do")
_("np.logaddexp(x, -np.inf)", 0.0, 1.0, "the other has no part")
_("np.logaddexp(x, np.inf)", INF, 0.5, "equal infinities share")
_("np.exp(x) / np.sum(np.exp(x)) @ np.array([1.0, 2.0])", [-INF, 0.0], [0.0, 0.0],
  "what is masked by -inf has no part")  # fmt: skip

_ = topic("The branch that a where does not take")
_("np.where(x > 0, np.log(x), 0.0)", 0.0, 0.0, "its cotangent is 0, and zero wins")
_("np.where(x > 0, np.log(x), 0.0)", -1.0, 0.0, "")
_("np.where(x > 0, np.sqrt(x), 0.0)", 0.0, 0.0, "JAX, PyTorch and autograd give NaN")
_("np.where(x != 0, 2.0 * (3.0 / x), 0.0)", 0.0, 0.0, "")
_("np.where(x != 0, x * (3.0 / x), 0.0)", 0.0, 0.0, "a product of variables, of which one is inf")
_("np.where(x > 0, np.tanh(np.log(x)), 0.0)", -1.0, 0.0, "NaN in the middle")
_("np.where(x != 0, np.sin(1 / x), 0.0)", 0.0, 0.0, "cos(inf) is NaN")
_("np.where(x != 0, np.abs(1 / x), 0.0)", 0.0, 0.0, "")
_("np.where(x != 0, np.hypot(1 / x, x), 0.0)", 0.0, 0.0, "")
_("np.where(x != 0, np.square(1 / x), 0.0)", 0.0, 0.0, "")
_("np.where(x != 0, np.sin(x) / x, 1.0)", 0.0, 0.0, "")
_("np.where(x > 0, x**-0.5, 0.0)", 0.0, 0.0, "")
_("np.where(x > 0, x**x, 0.0)", 0.0, 0.0, "")
_("np.where(x < 0, np.exp(x), 1.0)", 1000.0, 0.0, "exp overflows")
_("np.where(x > 0, np.prod(np.stack([1 / x, x])), 0.0)", 0.0, 0.0, "")
_("np.where(x > 0, np.max(np.stack([np.log(x), x])), 0.0)", -1.0, 0.0, "")
_("x * np.sqrt(x)", 0.0, 0.0, "the derivative of x**1.5; forward and reverse")

_ = topic("Branch cuts: along the imaginary axis, from the side that the sign of zero says")
_("np.sqrt(x)", complex(-4.0, 0.0), -0.25j, "1 / (2 * 2i)")
_("np.sqrt(x)", complex(-4.0, -0.0), 0.25j, "1 / (2 * -2i)")
_("np.log(x)", complex(-2.0, 0.0), -0.5, "1 / x is the same on both sides")
_("np.log(x)", complex(-2.0, -0.0), -0.5, "")
_("np.arcsin(x)", complex(2.0, 0.0), 1j / np.sqrt(3.0), "the side of the value: 1.57 + 1.32i")
_("np.arcsin(x)", complex(2.0, -0.0), -1j / np.sqrt(3.0), "")
_("np.arccos(x)", complex(-2.0, 0.0), 1j / np.sqrt(3.0), "")
_("np.arccosh(x)", complex(-2.0, 0.0), -1 / np.sqrt(3.0), "")
_("np.arcsinh(x)", complex(0.0, 2.0), -1j / np.sqrt(3.0), "")
_("np.arcsinh(x)", complex(-0.0, 2.0), 1j / np.sqrt(3.0), "")
_("np.abs(x)", complex(0.0, 0.0), 0.0, "smallest norm")
