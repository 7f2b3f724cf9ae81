"""The files of the front end, as they were built from ``web/``: a fixed table by path.

They are read once. No path that a request names ever reaches the disk.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from importlib import resources
from importlib.resources.abc import Traversable

from chainrule.core.errors import FileFormatError

_KINDS = {
    "html": "text/html; charset=utf-8",
    "js": "text/javascript; charset=utf-8",
    "css": "text/css; charset=utf-8",
    "woff2": "font/woff2",
    "svg": "image/svg+xml",
    "txt": "text/plain; charset=utf-8",
}
_NEEDED = {"/index.html", "/explorer.js", "/explorer.css"}


@dataclass(frozen=True)
class PageFile:
    """A file's content, its media type, and a tag that changes with the content."""

    content: bytes
    kind: str

    @property
    def tag(self) -> str:
        """As an ETag header has it."""
        return f'"{hashlib.sha256(self.content).hexdigest()[:24]}"'


def page_files() -> Mapping[str, PageFile]:
    """The files by the path that the browser asks for; ``/`` is the page itself.

    Raises:
        FileFormatError: the front end was not built, as in a checkout without its build.
    """
    folder = resources.files("chainrule.explorer") / "page"
    found = dict(_files(folder, "/")) if folder.is_dir() else {}
    if not found.keys() >= _NEEDED:
        raise FileFormatError(
            "the page is not in this installation; in a checkout build it: cd web && npm ci &&"
            " npm run build"
        )
    found["/"] = found.pop("/index.html")
    return found


def _files(folder: Traversable, path: str) -> list[tuple[str, PageFile]]:
    found: list[tuple[str, PageFile]] = []
    for each in folder.iterdir():
        kind = _KINDS.get(each.name.rpartition(".")[2])
        if each.is_dir():
            found += _files(each, f"{path}{each.name}/")
        elif kind is not None:
            found.append((path + each.name, PageFile(each.read_bytes(), kind)))
    return found
