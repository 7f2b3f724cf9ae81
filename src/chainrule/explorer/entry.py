"""The page from Python: in a cell of a notebook, in the browser, or as a file.

All three take a function of plain NumPy, or a model with examples, in the forms of ``given.py``.
"""

from __future__ import annotations

from contextlib import suppress
from importlib import import_module
from pathlib import Path
from typing import Any

from chainrule.core.errors import MissingExtraError
from chainrule.explorer.given import session_of
from chainrule.explorer.place import Place, place_of
from chainrule.explorer.saved.saved_page import save_page
from chainrule.explorer.serving.page_files import page_files
from chainrule.explorer.session import Session
from chainrule.nn.stack import GivenCost


def widget(
    subject: Any = None,
    data: Any = None,
    *,
    args: tuple[Any, ...] = (),
    params: Any = None,
    cost: GivenCost = None,
    at: str | None = None,
    height: int = 760,
) -> Any:
    """The page in a notebook, an anywidget: see and touch every number of backpropagation.

    Args:
        subject: a function of plain NumPy; a ``cr.nn.Network``; a ``cr.nn.Sequential`` with
            ``params`` and ``cost``; what ``cr.fit`` returned; the path of a run folder. Without it,
            the page shows e = (a + b)(b + 1) and the untrained network 784-30-10 on MNIST.
        data: examples of a model: a pair (X, Y), a list of pairs (x, y), or a data set of
            ``cr.data``. Pictures keep their form: X of shape (examples, height, width).
        args: arguments of the function, at which it is looked at.
        params, cost: of a model that does not hold them.
        at: where to open, such as ``"#/demon?example=8"``; it is what an address of the page has
            from the # on.
        height: of the page, in pixels.

    Raises:
        ArgumentError: it cannot be looked at, or arguments or examples are missing.
        MissingExtraError: anywidget is not installed.

    >>> import numpy as np
    >>> import chainrule as cr
    >>> def f(x, y):
    ...     return np.sin(x) * y
    >>> page = cr.explorer.widget(f, args=(0.5, 2.0))
    >>> page.at
    '#/graph'
    >>> page.at = "#/graph?function=f"
    >>> page.close()
    """
    try:
        from chainrule.explorer.notebook import Explorer
    except ImportError as error:
        raise MissingExtraError(
            "cr.explorer.widget needs anywidget, which is not installed; install it with: pip"
            " install 'chainrule[notebook]'"
        ) from error
    session = session_of(subject, data, args=args, params=params, cost=cost)
    return Explorer(session, _place(session, subject, at), height)


def export(
    file: str | Path,
    subject: Any = None,
    data: Any = None,
    *,
    args: tuple[Any, ...] = (),
    params: Any = None,
    cost: GivenCost = None,
    at: str | None = None,
) -> None:
    """Save the page at one moment as FILE.html, which needs neither Python nor a network.

    Args:
        file: its name; a file that was saved before is replaced.
        subject, data, args, params, cost: as for :func:`widget`.
        at: the moment, such as ``"#/demon?example=8"``.

    Raises:
        ArgumentError: it cannot be looked at, or the name is that of another file.

    >>> import tempfile
    >>> import numpy as np
    >>> import chainrule as cr
    >>> net, rng = cr.nn.Network([4, 3, 2]), np.random.default_rng(0)
    >>> file = Path(tempfile.mkdtemp()) / "moment.html"
    >>> cr.explorer.export(file, net, (rng.random((20, 4)), np.arange(20) % 2), at="#/demon")
    >>> file.exists()
    True
    """
    session = session_of(subject, data, args=args, params=params, cost=cost)
    save_page(session, Path(file), _place(session, subject, at))


def serve(
    subject: Any = None,
    data: Any = None,
    *,
    args: tuple[Any, ...] = (),
    params: Any = None,
    cost: GivenCost = None,
    at: str | None = None,
    port: int | None = None,
    open_browser: bool = True,
) -> None:
    """Show the page in the browser until Ctrl-C, as ``chainrule explore`` does.

    Args:
        subject, data, args, params, cost, at: as for :func:`widget`.
        port: to listen on, on this machine only; without it the first that is free.
        open_browser: whether to open it; the address is printed in any case.

    Raises:
        ArgumentError: it cannot be looked at, or the port is in use.
        MissingExtraError: starlette or uvicorn is not installed.
    """
    require_server()
    from chainrule.explorer.serving import running

    session = session_of(subject, data, args=args, params=params, cost=cost)
    place, files = _place(session, subject, at), page_files()
    listening = running.listen(port=port)
    print(f"{listening.address(str(place))}\nCtrl-C ends it", flush=True)
    with suppress(KeyboardInterrupt):
        running.serve(session, place, listening, files, open_browser=open_browser)


def require_server() -> None:
    """Find what the server is made with.

    Raises:
        MissingExtraError: it is not installed.
    """
    try:
        for name in ("starlette", "uvicorn"):
            import_module(name)
    except ImportError as error:
        raise MissingExtraError(
            f"the page is served with starlette and uvicorn, and {error.name} is not installed;"
            " install them with: pip install 'chainrule[explore]'"
        ) from error


def _place(session: Session, subject: Any, at: str | None) -> Place:
    """Where to open: at the graph of a function, at the demon of a network."""
    if at is not None:
        return place_of(at)
    return Place("graph" if subject is None or len(session.functions) > 1 else "demon")
