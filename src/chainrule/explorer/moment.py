"""One moment of a session, as the page's address has it: what a file that is saved shows.

A screen's module says by ``recorded(session, moment)`` which questions the page will ask at a
moment, so that their answers can be put into the file.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

Asked = tuple[str, dict[str, Any]]  # a question as the page asks it: name and parameters


@dataclass(frozen=True)
class Moment:
    """Where the page stands: screen, training step, example, and what else its address holds."""

    step: int
    example: str = "0"
    screen: str = "graph"
    more: dict[str, str] = field(default_factory=dict[str, str])
