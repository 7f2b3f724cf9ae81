"""Types of command-line values, with errors that say what is expected."""

from __future__ import annotations

import math
from typing import Any, cast

import click


class Layers(click.ParamType[list[int]]):
    """Neurons in each layer, as ``784,30,10``."""

    name = "layers"

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> list[int]:
        """Parse the text, or check the list of a configuration."""
        parts = cast("list[Any]", value) if isinstance(value, list) else str(value).split(",")
        try:
            sizes = [int(part) for part in parts]
        except (TypeError, ValueError):
            sizes = []
        if len(sizes) < 2 or min(sizes) < 1:
            self.fail(
                f"{value!r} is not a list of two or more layer sizes such as 784,30,10", param
            )
        return sizes


class Names(click.ParamType[list[str]]):
    """Names separated by commas."""

    name = "names"

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> list[str]:
        """Parse the text, or take the list of a configuration."""
        parts = cast("list[Any]", value) if isinstance(value, list) else str(value).split(",")
        names = [str(part).strip() for part in parts]
        if not all(names):
            self.fail(f"{value!r} has an empty name; separate names by single commas", param)
        return names


class Positive(click.ParamType[float]):
    """A finite number greater than zero."""

    name = "number"

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> float:
        """Parse the text."""
        number = _number(value)
        if not (math.isfinite(number) and number > 0):
            self.fail(f"{value!r} is not a number greater than 0", param)
        return number


class NotNegative(click.ParamType[float]):
    """A finite number of at least zero."""

    name = "number"

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> float:
        """Parse the text."""
        number = _number(value)
        if not (math.isfinite(number) and number >= 0):
            self.fail(f"{value!r} is not a number of at least 0", param)
        return number


def _number(value: Any) -> float:
    try:
        return float(value)
    except (TypeError, ValueError):
        return math.nan


json_option = click.option(
    "--json", "as_json", is_flag=True, help="Print JSON, one object a line, and nothing else."
)
run_argument = click.argument("run", type=click.Path(path_type=str))
