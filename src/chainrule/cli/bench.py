"""``chainrule bench``: chainrule beside its peers, on the same work.

The benchmarks stand in the source repository (``benchmarks/``), not in the installed package: they
are for those who work on chainrule or want to see for themselves.
"""

from __future__ import annotations

import importlib
import sys
from pathlib import Path
from typing import Any

import click

import chainrule
from chainrule.cli.options import json_option


@click.command()
@click.argument("name", required=False)
@click.option("--threads", type=click.IntRange(min=1), help="Threads of every contender.")
@click.option("--rounds", type=click.IntRange(min=1), default=7, show_default=True,
              help="How often the contenders take turns.")  # fmt: skip
@click.option("--peer", "peers", multiple=True, help="Only this contender; may be repeated.")
@click.option("--python", type=click.Path(exists=True, dir_okay=False),
              help="Python of the environment that the peers are installed in.")  # fmt: skip
@click.option("--quick", is_flag=True, help="Tiny sizes: whether all runs, not how fast.")
@click.option("--write", is_flag=True, help="Put the table and the plot into docs/benchmarks.md.")
@json_option
def bench(
    name: str | None,
    threads: int | None,
    rounds: int,
    peers: tuple[str, ...],
    python: str | None,
    quick: bool,
    write: bool,
    as_json: bool,
) -> None:
    """Run the benchmark NAME; without NAME, list them."""
    command = _command()
    if name is None:
        click.echo("\n".join(command.listing()))
        return
    if name not in command.WORKS:
        known = ", ".join(command.WORKS)
        raise click.UsageError(f"there is no benchmark {name!r}; there are {known}")
    status: int = command.run(
        name, threads=threads, rounds=rounds, quick=quick, python=python, only=peers, write=write,
        as_json=as_json, say=_say,
    )  # fmt: skip
    sys.exit(status)


def _say(text: str) -> None:
    click.echo(text, err=True)


def _command() -> Any:
    """The module that runs benchmarks, from the source repository."""
    package = Path(chainrule.__file__).resolve().parents[2]
    for root in (package, Path.cwd()):
        if (root / "benchmarks" / "command.py").is_file():
            sys.path.insert(0, str(root))
            return importlib.import_module("benchmarks.command")
    raise click.ClickException(
        "the benchmarks are in chainrule's source repository, not in the installed package; run"
        " this in a checkout of it"
    )
