"""Equations that hold graphs, made executable by other means than the interpreter."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from chainrule.core.graph import Equation
from chainrule.core.interpreter import Make
from chainrule.transforms.control import checkpoint, cond, scan, while_loop
from chainrule.transforms.custom import equation as custom

_PREPARED: dict[str, Callable[..., Callable[..., tuple[Any, ...]]]] = {
    "scan": scan.prepared,
    "while_loop": while_loop.prepared,
    "cond": cond.prepared,
    "checkpoint": checkpoint.prepared,
    "custom": custom.prepared,
}


def holds_graphs(equation: Equation) -> bool:
    """Whether an equation has graphs inside that can be made executable."""
    return equation.primitive.name in _PREPARED


def executable(equation: Equation, make: Make) -> Callable[..., tuple[Any, ...]]:
    """The equation as a function of its operands; ``make`` takes the graphs that it holds."""
    return _PREPARED[equation.primitive.name](make, **equation.params)
