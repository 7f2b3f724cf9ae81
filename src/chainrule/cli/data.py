"""``chainrule data``: which data sets there are, and what is in one or in a file."""

from __future__ import annotations

import json

import click
from rich.console import Console
from rich.table import Table

from chainrule.cli.options import json_option
from chainrule.data.describe import describe
from chainrule.data.reading import names


@click.group()
def data() -> None:
    """Look at data sets and data files."""


@data.command("list")
@json_option
def list_data(as_json: bool) -> None:
    """List the data sets inside the package."""
    for name in names():
        lines = dict(describe(name))
        if as_json:
            click.echo(json.dumps({"name": name, "source": lines["source"]}))
        else:
            click.echo(f"{name}  {lines['source']}")


@data.command("info")
@click.argument("source", metavar="NAME|FILE")
@json_option
def info(source: str, as_json: bool) -> None:
    """Say what a data set or a CSV, Parquet, NPZ or IDX file holds."""
    lines = describe(source)
    if as_json:
        click.echo(json.dumps(dict(lines)))
        return
    table = Table(show_header=False, box=None, padding=(0, 2, 0, 0))
    for label, value in lines:
        table.add_row(label, value)
    Console(highlight=False).print(table)
