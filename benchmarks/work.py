"""What a benchmark is: one piece of work, at several sizes, done by several contenders."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

Size = Mapping[str, Any]


@dataclass(frozen=True)
class Task:
    """The work, ready to run.

    ``run`` does all of it once and returns its numbers, arrays in the order that all contenders
    share; ``units`` is how many steps (or evaluations) that is. ``numbers`` does the part of it
    after which the contenders are compared, if not all.
    """

    run: Callable[[], Sequence[Any]]
    units: int = 1
    numbers: Callable[[], Sequence[Any]] | None = None


@dataclass(frozen=True)
class Contender:
    """How one library does the work; ``prepare(size, threads)`` may take its time.

    ``is_peer`` runs in the environment of the peers. ``compared`` is false where the library cannot
    compute the same numbers and does work of the same size instead; ``note`` says so. ``shown`` is
    false for chainrule's own other ways, which are in the tables and not in the plot.
    """

    prepare: Callable[[Size, int], Task]
    compared: bool = True
    is_peer: bool = False
    note: str = ""
    shown: bool = True


@dataclass(frozen=True)
class Work:
    """A benchmark.

    ``at_least`` is how many times faster than each contender chainrule must be: 2.0 is twice as
    fast, 1 / 1.5 at most 1.5 times as slow.
    """

    name: str
    what: str
    sizes: Sequence[Size]
    contenders: Mapping[str, Contender]
    threads: Sequence[int] = (1,)
    tolerance: float = 1e-6
    unit: str = "evaluation"
    at_least: Mapping[str, float] = field(default_factory=dict[str, float])
    small: Size = field(default_factory=dict[str, Any])
    shows_memory: bool = False


OURS = "chainrule"
