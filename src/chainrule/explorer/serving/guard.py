"""Who may talk to the server of the page: the guard in front of every route and every method.

Whoever asks must know a random token, which the address that was printed holds and a cookie keeps.
That alone does not stop other sites: their pages run in the same browser. So the Host must be one
of this server's (a name that was re-pointed at 127.0.0.1 is refused), an Origin must be the page's
own, and browsers that say that another site asks are refused.
"""

from __future__ import annotations

import ipaddress
import re
import secrets
from dataclasses import dataclass, field
from urllib.parse import parse_qs

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import PlainTextResponse, RedirectResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

REFUSED = 403
LOOPBACK = ("127.0.0.1", "localhost", "::1")
SAFE_METHODS = ("GET", "HEAD", "OPTIONS")
HEADERS = {
    "Content-Security-Policy": (
        "default-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none';"
        " object-src 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}
"""Headers of every answer, refusals and errors included."""

_HOST = re.compile(r"(?:\[(?P<v6>[0-9a-f:.]+)\]|(?P<name>[a-z0-9._-]+))(?::(?P<port>[0-9]{1,5}))?")
_OPEN = "open the address that chainrule explore printed, by typing or pasting it"


def _secret() -> str:
    return secrets.token_urlsafe(32)


@dataclass(frozen=True)
class Access:
    """What a request must know and name.

    Attributes:
        port: the port that is listened on.
        host: the address or name that is listened on.
        token: the secret of this server.

    >>> access = Access(8170)
    >>> access.admits("localhost:8170"), access.admits("localhost:80")
    (True, False)
    >>> access.admits("rebound.example:8170")
    False
    """

    port: int
    host: str = "127.0.0.1"
    token: str = field(default_factory=_secret, repr=False)
    _tickets: set[str] = field(default_factory=set[str], init=False, repr=False)

    def ticket(self) -> str:
        """A token that opens the page once: others can see what a browser is started with."""
        ticket = _secret()
        self._tickets.add(ticket)
        return ticket

    def is_ticket(self, given: str) -> bool:
        """Whether this is a ticket, which is then used up."""
        found = [t for t in self._tickets if secrets.compare_digest(given.encode(), t.encode())]
        self._tickets.difference_update(found)
        return bool(found)

    @property
    def cookie(self) -> str:
        """The cookie's name; browsers do not keep the cookies of two ports apart."""
        return f"chainrule-{self.port}"

    def admits(self, host: str) -> bool:
        """Whether a Host header names this server.

        On an address that others reach, any literal address will do: only names can be re-pointed.
        """
        found = _HOST.fullmatch(host.lower())
        if found is None or int(found["port"] or 80) != self.port:
            return False
        name = found["v6"] or found["name"]
        if name == self.host.lower() or name == "localhost":
            return True
        return name in LOOPBACK if self.is_loopback else _address(name) is not None

    @property
    def is_loopback(self) -> bool:
        """Whether only this machine can connect."""
        address = _address(self.host)
        return self.host.lower() == "localhost" if address is None else address.is_loopback

    def is_token(self, given: str) -> bool:
        """Whether this is the token, compared in a time that does not depend on what is given."""
        return secrets.compare_digest(given.encode(), self.token.encode())


class Guard:
    """An application behind the guard: see the module."""

    def __init__(self, app: ASGIApp, access: Access) -> None:
        self.app = app
        self.access = access

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer the request, or refuse it with 403."""
        if scope["type"] not in ("http", "websocket"):
            await self.app(scope, receive, send)
            return
        why = why_refused(self.access, scope)
        if scope["type"] == "websocket":
            if why is None:
                await self.app(scope, receive, send)
            else:
                await send({"type": "websocket.close", "code": 1008, "reason": why})
            return
        answer = self.app if why is None else PlainTextResponse(f"refused: {why}\n", REFUSED)
        if why is None and _given_in_address(scope) is not None:
            answer = self._welcome()
        await answer(scope, receive, _with_headers(send))

    def _welcome(self) -> Response:
        """Keep the token in a cookie, and go where the address no longer shows it."""
        response = RedirectResponse("/", 303)
        response.set_cookie(
            self.access.cookie, self.access.token, path="/", httponly=True, samesite="strict"
        )
        return response


def why_refused(access: Access, scope: Scope) -> str | None:
    """What is wrong with a request and what to do, or None."""
    headers = Headers(scope=scope)
    hosts, origins = headers.getlist("host"), headers.getlist("origin")
    sites = headers.getlist("sec-fetch-site")
    if not scope["path"].startswith("/"):
        return f"the request must name a path; {_OPEN}"
    if len(hosts) != 1 or not access.admits(hosts[0]):
        return f"the Host is not this server; {_OPEN}"
    if origins and [o.lower() for o in origins] != [f"http://{hosts[0].lower()}"]:
        return f"the request comes from another site; {_OPEN}"
    if any(site not in ("same-origin", "none") for site in sites):
        return f"the request comes from another site; {_OPEN}"
    bearer = headers.get("authorization")
    if not _knows_token(access, scope, headers, bearer):
        return f"the token is missing or wrong; {_OPEN}"
    own = bool(origins) or sites == ["same-origin"] or bearer is not None
    if scope["type"] == "http" and scope["method"] not in SAFE_METHODS and not own:
        return (
            "a request that is no reading must say where it comes from, by Origin; scripts send"
            " Authorization: Bearer TOKEN"
        )
    return None


def _knows_token(access: Access, scope: Scope, headers: Headers, bearer: str | None) -> bool:
    """Whether the token is right: that of the address, else of the header, else of the cookie."""
    given = _given_in_address(scope)
    if given is not None:
        return access.is_token(given) or access.is_ticket(given)
    if bearer is not None:
        kind, _, token = bearer.partition(" ")
        return kind.lower() == "bearer" and access.is_token(token.strip())
    return any(map(access.is_token, _cookies(headers, access.cookie)))


def _given_in_address(scope: Scope) -> str | None:
    """The token in the address that was printed, which only reading ``/`` may have."""
    if scope["type"] != "http" or scope["path"] != "/" or scope["method"] not in ("GET", "HEAD"):
        return None
    tokens = parse_qs(scope["query_string"].decode("latin-1"), keep_blank_values=True).get("token")
    return tokens[0] if tokens else None


def _cookies(headers: Headers, name: str) -> list[str]:
    """The values of the cookies of a name."""
    pairs = [pair.partition("=") for line in headers.getlist("cookie") for pair in line.split(";")]
    return [value.strip() for key, _, value in pairs if key.strip() == name]


def _address(name: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    """The address that a text is, if it is one."""
    try:
        return ipaddress.ip_address(name)
    except ValueError:
        return None


def _with_headers(send: Send) -> Send:
    """``send`` with the headers that every answer has."""

    async def sending(message: Message) -> None:
        if message["type"] == "http.response.start":
            headers = MutableHeaders(scope=message)
            for name, value in HEADERS.items():
                headers[name] = value
            headers.setdefault("Cache-Control", "no-store")
        await send(message)

    return sending
