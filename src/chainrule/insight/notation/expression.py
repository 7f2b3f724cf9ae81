"""An expression: what an equation of a graph says, in symbols.

Expressions are what a derivation rewrites and prints. They are made of a graph's equations, by
putting the right-hand side in the place of a variable that has no name of its own; each is
evaluated by the primitives it is made of, so that what is printed can be checked by numbers.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from chainrule.core.graph import ArrayType


@dataclass(frozen=True)
class Symbol:
    """A variable with a name: ``delta^2`` is Symbol("delta^2", r"\\delta^{2}", type)."""

    text: str
    latex: str
    type: ArrayType


@dataclass(frozen=True, eq=False)
class Constant:
    """A number or array that stands in the graph."""

    value: Any
    type: ArrayType


@dataclass(frozen=True)
class Apply:
    """A primitive, by its name, applied to expressions."""

    primitive: str
    operands: tuple[Expression, ...]
    type: ArrayType
    params: Mapping[str, Any] = field(default_factory=dict[str, Any])
    result: int = 0  # which of the results, of a primitive that has several


Expression = Symbol | Constant | Apply
