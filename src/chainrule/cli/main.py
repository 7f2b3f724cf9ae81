"""The ``chainrule`` command: its subcommands, and what happens to errors."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence

import click

from chainrule import __version__
from chainrule.cli.data import data
from chainrule.cli.evaluate import evaluate
from chainrule.cli.predict import predict
from chainrule.cli.train import train
from chainrule.core.errors import ArgumentError, ChainruleError

FAILED, WRONG_USE = 1, 2


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="chainrule")
def cli() -> None:
    """Backpropagation as a system: train networks, and look at what the training computes."""


for command in (train, evaluate, predict, data):
    cli.add_command(command)


def main(args: Sequence[str] | None = None) -> None:
    """Run the command line and exit with its status."""
    sys.exit(run(args))


def run(args: Sequence[str] | None = None) -> int:
    """Run the command line; an expected failure is one line on stderr."""
    try:
        cli.main(args, prog_name="chainrule", standalone_mode=False)
    except click.exceptions.Exit as stop:
        return stop.exit_code
    except click.exceptions.NoArgsIsHelpError as error:
        click.echo(error.format_message())
        return WRONG_USE
    except click.ClickException as error:
        return _say(error.format_message(), error.exit_code)
    except (KeyboardInterrupt, click.Abort):
        return FAILED
    except ArgumentError as error:
        return _say(str(error), WRONG_USE)
    except ChainruleError as error:
        return _say(str(error), FAILED)
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # no complaint at exit
        return FAILED
    except (OSError, MemoryError) as error:
        return _say(f"{type(error).__name__}: {error}", FAILED)
    return 0


def _say(message: str, status: int) -> int:
    line = " ".join(message.split())
    click.echo(f"chainrule: {line}", err=True)
    return status
