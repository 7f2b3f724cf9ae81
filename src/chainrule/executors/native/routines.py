"""A group that is a function of its own for each matrix, or each line of entries, of a stack."""

from __future__ import annotations

from dataclasses import dataclass

from chainrule.core.graph import Equation, Var
from chainrule.executors.native.refs import Ref


@dataclass(eq=False)
class Routine:
    """One step of an equation: what ``lapack.py`` and ``along.py`` know how to write.

    ``reads`` are views in memory, ``writes`` the bases that it fills, scratch included. ``turned``
    says that a matrix lies by columns.
    """

    equation: Equation
    name: str
    reads: tuple[Ref, ...]
    writes: tuple[Var, ...]
    turned: bool = False


def steps(strides: tuple[int, ...]) -> str:
    """The terms of an index in a stack, whose loops count ``b0, b1 ...``."""
    return "".join(f" + b{i} * {s}" for i, s in enumerate(strides) if s)


def in_loops(batch: tuple[int, ...], line: str) -> list[str]:
    """A line inside the loops over a stack."""
    loops = [f"{'    ' * axis}for b{axis} in range({n}):" for axis, n in enumerate(batch)]
    return [*loops, "    " * len(batch) + line]
