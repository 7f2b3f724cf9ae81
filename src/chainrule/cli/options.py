"""Types of command-line values, with errors that say what is expected."""

from __future__ import annotations

import math
from typing import Any

import click


class Layers(click.ParamType):
    """Neurons in each layer, as ``784,30,10``."""

    name = "layers"

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> list[int]:
        """Parse the text."""
        if isinstance(value, list):
            return value  # pyright: ignore[reportUnknownVariableType]
        try:
            sizes = [int(part) for part in str(value).split(",")]
        except ValueError:
            sizes = []
        if len(sizes) < 2 or min(sizes) < 1:
            self.fail(f"{value!r} is not a list of at least two layer sizes such as 784,30,10", param)
        return sizes


class Positive(click.ParamType):
    """A finite number greater than zero."""

    name = "number"

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> float:
        """Parse the text."""
        try:
            number = float(value)
        except ValueError:
            number = math.nan
        if not (number > 0 and math.isfinite(number)):
            self.fail(f"{value!r} is not a number greater than 0", param)
        return number


json_option = click.option(
    "--json", "as_json", is_flag=True, help="One JSON object a line on stdout, nothing else."
)
run_argument = click.argument("run", type=click.Path(path_type=str))
