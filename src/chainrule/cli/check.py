"""``chainrule check``: whether the gradient of a network, or of a function in a file, is right."""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable
from dataclasses import asdict
from typing import Any, cast

import click
import numpy as np

from chainrule.checking.gradients import check_gradients
from chainrule.cli.evaluate import examples_of
from chainrule.cli.options import json_option
from chainrule.cli.output import line_console, say_json
from chainrule.cli.python_file import Input, Named, is_named_function, named_function
from chainrule.core.errors import GradientError
from chainrule.core.tree import map_leaves
from chainrule.nn.objective import mean_cost
from chainrule.training.trained import load_trained

FAILED = 1
Problem = tuple[Callable[..., Any], tuple[Any, ...]]


@click.command(short_help="Check a gradient.")
@click.argument("target", metavar="RUN|FILE.py:NAME")
@click.argument("source", metavar="[DATA]", required=False)
@click.option(
    "--examples",
    type=click.IntRange(min=1),
    default=4,
    show_default=True,
    help="Examples of the run's data that the cost is the mean of.",
)
@click.option(
    "--input",
    "inputs",
    type=Input(),
    multiple=True,
    metavar="VALUE",
    help='An argument of the function, in order: 2.0, "[1.0, 2.0]", "shape=(3, 4)".',
)
@click.option(
    "--order",
    type=click.IntRange(1, 2),
    default=2,
    show_default=True,
    help="1: first derivatives alone.",
)
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

    Prints what was compared, and where two ways disagree the operation to blame and its line; then
    the exit status is 1. With --json one object: target, agrees, and the report or the error.
    """  # fmt: skip
    if is_named_function(target):
        if source is not None:
            raise click.UsageError("DATA is for a RUN; give a function's arguments with --input")
        f, args = _of_file(named_function(target), inputs)
    else:
        if inputs:
            raise click.UsageError("--input is for FILE.py:NAME; give a run's examples as DATA")
        f, args = _of_run(target, source, examples)
    compiled: Any = None if executor == "none" else executor
    try:
        report = check_gradients(f, *args, order=order, executor=compiled)
    except GradientError as error:
        if as_json:
            say_json(target=target, agrees=False, error=str(error))
        else:
            line_console().print(str(error))
        ctx.exit(FAILED)
    if as_json:
        say_json(target=target, agrees=True, **asdict(report))
    else:
        line_console().print(str(report))


def _of_file(named: Named, inputs: tuple[Any, ...]) -> Problem:
    """The function and its arguments: those given, those of the file, or the defaults."""
    kept = named.beside("_args")
    given: tuple[Any, ...] = inputs
    if not inputs and kept is not None:
        given = cast("tuple[Any, ...]", kept) if isinstance(kept, tuple) else (kept,)
    try:
        bound = inspect.signature(named.function).bind(*given)
    except TypeError as error:
        raise click.UsageError(
            f"{named.name}: {error}; give each argument with --input, or as a tuple"
            f" {named.name}_args in the file"
        ) from error
    bound.apply_defaults()
    keywords = bound.kwargs

    @functools.wraps(named.function)
    def with_keywords(*xs: Any) -> Any:
        return named.function(*xs, **keywords)

    return with_keywords, bound.args


def _of_run(run: str, source: str | None, examples: int) -> Problem:
    """The cost of the first examples as a function of the parameters, in double precision."""
    trained = load_trained(run)
    data = trained.data
    rows, known = (x[:examples] for x in examples_of(trained, data, source))
    X = _in_double(rows)
    Y = _in_double(np.eye(len(data.classes))[known] if data.classes else data.scaled_targets(known))
    cost = mean_cost(trained.model, trained.cost)

    def cost_of_parameters(params: Any) -> Any:
        return cost(params, X, Y)

    return cost_of_parameters, (map_leaves(_in_double, trained.params),)


def _in_double(x: Any) -> Any:
    return np.asarray(x, np.float64)
