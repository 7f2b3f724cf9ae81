"""What an executor makes of a graph: something to call, and what there is to see of it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

Run = Callable[[Sequence[Any]], list[Any]]


@dataclass(frozen=True)
class Executable:
    """A graph made executable.

    Attributes:
        run: outputs for a list of inputs.
        equations: how many it runs.
        sources: emitted source texts, one for each part that became machine code.
        interpreted: names of the primitives that run in the interpreter, one for each equation.
        overwrites: which results are written into which donated inputs.
    """

    run: Run
    equations: int
    sources: tuple[str, ...]
    interpreted: tuple[str, ...]
    overwrites: Mapping[int, int] = field(default_factory=dict[int, int])
