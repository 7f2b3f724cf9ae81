"""Mistakes planted into backpropagation written by hand: what people really get wrong.

A mistake is a line of ``student.py`` written otherwise. The text with that line is what the page
shows, and what is compiled and run, so it cannot show anything else.
"""

from __future__ import annotations

import inspect
import textwrap
import traceback
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np

from chainrule.core.errors import ArgumentError, ShapeError
from chainrule.explorer.checked import student
from chainrule.nn.activations import Activation, softmax
from chainrule.nn.record import cost_derivative
from chainrule.nn.stack import Stack
from chainrule.transforms.jvp import jvp

Array = Any
Layers = dict[int, Array]

FILE = "backprop.py"  # what tracebacks call the text
BP1 = "delta[L] = cost_prime(a[L], y) * sigma_prime[L](z[L])"
BP2 = "delta[n] = (delta[n + 1] @ w[n + 1]) * sigma_prime[n](z[n])"
BP3 = "nabla_b[n] = np.sum(delta[n], axis=0) / m"
BP4 = "nabla_w[n] = delta[n].T @ a[n - 1] / m"
FUSED = "delta[L] = a[L] - y"  # of costs that belong to their activation: sigma' cancels

ELSEWHERE = "Where layers are square, as in the small network, it runs and is wrong."


@dataclass(frozen=True)
class Mistake:
    """A mistake: what it is called, and which lines it writes otherwise."""

    title: str
    lines: dict[str, str]


MISTAKES: dict[str, Mistake] = {
    "none": Mistake("no mistake", {}),
    "slope-output": Mistake("forget σ′ in BP1", {BP1: "delta[L] = cost_prime(a[L], y)"}),
    "slope": Mistake("forget σ′ in BP2", {BP2: "delta[n] = delta[n + 1] @ w[n + 1]"}),
    "transpose": Mistake(
        "forget the transpose in BP2",
        {BP2: "delta[n] = (delta[n + 1] @ w[n + 1].T) * sigma_prime[n](z[n])"},
    ),
    "argument": Mistake(
        "σ′(a) in place of σ′(z)",
        {BP2: "delta[n] = (delta[n + 1] @ w[n + 1]) * sigma_prime[n](a[n])"},
    ),
    "sum": Mistake(
        "sum in place of mean",
        {BP3: "nabla_b[n] = np.sum(delta[n], axis=0)", BP4: "nabla_w[n] = delta[n].T @ a[n - 1]"},
    ),
    "sign": Mistake(
        "y − a in place of a − y",
        {
            BP1: "delta[L] = -cost_prime(a[L], y) * sigma_prime[L](z[L])",
            FUSED: "delta[L] = y - a[L]",
        },
    ),
    "bias": Mistake("forget the biases", {BP3: "nabla_b[n] = np.zeros_like(b[n])"}),
    "layer": Mistake("a of the wrong layer in BP4", {BP4: "nabla_w[n] = delta[n].T @ a[n] / m"}),
}


@dataclass(frozen=True)
class Program:
    """A text of ``backprop``, and the lines (from 0) that a mistake is in, with the right ones."""

    text: str
    wrong: dict[int, str]

    def run(self, *args: Any) -> tuple[Layers, Layers]:
        """What the text computes."""
        names: dict[str, Any] = {"np": np}
        exec(compile(self.text, FILE, "exec"), names)
        return names["backprop"](*args)


@cache
def program_of(mistake: str, fused: bool) -> Program:
    """The text of ``backprop`` with a mistake; ``fused``: of a cost with its own activation.

    Raises:
        ArgumentError: there is no such mistake, or none of its lines is in the text.

    >>> program_of("slope", fused=False).wrong
    {12: 'delta[n] = (delta[n + 1] @ w[n + 1]) * sigma_prime[n](z[n])  # BP2'}
    """
    if mistake not in MISTAKES:
        raise ArgumentError(f"there is no mistake {mistake!r}; there are {', '.join(MISTAKES)}")
    text = _body().replace(BP1, FUSED) if fused else _body()
    lines, wrong = text.split("\n"), dict[int, str]()
    for right, otherwise in MISTAKES[mistake].lines.items():
        for i, line in enumerate(lines):
            if right in line:
                wrong[i] = line.strip()
                lines[i] = line.replace(right, otherwise)
    if MISTAKES[mistake].lines and not wrong:
        raise ArgumentError(
            "there is no σ′ to forget in BP1: with this cost it cancels, and δ is a − y; see it"
            " with the quadratic cost"
        )
    return Program("\n".join(lines), wrong)


@cache
def _body() -> str:
    """The text of ``backprop`` without types and docstring, as one writes it."""
    lines = textwrap.dedent(inspect.getsource(student.backprop)).split("\n")
    first = next(i for i, line in enumerate(lines) if '"""' in line) + 1
    head = "def backprop(w, b, x, y, sigma, sigma_prime, cost_prime):"
    return "\n".join([head, *lines[first:]]).replace(": Layers", "").rstrip()


def gradient(stack: Stack, X: Array, Y: Array, mistake: str) -> tuple[Layers, Layers]:
    """The gradient that the program with a mistake computes.

    Raises:
        ShapeError: NumPy refuses a line, or an array has not the shape of its parameters.
        ArgumentError: the four equations do not hold as they are written, as for softmax with a
            cost of another kind.
    """
    activations = stack.activations
    if any(f is softmax for n, f in activations.items() if n < stack.depth or not stack.is_fused):
        raise ArgumentError(
            "softmax is not elementwise, so the four equations do not hold as they are written"
            " here; look at the small network"
        )
    program = program_of(mistake, stack.is_fused)
    slopes = {n: _slope_of(f) for n, f in activations.items()}

    def cost_prime(a: Array, y: Array) -> Array:
        return cost_derivative(stack.cost, a, y)

    x = stack.prepare(X)
    args = stack.weights, stack.biases, x, Y, activations, slopes, cost_prime
    try:
        nabla_w, nabla_b = program.run(*args)
    except ValueError as error:
        raise ShapeError(_refusal(program, error)) from None
    for mine, own, name in ((nabla_w, stack.weights, "w"), (nabla_b, stack.biases, "b")):
        for n, array in mine.items():
            if array.shape != own[n].shape:
                raise ShapeError(
                    f"nabla_{name}[{n}] has the shape {array.shape}, but {name}[{n}] has"
                    f" {own[n].shape}: the mistake shows before any number is compared.\n"
                    + ELSEWHERE
                )
    return nabla_w, nabla_b


def _slope_of(f: Activation) -> Callable[[Array], Array]:
    """The derivative of an elementwise function."""

    def slope(z: Array) -> Array:
        return jvp(f, (z,), (np.ones_like(z),))[1]

    return slope


def _refusal(program: Program, error: ValueError) -> str:
    """NumPy's error, with the line of the program that it comes from."""
    frames = traceback.extract_tb(error.__traceback__)
    at = max((f.lineno or 1 for f in frames if f.filename == FILE), default=1)
    line = program.text.split("\n")[at - 1].strip()
    return f"NumPy refuses the line\n    {line}\n{type(error).__name__}: {error}\n{ELSEWHERE}"
