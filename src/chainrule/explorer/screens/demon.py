"""What the screen "Demon" asks."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from chainrule.explorer.moment import Asked, Moment
from chainrule.explorer.session import Session

QUESTIONS: dict[str, Callable[..., Any]] = {}


def recorded(session: Session, moment: Moment) -> list[Asked]:
    """The questions that the screen asks at a moment."""
    return []
