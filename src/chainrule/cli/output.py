"""How commands write: plain lines for people, JSON lines for programs.

Lines are never broken to fit a width, so a path or a command can be copied from any terminal, pipe
or file.
"""

from __future__ import annotations

import json
import math
from typing import Any, cast

import click
import numpy as np
from rich.console import Console
from rich.text import Text


def line_console() -> Console:
    """A console that prints text as it is: no markup, no broken lines."""
    return Console(highlight=False, markup=False, emoji=False, soft_wrap=True)


def strong(text: str) -> Text:
    """Text in bold, where the terminal can."""
    return Text(text, "bold")


def say_json(**fields: Any) -> None:
    """Write one JSON object as one line, NumPy's numbers and arrays included; a number that is not
    finite becomes null.

    >>> say_json(event="epoch", cost=float("nan"), layers=(2, 1))
    {"event": "epoch", "cost": null, "layers": [2, 1]}
    """
    click.echo(json.dumps(_plain(fields), allow_nan=False))


def _plain(value: Any) -> Any:
    if isinstance(value, (np.ndarray, np.generic)):
        value = cast("Any", value).tolist()
    if isinstance(value, float):
        return float(value) if math.isfinite(value) else None
    if isinstance(value, dict):
        return {str(k): _plain(v) for k, v in cast("dict[Any, Any]", value).items()}
    if isinstance(value, (list, tuple)):
        return [_plain(v) for v in cast("list[Any]", value)]
    return value


def target_text(x: float, scale: float, digits: int = 7) -> str:
    """A number with so many digits, and those by which it is larger than the targets' deviation.

    >>> target_text(298618.7409, 101215.6), target_text(1_700_000_003.8356, 22.0)
    ('298618.7', '1700000003.8356')
    """
    above = abs(x) / scale
    more = math.floor(math.log10(above)) if 1 < above < math.inf else 0
    return f"{x:.{min(digits + more, 17)}g}"


def held_out_text(found: dict[str, float]) -> str:
    """How good a model is, in words: its accuracy, or R^2 for regression.

    >>> held_out_text({"cost": 0.1, "accuracy": 0.9513})
    'accuracy 95.13%'
    """
    if "accuracy" in found:
        return f"accuracy {found['accuracy']:.2%}"
    return f"R^2 {found['r2']:.4f}"
