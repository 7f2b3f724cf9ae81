"""Where the page stands, as its address says it: ``#/demon?example=8&layer=1``.

The other side of this is ``web/src/place.ts``.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from urllib.parse import parse_qsl, urlencode

from chainrule.core.errors import ArgumentError
from chainrule.explorer.moment import Moment
from chainrule.explorer.screens import SCREENS
from chainrule.explorer.session import Session


@dataclass(frozen=True)
class Place:
    """A screen, and what was chosen on it and on others.

    >>> str(Place("demon", {"layer": "1"}).holding(example="8"))
    '#/demon?example=8&layer=1'
    """

    screen: str = "graph"
    chosen: dict[str, str] = field(default_factory=dict[str, str])

    def __str__(self) -> str:
        query = urlencode(sorted(self.chosen.items()))
        return f"#/{self.screen}{'?' if query else ''}{query}"

    def holding(self, **chosen: str) -> Place:
        """The place with something else chosen."""
        return replace(self, chosen={**self.chosen, **chosen})

    def on(self, screen: str) -> Place:
        """The same on another screen."""
        return replace(self, screen=screen)

    def moment(self, session: Session) -> Moment:
        """The moment that the page shows there: without a step it is the newest."""
        more = {k: v for k, v in self.chosen.items() if k not in ("step", "example")}
        step = _within(session.timeline.steps, self.chosen.get("step", ""))
        return Moment(step, self.chosen.get("example", "0"), self.screen, more)


def place_of(text: str) -> Place:
    """The place in an address, or in its part from the ``#`` on.

    Raises:
        ArgumentError: there is no such screen.

    >>> place_of("http://127.0.0.1:8170/#/demon?example=8")
    Place(screen='demon', chosen={'example': '8'})
    """
    path, _, query = text.rpartition("#")[2].lstrip("/").partition("?")
    if path not in SCREENS or path == "session":
        known = ", ".join(screen for screen in SCREENS if screen != "session")
        raise ArgumentError(f"there is no screen {path!r}; there are {known}")
    return Place(path, dict(parse_qsl(query)))


def _within(steps: tuple[int, ...], text: str) -> int:
    """The step in the address, or the end of those that can be looked at, as on the page."""
    try:
        wanted = float(text)
    except ValueError:
        return steps[-1]
    if wanted in (float("inf"), float("-inf")) or wanted != wanted:
        return steps[-1]
    return min(max(round(wanted), steps[0]), steps[-1])
