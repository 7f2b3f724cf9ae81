"""``chainrule explore``: the page on which backpropagation is seen and touched.

What it does stands in ``page.py``, which is imported when it is done: other commands need not wait.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from chainrule.cli.options import json_option
from chainrule.cli.python_file import is_named_function
from chainrule.cli.target import input_option


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
    if inputs and (target is None or not is_named_function(target)):
        raise click.UsageError("--input is for FILE.py:NAME")
    from chainrule.cli.page import open_page, shown_by

    shown = shown_by(target, inputs).at(at, example)
    if file is not None:
        shown.save(file, as_json=as_json)
    else:
        open_page(shown, host, port, open_browser=not no_browser, as_json=as_json)
