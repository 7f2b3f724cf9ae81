"""Programs, one a rewrite: what ``simplify`` and ``fold_constants`` make of them, as text.

Each is a function of two arrays of three floats. ``tests/passes/test_simplify.py`` compares the
text and, for special values, the bits.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import numpy as np

import chainrule as cr
from chainrule.ops.elementwise import convert, mul_or_zero

Program = Callable[[Any, Any], Any]
ONES, TWOS = np.ones(3), np.full(3, 2.0)


def written(x, y):
    z = x * 1.5
    z[1:] = y[:2]
    return z[1:]


REWRITES: dict[str, tuple[Program, str]] = {
    "times one": (lambda x, y: x * 1, "return a"),
    "one times": (lambda x, y: 1.0 * x, "return a"),
    "times ones": (lambda x, y: x * ONES, "return a"),
    "times ones of more axes": (
        lambda x, y: x * np.ones((2, 3)), "c = broadcast_to[shape=(2, 3)] a; return c"
    ),
    "times a wider one": (
        lambda x, y: x.astype(np.float32) * np.float64(1),
        "c = convert[dtype=float32] a; d = convert[dtype=float64] c; return d",
    ),
    "times minus one": (lambda x, y: x * -1, "c = neg a; return c"),
    "negative times negative": (lambda x, y: -x * -y, "c = mul a b; return c"),
    "negative times number": (lambda x, y: -x * 3, "c = mul a -3; return c"),
    "negative outwards": (
        lambda x, y: x - (-y) * x, "c = mul b a; d = add a c; return d"
    ),
    "negative outwards of a quotient": (
        lambda x, y: x + (-y) / x, "c = div b a; d = sub a c; return d"
    ),
    "negative of a multiple": (lambda x, y: -(x * 3), "c = mul a -3; return c"),
    "negative of a quotient": (lambda x, y: -(3 / x), "c = div -3 a; return c"),
    "negative quotient of negatives": (lambda x, y: (-x) / (-y), "c = div a b; return c"),
    "zero wins not against a number": (
        lambda x, y: mul_or_zero(x, TWOS), "c = mul a 2.0; return c"
    ),
    "zero wins not of a number": (lambda x, y: mul_or_zero(TWOS, x), "c = mul 2.0 a; return c"),
    "over one": (lambda x, y: x / 1, "return a"),
    "over minus one": (lambda x, y: x / -1, "c = neg a; return c"),
    "over four": (lambda x, y: x / 4, "c = mul a 0.25; return c"),
    "over a large power of two": (
        lambda x, y: x / 2.0**-1000, f"c = mul a {2.0**1000}; return c"
    ),
    "plus minus zero": (lambda x, y: x + -0.0, "return a"),
    "square plus zero": (lambda x, y: x * x + 0, "c = mul a a; return c"),
    "sum plus zero": (lambda x, y: np.sum(x) + 0, "c = sum[axes=(0,)] a; return c"),
    "plus negative": (lambda x, y: x + -y, "c = sub a b; return c"),
    "negative plus": (lambda x, y: -x + y, "c = sub b a; return c"),
    "minus zero": (lambda x, y: x - 0, "return a"),
    "minus zero minus": (lambda x, y: -0.0 - x, "c = neg a; return c"),
    "minus negative": (lambda x, y: x - -y, "c = add a b; return c"),
    "negative twice": (lambda x, y: np.negative(-x), "return a"),
    "not not": (lambda x, y: ~(~(x > y)), "c = greater a b; return c"),
    "even of negative": (
        lambda x, y: np.cos(-x) + np.square(-y) + abs(-x),
        "c = cos a; d = square b; e = add c d; f = abs a; g = add e f; return g",
    ),
    "even of absolute": (lambda x, y: np.square(abs(x)), "c = square a; return c"),
    "absolute of square": (lambda x, y: abs(np.square(x)), "c = square a; return c"),
    "power 0": (lambda x, y: x**0, "return <float64[3]>"),
    "power 1": (lambda x, y: x**1, "return a"),
    "power 2": (lambda x, y: x**2, "c = square a; return c"),
    "power 1/2": (lambda x, y: x**0.5, "c = sqrt a; return c"),
    "power -1": (lambda x, y: x**-1, "c = reciprocal a; return c"),
    "real part": (lambda x, y: cr.ops.elementwise.real(x), "return a"),
    "conjugate": (lambda x, y: cr.ops.elementwise.conj(x), "return a"),
    "copy": (lambda x, y: np.copy(x), "return a"),
    "same dtype": (lambda x, y: convert(x, dtype=np.dtype(float)), "return a"),
    "to and fro": (
        lambda x, y: (x > y).astype(np.float32).astype(np.float64),
        "c = greater a b; d = convert[dtype=float64] c; return d",
    ),
    "maximum of equals": (lambda x, y: np.maximum(x, x) + np.fmin(y, y), "c = add a b; return c"),
    "and of equals": (lambda x, y: (x > y) & (x > y), "c = greater a b; return c"),
    "choice known": (lambda x, y: np.where(np.array([True] * 3), x, y), "return a"),
    "choice of equals": (lambda x, y: np.where(x > y, y, y), "return b"),
    "choice by negation": (
        lambda x, y: np.where(~(x > y), x, y), "c = greater a b; d = select c b a; return d"
    ),
    "choice again": (
        lambda x, y: np.where(x > y, np.where(x > y, x, 2.0), y),
        "c = greater a b; d = select c a b; return d",
    ),
    "reshape twice": (
        lambda x, y: x.reshape(3, 1).reshape(1, 3), "c = reshape[shape=(1, 3)] a; return c"
    ),
    "reshape back": (lambda x, y: x.reshape(3, 1).reshape(3), "return a"),
    "transpose twice": (
        lambda x, y: np.outer(x, y).T.T,
        "c = reshape[shape=(3, 1)] a; d = reshape[shape=(1, 3)] b; e = mul c d; return e",
    ),
    "flip twice": (lambda x, y: np.flip(np.flip(x)), "return a"),
    "broadcast twice": (
        lambda x, y: np.broadcast_to(np.broadcast_to(x, (1, 3)), (2, 3)),
        "c = broadcast_to[shape=(2, 3)] a; return c",
    ),
    "broadcast operand": (
        lambda x, y: np.broadcast_to(np.sum(x), (3,)) * y,
        "c = sum[axes=(0,)] a; d = mul c b; return d",
    ),
    "equal entries": (lambda x, y: x > TWOS, "c = greater a 2.0; return c"),
    "largest of one": (lambda x, y: np.max(x[:, None], axis=1), "return a"),
    "new axis": (lambda x, y: x[:, None], "c = reshape[shape=(3, 1)] a; return c"),
    "read where written": (written, "c = getitem[index=(:2,)] b; return c"),
    "read of joined": (lambda x, y: np.concatenate([x, y])[3:], "return b"),
    "folded": (
        lambda x, y: x * (np.ones_like(x) * 2) ** 3 + np.cos(np.zeros_like(y)),
        "c = mul a 8.0; d = add c 1.0; return d",
    ),
}  # fmt: skip

LEFT_ALONE: dict[str, Program] = {
    "times zero": lambda x, y: x * 0,
    "minus itself": lambda x, y: x - x,
    "over itself": lambda x, y: x / x,
    "plus zero": lambda x, y: x + 0.0,
    "plus a product and zero": lambda x, y: x * y + 0,
    "minus minus zero": lambda x, y: x - -0.0,
    "zero minus": lambda x, y: 0.0 - x,
    "over three": lambda x, y: x / 3,
    "over a power of two without inverse": lambda x, y: x / 2.0**-1074,
    "over a power of two with a denormal inverse": lambda x, y: x / 2.0**1023,
    "over zero": lambda x, y: x / 0.0,
    "negative of a difference": lambda x, y: -(x - y),
    "another order": lambda x, y: (x * 3) * 5,
    "sum of a repeated number": lambda x, y: np.sum(np.broadcast_to(x[:, None], (3, 4)), axis=1),
    "sum of one": lambda x, y: np.sum(x.reshape(3, 1), axis=1),
    "zero wins": lambda x, y: mul_or_zero(x, y),
    "zero wins, with its own sign": lambda x, y: mul_or_zero(x, -y),
    "zero wins of zero": lambda x, y: mul_or_zero(np.zeros(3), x),
    "zero wins against infinity": lambda x, y: mul_or_zero(x, np.full(3, np.inf)),
    "narrower in between": lambda x, y: x.astype(np.float32).astype(np.float64),
    "power -2": lambda x, y: x**-2,
    "zeros of both signs": lambda x, y: x - np.array([0.0, -0.0, 0.0]),
}


def short(graph: cr.Graph) -> str:
    """The text of a graph without types, in one line."""
    lines = str(graph).splitlines()[1:]
    bare = [re.sub(r": [a-z]+[0-9]*~?(\[[0-9, ]+\])?", "", line).strip() for line in lines]
    return "; ".join(bare)
