"""``chainrule check``: whether the gradient of a network, or of a function in a file, is right."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

import click
import numpy as np
from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

from chainrule.checking.gradients import check_gradients
from chainrule.checking.parameters import ParameterReport, check_parameters
from chainrule.checking.report import GradientReport
from chainrule.checking.step_size import VCurve, v_curve
from chainrule.cli.options import json_option
from chainrule.cli.output import line_console, say_json
from chainrule.cli.python_file import told_with_line
from chainrule.cli.target import Target, input_option, source_argument, target_argument, target_of
from chainrule.core.errors import GradientError
from chainrule.core.trace import type_of
from chainrule.core.tree import flatten

FAILED = 1
STEPS = tuple(10.0**-k for k in range(16))


@click.command(short_help="Check a gradient.")
@target_argument
@source_argument
@click.option(
    "--examples",
    type=click.IntRange(min=1),
    default=4,
    show_default=True,
    help="Examples of the run's data that the cost is the mean of.",
)
@input_option
@click.option(
    "--order",
    type=click.IntRange(1, 2),
    default=2,
    show_default=True,
    help="1: first derivatives alone.",
)
@click.option(
    "--parameters",
    type=click.IntRange(min=0),
    default=100_000,
    show_default=True,
    help="Compare at most so many parameters one by one, chosen at random; 0 compares none.",
)
@click.option("--curve/--no-curve", default=True, help="The error of differences over their step.")
@click.option(
    "--executor",
    type=click.Choice(["native", "interpreter", "none"]),
    default="native",
    show_default=True,
    help="What compiled code is compared.",
)
@json_option
@click.pass_context
def check(
    ctx: click.Context,
    target: str,
    source: str | None,
    examples: int,
    inputs: tuple[Any, ...],
    order: int,
    parameters: int,
    curve: bool,
    executor: str,
    as_json: bool,
) -> None:
    """Compute a gradient in every way there is and compare: modes, machine code, differences.

    Of a RUN it is the gradient of the cost of some examples, of its test data or of DATA, in the
    trained parameters and in double precision.

    Of a function in a Python file the arguments are those of --input, once for each; else the tuple
    that the file calls NAME_args; else the function's defaults. Arrays are lists of numbers,
    shape=(3, 4) is normal random numbers, and what is a float or an array of floats is
    differentiated.

    Prints what was compared, and where two ways disagree the operation to blame and its line. Of a
    cost, one real number of real ones, every parameter is then compared with its difference
    quotient, the worst offenders are listed, and the error of differences is shown over their step.
    If any disagree the exit status is 1. With --json one object: target, agrees, the report or the
    error, parameters and curve.
    """  # fmt: skip
    found = target_of(target, source, inputs, examples)
    compiled: Any = None if executor == "none" else executor
    report: GradientReport | GradientError
    with told_with_line(found.file):
        try:
            report = check_gradients(found.f, *found.args, order=order, executor=compiled)
        except GradientError as error:
            report = error
        if not as_json:
            line_console().print(str(report))
        is_cost = _is_cost(found)
        each = _each(found, parameters, executor) if parameters and is_cost else None
        steps = v_curve(found.f, *found.args, steps=STEPS) if curve and is_cost else None
    agrees = isinstance(report, GradientReport) and (each is None or each.agrees)
    if as_json:
        _say(target, report, each, steps, agrees=agrees)
    else:
        for text in (each, steps):
            if text is not None:
                line_console().print(f"\n{text}")
    if not agrees:
        ctx.exit(FAILED)


def _is_cost(found: Target) -> bool:
    """Whether the function gives one real number, of real ones."""
    if any(np.iscomplexobj(x) for x in flatten(found.args)[0]):
        return False
    value = found.f(*found.args)
    known = isinstance(value, (float, np.ndarray, np.generic))
    return known and type_of(value).shape == () and type_of(value).dtype.kind == "f"


def _each(found: Target, most: int, executor: str) -> ParameterReport:
    """Every parameter, with a bar while that takes long."""
    compiled: Any = "interpreter" if executor == "none" else executor
    columns = TextColumn("parameters"), BarColumn(), TimeRemainingColumn()
    console = Console(stderr=True)
    with Progress(
        *columns, console=console, transient=True, disable=not console.is_terminal
    ) as bar:
        task = bar.add_task("", total=None)

        def tell(done: int, total: int) -> None:
            bar.update(task, completed=done, total=total)

        return check_parameters(
            found.f, *found.args, most=most, executor=compiled, names=found.names, progress=tell
        )


def _say(
    target: str,
    report: GradientReport | GradientError,
    each: ParameterReport | None,
    steps: VCurve | None,
    *,
    agrees: bool,
) -> None:
    said: dict[str, Any] = (
        asdict(report) if isinstance(report, GradientReport) else {"error": str(report)}
    )
    if each is not None:
        said["parameters"] = asdict(each)
    if steps is not None:
        said["curve"] = asdict(steps)
    say_json(target=target, agrees=agrees, **said)
