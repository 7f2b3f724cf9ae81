"""One moment of the page as one file that needs no server, nor any network.

The build is written into it: the script, the style sheet, the fonts. Its policy, a hash for each,
lets nothing else run and nothing be loaded.
"""

from __future__ import annotations

import base64
import hashlib
import json
import re
import zlib
from collections.abc import Mapping
from pathlib import Path

from chainrule.core.errors import ArgumentError, FileFormatError
from chainrule.explorer.place import Place
from chainrule.explorer.saved.recording import Recording, record
from chainrule.explorer.serving.page_files import PageFile, page_files
from chainrule.explorer.session import Session
from chainrule.files.atomic import write_atomic

HOLDER = '<script type="application/json" id="chainrule-recording">'
STYLE, SCRIPT, LICENCES = "explorer.css", "explorer.js", "LICENSES.txt"
_STYLE = re.compile(r'<link rel="stylesheet"[^>]*href="(?:\./)?([^"]+)"[^>]*>')
_SCRIPT = re.compile(r'<script type="module"[^>]*src="(?:\./)?([^"]+)"[^>]*></script>')
_END = re.compile(r"<(?=/script|!--)", re.IGNORECASE)
_ICON = re.compile(r'\s*<link rel="icon"[^>]*>')
_URL = re.compile(r"""url\((["']?)(?!data:|#)(?:\./)?([^)"']+)\1\)""")


def save_page(session: Session, file: Path, place: Place) -> Recording:
    """Write the page as it stands at a place into a file.

    A file of the same name is replaced if it is such a page, too.

    Raises:
        ArgumentError: the name does not end in .html, or belongs to another file.
        ChainruleError: the session's network cannot be made, or has no such example.
        OSError: the file cannot be written.
    """
    if file.suffix.lower() not in (".html", ".htm"):
        raise ArgumentError(f"{file}: the page is saved as FILE.html")
    if file.is_file() and file.stat().st_size and HOLDER.encode() not in file.read_bytes():
        raise ArgumentError(f"{file} is there, and no saved page; choose another name")
    if not file.parent.is_dir():  # before a minute of answers
        raise ArgumentError(f"{file}: there is no folder {file.parent}; create it first")
    files = page_files()
    recording = record(session, place)
    write_atomic(file, page_of(recording, files).encode())
    return recording


def page_of(recording: Recording, files: Mapping[str, PageFile]) -> str:
    """The file's text: the front end's page with all that it loads, and a recording."""
    html = files["/"].content.decode()
    style = _single(_STYLE, html)
    script = _single(_SCRIPT, html)
    if (style[1], script[1]) != (STYLE, SCRIPT):
        raise FileFormatError(f"the page loads {style[1]} and {script[1]}, not its own")
    css = style_with_fonts(files).replace("</", "<\\/")
    # \x3c means < in a string, a template and a regular expression; elsewhere these do not occur
    js = _END.sub(r"\\x3c", _text(files, SCRIPT))
    licences = _END.sub("&lt;", _text(files, LICENCES))  # which go with every copy
    head = f'<meta http-equiv="Content-Security-Policy" content="{_policy(js, css)}">'
    held = f"{HOLDER}{_held(recording)}</script>"
    held += f'<script type="text/plain" id="licences">{licences}</script>'
    html = _ICON.sub("", html)
    html = html.replace(style[0], f"<style>{css}</style>")
    html = html.replace(script[0], f'{held}<script type="module">{js}</script>')
    charset = _single(re.compile(r"<meta charset=[^>]*>"), html)[0]
    return html.replace(charset, f"{charset}{head}", 1)


def _policy(js: str, css: str) -> str:
    return (
        f"default-src 'none'; script-src '{_hash(js)}'; style-src '{_hash(css)}';"
        " font-src data:; base-uri 'none'; form-action 'none'"
    )


def _hash(text: str) -> str:
    return f"sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}"


def _held(recording: Recording) -> str:
    """The recording as JSON that cannot end the element which holds it; answers are compressed."""
    answers = {
        key: base64.b64encode(zlib.compress(x, 9)).decode() for key, x in recording.answers.items()
    }
    held = {"place": recording.place, "answers": answers, "errors": recording.errors}
    return json.dumps(held, ensure_ascii=False).replace("<", "\\u003c")


def style_with_fonts(files: Mapping[str, PageFile]) -> str:
    """The style sheet with its fonts in it."""

    def data(match: re.Match[str]) -> str:
        file = files.get(f"/{match[2]}")
        if file is None:
            raise FileFormatError(f"the page's style names {match[2]}, which it does not have")
        return f"url(data:{file.kind};base64,{base64.b64encode(file.content).decode()})"

    return _URL.sub(data, _text(files, STYLE))


def _text(files: Mapping[str, PageFile], name: str) -> str:
    if f"/{name}" not in files:
        raise FileFormatError(f"the page loads {name}, which it does not have")
    return files[f"/{name}"].content.decode()


def _single(pattern: re.Pattern[str], html: str) -> re.Match[str]:
    found = list(pattern.finditer(html))
    if len(found) != 1:
        raise FileFormatError(f"the page has {len(found)} of {pattern.pattern}; there must be one")
    return found[0]
