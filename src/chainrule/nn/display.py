"""How models are displayed: a line of Python, and in notebooks a table of their layers.

Nothing is traced here; ``model.summary()`` tells more.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple

from chainrule.core.html import table


class Layer(NamedTuple):
    """A dense layer: its numbers of inputs and neurons, and the names of what follows it."""

    n_in: int
    n_out: int
    activation: str = ""


def name_of(f: Callable[..., Any]) -> str:
    """The name of a function, or of the class of a callable object."""
    return getattr(f, "__name__", type(f).__name__)


def as_argument(f: str | Callable[..., Any], named: Mapping[str, Any]) -> str:
    """A function as it is given to a constructor: by a name in quotes if it has one there.

    >>> as_argument(len, {"len": len}), as_argument(max, {"len": len}), as_argument("he", {})
    ("'len'", 'max', "'he'")
    """
    if isinstance(f, str):
        return repr(f)
    name = name_of(f)
    return repr(name) if named.get(name) is f else name


def layers_table(layers: Sequence[Layer], caption: str) -> str:
    """Dense layers as an HTML table.

    >>> "23,550" in layers_table([Layer(784, 30, "sigmoid"), Layer(30, 10)], "a network")
    True
    """
    sizes = [x.n_out * x.n_in + x.n_out for x in layers]
    rows = [
        (str(n), f"{x.n_out}", x.activation, f"{x.n_out} x {x.n_in}", f"{size:,}")
        for n, (x, size) in enumerate(zip(layers, sizes, strict=True), start=1)
    ]
    head = ("layer", "neurons", "activation", "weights", "parameters")
    return table(head, [*rows, ("total", "", "", "", f"{sum(sizes):,}")], caption)
