"""``chainrule data``: which data sets there are, and what is in one or in a file."""

from __future__ import annotations

import click

from chainrule.cli.options import json_option
from chainrule.cli.output import say_json
from chainrule.data.describe import describe
from chainrule.data.reading import names


@click.group(no_args_is_help=False, invoke_without_command=True)
@click.pass_context
def data(ctx: click.Context) -> None:
    """Look at data sets and data files."""
    if ctx.invoked_subcommand is None:
        click.echo(ctx.get_help())


@data.command("list")
@json_option
def list_data(as_json: bool) -> None:
    """List the data sets inside the package.

    With --json an object for each, with name and source.
    """
    for name in names():
        source = dict(describe(name))["source"]
        if as_json:
            say_json(name=name, source=source)
        else:
            click.echo(f"{name}  {source}")


@data.command("info")
@click.argument("source", metavar="NAME|FILE")
@json_option
def info(source: str, as_json: bool) -> None:
    """Say what a data set or a CSV, Parquet, NPZ or IDX file holds.

    With --json one object: the data's name as given, and its contents as pairs of label and value.
    """
    lines = describe(source)
    if as_json:
        say_json(data=source, contents=lines)
        return
    width = max(len(label) for label, _ in lines)
    for label, value in lines:
        click.echo(f"{label:<{width}}  {value}")
