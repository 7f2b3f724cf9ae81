"""What ``RUN|FILE.py:NAME`` on the command line names: a function, and where it is looked at."""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, cast

import click
import numpy as np

from chainrule.cli.evaluate import examples_of
from chainrule.cli.python_file import Input, Named, is_named_function, named_function
from chainrule.nn.objective import mean_cost
from chainrule.training.trained import Trained, load_trained

Array = Any

target_argument = click.argument("target", metavar="RUN|FILE.py:NAME")
source_argument = click.argument("source", metavar="[DATA]", required=False)
input_option = click.option(
    "--input",
    "inputs",
    type=Input(),
    multiple=True,
    metavar="VALUE",
    help='An argument of the function, in order: 2.0, "[1.0, 2.0]", "shape=(3, 4)".',
)


@dataclass(frozen=True)
class Target:
    """A function with its arguments, what the arrays among them are called, and its file."""

    f: Callable[..., Any]
    args: tuple[Any, ...]
    names: list[str] | None = None
    file: str | None = None


@dataclass(frozen=True)
class CostOfParameters:
    """The mean cost of some examples as a function of weights and biases."""

    trained: Trained
    X: Array
    Y: Array

    @property
    def __name__(self) -> str:
        examples = "1 example" if len(self.X) == 1 else f"{len(self.X)} examples"
        return f"the cost of {examples}"

    def __call__(self, *arrays: Array) -> Array:
        """The cost; arrays are W^1, b^1, W^2, b^2, ..."""
        pairs = iter(zip(arrays[::2], arrays[1::2], strict=True))
        params = [
            dict(zip(("weights", "biases"), next(pairs), strict=True)) if p else p
            for p in self.trained.params
        ]
        return mean_cost(self.trained.model, self.trained.cost)(params, self.X, self.Y)


def target_of(
    target: str, source: str | None, inputs: tuple[Any, ...], examples: int | slice
) -> Target:
    """The function in a file, or the cost of a run's examples, with arguments."""
    if is_named_function(target):
        if source is not None:
            raise click.UsageError("DATA is for a RUN; give a function's arguments with --input")
        return _of_file(named_function(target), inputs)
    if inputs:
        raise click.UsageError("--input is for FILE.py:NAME; give a run's examples as DATA")
    rows = slice(examples) if isinstance(examples, int) else examples
    return _of_run(load_trained(target), source, rows)


def _of_file(named: Named, inputs: tuple[Any, ...]) -> Target:
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
    if not keywords:
        return Target(named.function, bound.args, file=named.file)

    @functools.wraps(named.function)
    def with_keywords(*xs: Any) -> Any:
        return named.function(*xs, **keywords)

    return Target(with_keywords, bound.args, file=named.file)


def _of_run(trained: Trained, source: str | None, rows: slice) -> Target:
    """The cost of some examples as a function of the parameters, in double precision."""
    X, Y = rows_of_run(trained, source, rows)
    dense = [p for p in trained.params if p]
    arrays = [_in_double(p[kind]) for p in dense for kind in ("weights", "biases")]
    names = [f"{kind}^{n + 1}" for n in range(len(dense)) for kind in ("W", "b")]
    return Target(CostOfParameters(trained, X, Y), tuple(arrays), names)


def rows_of_run(trained: Trained, source: str | None, rows: slice) -> tuple[Array, Array]:
    """Inputs and target rows of examples, in double precision."""
    data = trained.data
    X, known = (x[rows] for x in examples_of(trained, data, source))
    Y = np.eye(len(data.classes))[known] if data.classes else data.scaled_targets(known, X.dtype)
    return _in_double(X), _in_double(Y)


def _in_double(x: Any) -> Array:
    return np.asarray(x, np.float64)
