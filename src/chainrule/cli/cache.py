"""``chainrule cache``: where compiled code is kept, how much of it, and how to be rid of it."""

from __future__ import annotations

import json
import shutil

import click

from chainrule.cli.options import json_option
from chainrule.executors.native.build import cache_folder


@click.command()
@click.option(
    "--clear", is_flag=True, help="Remove all compiled code; it is made again when needed."
)
@json_option
def cache(clear: bool, as_json: bool) -> None:
    """Say where compiled code is kept and how much of it there is."""
    folder = cache_folder()
    modules = [p for p in folder.iterdir() if p.is_dir()] if folder.is_dir() else []
    size = sum(f.stat().st_size for p in modules for f in p.rglob("*") if f.is_file())
    if clear:
        for path in modules:
            shutil.rmtree(path)
    if as_json:
        done = {"path": str(folder), "modules": len(modules), "bytes": size, "cleared": clear}
        click.echo(json.dumps(done))
        return
    what = f"{len(modules)} compiled modules, {size / 1e6:.1f} MB"
    click.echo(f"{folder}: {what}{', removed' if clear else ''}")
