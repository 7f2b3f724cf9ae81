"""The server of the page, as an ASGI application: its files, its questions, its events.

``guard.py`` stands in front of all of it; ``running.py`` runs it.
"""

from __future__ import annotations

import asyncio
import json
import sys
import traceback
from collections.abc import Awaitable, Callable, Mapping
from functools import partial
from typing import Any, cast

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from chainrule.explorer.questions import QUESTIONS
from chainrule.explorer.serving.answering import Failed, answered
from chainrule.explorer.serving.events import Streams
from chainrule.explorer.serving.guard import Access, Guard
from chainrule.explorer.serving.page_files import PageFile
from chainrule.explorer.serving.workers import Workers
from chainrule.explorer.session import Session

Endpoint = Callable[[Request], Awaitable[Response]]
LONGEST_BODY = 1_000_000  # bytes
EDITION = "Chainrule-Edition"  # the header that says in which edition an answer was asked for
PATIENCE = 10.0  # seconds for a body to arrive


def app_of(
    session: Session, access: Access, files: Mapping[str, PageFile], streams: Streams
) -> Guard:
    """The application: a session, shown by the front end's files, to whom ``access`` admits."""
    routes = [
        *(Route(path, _file(file), methods=["GET"]) for path, file in files.items()),
        Route("/ask/{question}", _ask(session, Workers()), methods=["POST"]),
        Route("/events", streams.answer, methods=["GET"]),
    ]
    app = Starlette(
        routes=routes, exception_handlers={HTTPException: _refused, Exception: _unexpected}
    )
    app.router.redirect_slashes = False
    return Guard(app, access)


def _file(file: PageFile) -> Endpoint:
    """One file, which the browser keeps and asks about each time."""
    headers = {"ETag": file.tag, "Cache-Control": "no-cache"}

    async def answer(request: Request) -> Response:
        if request.headers.get("if-none-match") == file.tag:
            return Response(status_code=304, headers=headers)
        return Response(file.content, media_type=file.kind, headers=headers)

    return answer


def _ask(session: Session, workers: Workers) -> Endpoint:
    """``POST /ask/SCREEN.NAME`` with an object of parameters."""

    async def answer(request: Request) -> Response:
        question = str(request.path_params["question"])
        if question not in QUESTIONS:
            raise HTTPException(404, f"there is no question {question!r}")
        params = await _parameters(request)
        edition = {EDITION: session.edition}
        found = await workers.run(partial(answered, session, question, params))
        if isinstance(found, Failed):
            return _error(found.text, 400 if found.expected else 500, edition)
        return Response(found, media_type="application/octet-stream", headers=edition)

    return answer


async def _parameters(request: Request) -> dict[str, Any]:
    """The parameters in the body."""
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind != "application/json":
        raise HTTPException(415, "parameters are sent as Content-Type: application/json")
    try:
        body = await asyncio.wait_for(_body(request), PATIENCE)
    except TimeoutError:
        raise HTTPException(408, f"the parameters did not arrive within {PATIENCE:g} s") from None
    try:
        params = json.loads(body, parse_constant=_no_constant)
    except (ValueError, RecursionError):
        raise HTTPException(400, "the parameters are no JSON") from None
    if not isinstance(params, dict):
        raise HTTPException(400, "the parameters are no JSON object")
    return cast("dict[str, Any]", params)


async def _body(request: Request) -> bytes:
    body = bytearray()
    async for piece in request.stream():
        body += piece
        if len(body) > LONGEST_BODY:
            raise HTTPException(
                413,
                f"the parameters have more than {LONGEST_BODY:,} bytes",
                {"Connection": "close"},
            )
    return bytes(body)


def _no_constant(name: str) -> Any:
    raise ValueError(f"{name} is not JSON")


async def _refused(_: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    return _error(error.detail, error.status_code, error.headers)


async def _unexpected(request: Request, error: Exception) -> Response:
    traceback.print_exception(error, file=sys.stderr)
    text = f"{request.url.path} failed by a mistake in chainrule: {type(error).__name__}: {error}"
    return _error(f"{text}; the traceback is where chainrule runs", 500)


def _error(text: str, status: int, headers: Mapping[str, str] | None = None) -> Response:
    return JSONResponse({"error": text}, status, headers)
