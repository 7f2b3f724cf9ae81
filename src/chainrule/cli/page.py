"""What ``chainrule explore`` does: it finds what the page shows, and serves or saves it."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import click

from chainrule.cli.output import line_console, say_json
from chainrule.cli.python_file import is_named_function
from chainrule.cli.target import target_of
from chainrule.explorer.entry import require_server
from chainrule.explorer.given import session_of
from chainrule.explorer.place import Place, place_of
from chainrule.explorer.saved.saved_page import save_page
from chainrule.explorer.serving.page_files import page_files
from chainrule.explorer.session import Session
from chainrule.explorer.subjects import ESSAY, FunctionSubject
from chainrule.nn.stack import stack_of
from chainrule.training.trained import load_trained

_SEED = "the untrained network 784-30-10 on MNIST"


@dataclass(frozen=True)
class Shown:
    """What the page is opened with: a session, where it opens, and both in words."""

    session: Session
    place: Place
    text: str

    def at(self, address: str | None, example: int | None) -> Shown:
        """The same, opened where an address says, at an example."""
        place = self.place if address is None else place_of(address)
        if example is not None:
            self.session.example(str(example))  # which raises if there is none
            place = place.holding(example=str(example))
            place = place.on("demon") if address is None else place
        return replace(self, place=place)

    def save(self, file: Path, *, as_json: bool) -> None:
        """Save the moment as a file, and say what is not in it."""
        saved = save_page(self.session, file, self.place)
        failed = {**saved.unasked, **saved.errors}
        text = f"{file}: {file.stat().st_size / 1e6:.1f} MB"
        self.say(text, as_json=as_json, file=str(file), failed=failed)
        for asked, why in failed.items():
            click.echo(f"chainrule: warning: {asked} has no answer in the file: {why}", err=True)

    def say(self, text: str, *, as_json: bool, **fields: Any) -> None:
        """Tell what is shown, and where."""
        if as_json:
            say_json(shows=self.text, **fields)
        else:
            line_console().print(f"shows {self.text}\n{text}")


def shown_by(target: str | None, inputs: tuple[Any, ...]) -> Shown:
    """The function of a file, a run, or what there is without either."""
    if target is None:
        return Shown(Session(), Place(), f"e = (a + b)(b + 1), and {_SEED}")
    if is_named_function(target):
        found = target_of(target, None, inputs, 1)
        subject = FunctionSubject(target.rpartition(":")[2], found.f, found.args, found.file)
        return Shown(Session((subject, ESSAY)), Place(), f"{target}, and {_SEED}")
    trained = load_trained(target)
    sizes = stack_of(trained.model, trained.params, trained.cost).sizes
    text = f"the network {'-'.join(map(str, sizes))} of {target}"
    return Shown(session_of(target), Place("demon"), text)


def open_page(
    shown: Shown, host: str, port: int | None, *, open_browser: bool, as_json: bool
) -> None:
    """Serve the page until Ctrl-C."""
    require_server()
    from chainrule.explorer.serving.running import listen, serve

    files = page_files()
    listening = listen(host, port)
    address = listening.address(str(shown.place))
    with suppress(KeyboardInterrupt):
        shown.say(f"{address}\nCtrl-C ends it", as_json=as_json, address=address)
        if not listening.access.is_loopback:
            click.echo(
                f"chainrule: warning: {host} is open to other machines: who knows the address can"
                " look and train, and what is sent is not encrypted",
                err=True,
            )
        serve(shown.session, shown.place, listening, files, open_browser=open_browser)
