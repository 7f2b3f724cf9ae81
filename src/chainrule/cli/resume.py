"""The options of a run that is resumed: those that it began with.

An option that is given again must agree, except for those that change nothing of what was done.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any, cast

import click
from click.core import ParameterSource

from chainrule.cli.plan import KEPT, lasting
from chainrule.core.errors import RunError
from chainrule.files.runs import RunFolder

MAY_CHANGE = ("epochs", "threads", "executor")


def options_of_run(ctx: click.Context, given: dict[str, Any]) -> dict[str, Any]:
    """The options of ``train --resume``: the given ones, and for the rest those of the run.

    Raises:
        RunError: there is no run folder named, or an option differs from what it began with.
    """
    out: Path | None = given["out"]
    if out is None:
        raise RunError("--resume needs --out RUN, the run folder to go on in")
    if not out.exists() or (out.is_dir() and not (out / "config.toml").exists()):
        # killed before it had begun: whoever starts it again need not know
        click.echo(
            f"chainrule: there is no run in {out} to go on with yet; it begins now", err=True
        )
        return given
    kept = _kept(RunFolder.open(out), ctx)
    options = dict(given)
    differing: list[str] = []
    for name in KEPT:
        value = lasting(given[name]) if name == "source" else given[name]
        if ctx.get_parameter_source(name) is ParameterSource.DEFAULT:
            options[name] = kept.get(name, value)
        elif name not in MAY_CHANGE and value != kept.get(name):
            differing.append(f"{_flag(name)} {_text(kept.get(name))}, not {_text(value)}")
    if differing:
        raise RunError(
            f"{out}: the run began with {'; '.join(differing)}; leave out what differs to go on"
            " with it, or choose another --out for a new run"
        )
    return options


def _kept(run: RunFolder, ctx: click.Context) -> dict[str, Any]:
    """The options in config.toml, checked as those of the command line are."""
    where = f"{run.path}/config.toml"
    section = run.config.get("command")
    if not isinstance(section, dict):
        raise RunError(
            f"{run.path}: the run was not made by chainrule train; go on with it in Python, by"
            " cr.fit(..., out=..., resume=True)"
        )
    table = cast("dict[str, Any]", section)
    kept: dict[str, Any] = {}
    for param in ctx.command.params:
        if param.name in table and param.name in KEPT:
            try:
                kept[param.name] = param.type_cast_value(ctx, table[param.name])
            except click.UsageError as error:
                raise RunError(
                    f"{where}: {param.name} in section command: {error.message}"
                ) from error
    return kept


def _flag(name: str) -> str:
    return "DATA" if name == "source" else f"--{name.replace('_', '-')}"


def _text(value: Any) -> str:
    if value is None:
        return "its default"
    if isinstance(value, list):
        return ",".join(map(str, cast("list[Any]", value)))
    return f"{value:g}" if isinstance(value, float) else str(value)
