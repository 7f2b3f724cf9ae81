"""What an executor makes of a graph: something to call, and what there is to see of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from chainrule.core.interpreter import Run


@dataclass(frozen=True)
class Executable:
    """A graph made executable.

    Attributes:
        run: outputs for a list of inputs.
        equations: how many it runs.
        sources: emitted source texts, one for each part that became machine code.
        interpreted: names of the primitives that run in the interpreter, one for each equation.
        inside: names of those that run there inside of loops and branches, which Python then runs.
        overwrites: which results are written into which donated inputs.
    """

    run: Run
    equations: int
    sources: tuple[str, ...]
    interpreted: tuple[str, ...]
    inside: tuple[str, ...] = ()
    overwrites: Mapping[int, int] = field(default_factory=dict[int, int])
