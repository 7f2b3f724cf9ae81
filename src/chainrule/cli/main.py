"""The ``chainrule`` command: its subcommands, and what happens to errors."""

from __future__ import annotations

import io
import os
import re
import sys
import warnings
from collections.abc import Sequence
from typing import Any

import click

from chainrule import __version__
from chainrule.cli.bench import bench
from chainrule.cli.cache import cache
from chainrule.cli.check import check
from chainrule.cli.data import data
from chainrule.cli.diagnose import diagnose
from chainrule.cli.evaluate import evaluate
from chainrule.cli.explain import explain
from chainrule.cli.explore import explore
from chainrule.cli.graph import graph
from chainrule.cli.predict import predict
from chainrule.cli.train import train
from chainrule.core.errors import ArgumentError, ChainruleError

DONE, FAILED, WRONG_USE = 0, 1, 2


class Commands(click.Group):
    """The subcommands; Ctrl-C that none of them answers is a failure like others."""

    def invoke(self, ctx: click.Context) -> Any:
        """Run the subcommand."""
        try:
            return super().invoke(ctx)
        except KeyboardInterrupt:
            raise click.ClickException("stopped") from None


@click.group(
    cls=Commands,
    context_settings={"help_option_names": ["-h", "--help"]},
    no_args_is_help=False,
    invoke_without_command=True,
)
@click.version_option(__version__, prog_name="chainrule")
@click.pass_context
def cli(ctx: click.Context) -> None:
    """Backpropagation as a system: train networks, and look at what training computes."""
    if ctx.invoked_subcommand is None:
        click.echo(ctx.get_help())


for _command in (
    train, evaluate, predict, explore, check, explain, graph, diagnose, data, cache, bench,
):  # fmt: skip
    cli.add_command(_command)


def main(args: Sequence[str] | None = None) -> None:
    """Run the command line and exit with its status."""
    sys.exit(run(args))


def run(args: Sequence[str] | None = None) -> int:
    """Run the command line; an expected failure is one line on stderr.

    Returns the exit status: 0 done, 1 failed, 2 wrong use.
    """
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):  # where there is no δ, better ? than no output
            stream.reconfigure(errors="replace")
    try:
        with warnings.catch_warnings():
            # such as a damaged checkpoint in place of which the one before it is read
            warnings.simplefilter("always", UserWarning)
            # OpenBLAS can leave the flag behind after a product of finite numbers
            warnings.filterwarnings("ignore", "invalid value encountered in matmul")
            warnings.showwarning = _show_warning
            status: Any = cli.main(args, prog_name="chainrule", standalone_mode=False)
            sys.stdout.flush()  # here, where a closed pipe is no surprise
    except click.exceptions.Exit as stop:
        return stop.exit_code
    except click.UsageError as error:
        help_of = f" (see {error.ctx.command_path} --help)" if error.ctx else ""
        return _say(error.format_message() + help_of, WRONG_USE)
    except click.ClickException as error:
        return _say(error.format_message(), error.exit_code)
    except (KeyboardInterrupt, click.Abort):
        return _say("stopped", FAILED)
    except ArgumentError as error:
        return _say(str(error), WRONG_USE)
    except ChainruleError as error:
        return _say(str(error), FAILED)
    except BrokenPipeError:
        # nobody reads on; without this Python would complain once more at its exit
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return FAILED
    except OSError as error:
        where = f"{error.filename}: " if error.filename else ""
        return _say(f"{where}{error.strerror or error}", FAILED)
    except MemoryError as error:
        return _say(f"not enough memory: {error}", FAILED)
    return status if isinstance(status, int) else DONE


def _say(message: str, status: int) -> int:
    line = re.sub(r"\s*\n\s*", " ", message.strip())
    click.echo(f"chainrule: {line}", err=True)
    return status


def _show_warning(message: Warning | str, category: type[Warning], *_: Any) -> None:
    _say(f"warning: {message}", FAILED)
