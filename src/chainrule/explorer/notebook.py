"""The page in a cell of a notebook, as an anywidget: the kernel answers in place of a server.

Messages of the page are ``{"id", "ask", "params"}``; the kernel answers with ``{"id"}`` and one
buffer, the bytes of ``wire.py``, or with ``{"id", "error"}``. What happens is told as
``{"event", "facts"}``. The other side of this is ``web/src/engine/widget.ts``.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from threading import Thread
from typing import Any, cast

import anywidget
import traitlets

from chainrule.explorer.place import Place, place_of
from chainrule.explorer.saved.saved_page import save_page, style_with_fonts
from chainrule.explorer.serving.answering import Failed, answered
from chainrule.explorer.serving.page_files import page_files
from chainrule.explorer.session import Session
from chainrule.explorer.wire import plain


def _nothing() -> None:
    """What there is to stop before there is something."""


class Explorer(anywidget.AnyWidget):  # pyright: ignore[reportUntypedBaseClass]
    """The page in a notebook; display it, or let it be the last line of a cell.

    Attributes:
        at: where the page stands, such as ``"#/demon?example=8"``; setting it moves the page.
    """

    _esm = traitlets.Unicode().tag(sync=True)
    _css = traitlets.Unicode().tag(sync=True)
    at = traitlets.Unicode("#/graph").tag(sync=True)
    height = traitlets.Int(760).tag(sync=True)
    _stop = staticmethod(_nothing)

    def __init__(self, session: Session, place: Place, height: int) -> None:
        files = page_files()
        script = files["/explorer.js"].content.decode()
        super().__init__(
            _esm=script, _css=style_with_fonts(files), at=str(place), height=height
        )  # fmt: skip
        self._session = session
        self._stop = self._begin()
        cast("Any", self).on_msg(self._received)

    def save(self, file: str | Path) -> None:
        """Save what the page shows as a file that needs no kernel.

        Raises:
            ArgumentError: the name does not end in .html, or belongs to another file.
        """
        save_page(self._session, Path(file), place_of(self.at))

    def close(self) -> None:
        """Close the page in all cells, hear of no more events, and end the training."""
        stop, self._stop = self._stop, _nothing  # Python closes once more in the end
        stop()
        super().close()

    @traitlets.validate("at")
    def _checked(self, proposal: Any) -> str:
        place_of(proposal["value"])
        return str(proposal["value"])

    def _begin(self) -> Callable[[], None]:
        """Hear of the session's events; gives what ends that, and the session."""
        stop = self._session.listen(self._tell)

        def end() -> None:
            stop()
            self._session.close()

        return end

    def _received(self, _: Any, content: Any, __: Any) -> None:
        """Answer in a thread: cells can run while an answer is computed."""
        if isinstance(content, dict) and "ask" in content:
            asked = cast("dict[str, Any]", content)
            Thread(target=self._answer, args=(asked,), name="question", daemon=True).start()

    def _answer(self, asked: dict[str, Any]) -> None:
        found = answered(self._session, str(asked["ask"]), asked.get("params", {}))
        if isinstance(found, Failed):
            self._say({"id": asked.get("id"), "error": found.text})
        else:
            self._say({"id": asked.get("id")}, found)

    def _tell(self, event: str, facts: Mapping[str, Any]) -> None:
        self._say({"event": event, "facts": plain(facts)})

    def _say(self, content: Mapping[str, Any], *buffers: bytes) -> None:
        cast("Any", self).send(content, list(buffers))
