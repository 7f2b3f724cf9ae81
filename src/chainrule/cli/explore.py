"""``chainrule explore``: the page on which backpropagation is seen and touched."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import click

from chainrule.cli.options import json_option
from chainrule.cli.output import line_console, say_json
from chainrule.cli.python_file import is_named_function
from chainrule.cli.target import input_option, target_of
from chainrule.explorer.entry import require_server
from chainrule.explorer.page_files import page_files
from chainrule.explorer.place import Place, place_of
from chainrule.explorer.saved_page import save_page
from chainrule.explorer.session import Session
from chainrule.explorer.subjects import ESSAY, FunctionSubject, network_of_run
from chainrule.nn.stack import stack_of
from chainrule.training.trained import load_trained


@dataclass(frozen=True)
class Shown:
    """What the page is opened with: a session, its first screen, and both in words."""

    session: Session
    screen: str
    text: str


@click.command(short_help="See and touch backpropagation, in the browser.")
@click.argument("target", metavar="[RUN|FILE.py:NAME]", required=False)
@input_option
@click.option(
    "--example", type=click.IntRange(min=0), metavar="N",
    help="The test example to look at, from 0.",
)  # fmt: skip
@click.option(
    "--at", "at", metavar="PLACE",
    help="Where to open: what the page's address has from the # on, such as '#/demon?layer=1'.",
)  # fmt: skip
@click.option("--port", type=click.IntRange(0, 65535), metavar="N", help="The port to listen on.")
@click.option(
    "--host", default="127.0.0.1", show_default=True, metavar="ADDRESS",
    help="The address to listen on; another one lets other machines in.",
)  # fmt: skip
@click.option("--no-browser", is_flag=True, help="Print the address, and open no browser.")
@click.option(
    "--export", "file", type=click.Path(path_type=Path), metavar="FILE.html",
    help="Save one moment as a file that needs no server, in place of serving the page.",
)  # fmt: skip
@json_option
def explore(
    target: str | None,
    inputs: tuple[Any, ...],
    example: int | None,
    at: str | None,
    port: int | None,
    host: str,
    no_browser: bool,
    file: Path | None,
    as_json: bool,
) -> None:
    """Look at every number of backpropagation, and move them, on a page in the browser.

    Without an argument it begins with e = (a + b)(b + 1) and the untrained network 784-30-10 on
    MNIST; with a RUN it is the network of the run; with FILE.py:NAME the graph is that of the
    function, at arguments as for chainrule check. Ctrl-C ends it.

    Only who has the address that is printed can open the page. With --export nothing is served: the
    file holds what the screens show at one moment. With --json one object: shows, address or file.
    """
    shown = _shown(target, inputs)
    place = place_of(at) if at is not None else Place(shown.screen)
    if example is not None:
        shown.session.example(str(example))  # which raises if there is none
        place = place.holding(example=str(example))
        if at is None:
            place = place.on("demon")
    say = partial(_say, as_json, shown.text)
    if file is not None:
        saved = save_page(shown.session, file, place)
        failed = {**saved.unasked, **saved.errors}
        say(f"{file}: {file.stat().st_size / 1e6:.1f} MB", file=str(file), failed=failed)
        for asked, why in failed.items():
            click.echo(f"chainrule: warning: {asked} has no answer in the file: {why}", err=True)
        return
    with suppress(KeyboardInterrupt):
        _serve(shown.session, host, port, place, say, open_browser=not no_browser)


def _shown(target: str | None, inputs: tuple[Any, ...]) -> Shown:
    """A session of the target."""
    if inputs and (target is None or not is_named_function(target)):
        raise click.UsageError("--input is for FILE.py:NAME")
    if target is None:
        text = "e = (a + b)(b + 1), and the untrained network 784-30-10 on MNIST"
        return Shown(Session(), "graph", text)
    if is_named_function(target):
        found = target_of(target, None, inputs, 1)
        subject = FunctionSubject(target.rpartition(":")[2], found.f, found.args, found.file)
        text = f"{target}, and the untrained network 784-30-10 on MNIST"
        return Shown(Session((subject, ESSAY)), "graph", text)
    trained = load_trained(target)
    sizes = stack_of(trained.model, trained.params, trained.cost).sizes
    text = f"the network {'-'.join(map(str, sizes))} of {target}"
    return Shown(Session(network=partial(network_of_run, target)), "demon", text)


def _serve(
    session: Session,
    host: str,
    port: int | None,
    place: Place,
    say: Callable[..., None],
    *,
    open_browser: bool,
) -> None:
    require_server()
    from chainrule.explorer.serving import listen, serve

    files = page_files()
    listening = listen(host, port)
    address = listening.address(str(place))
    say(f"{address}\nCtrl-C ends it", address=address)
    if listening.is_reachable:
        click.echo(
            f"chainrule: warning: {host} is open to other machines: who knows the address can look"
            " and train, and what is sent is not encrypted",
            err=True,
        )
    serve(session, place, listening, files, open_browser=open_browser)


def _say(as_json: bool, shows: str, text: str, **fields: Any) -> None:
    if as_json:
        say_json(shows=shows, **fields)
    else:
        line_console().print(f"shows {shows}\n{text}")
