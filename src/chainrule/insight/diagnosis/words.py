"""Numbers and lists as they stand in sentences."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any


def number(x: float) -> str:
    """Three digits.

    >>> number(0.012345), number(1234567.0), number(12345.0), number(30)
    ('0.0123', '1.23e+06', '12,345', '30')
    """
    return f"{x:,.0f}" if 1000 <= abs(x) < 1e6 else f"{x:.3g}"


def times(x: float) -> str:
    """A factor.

    >>> times(0.05), times(20.0)
    ('times 0.05', 'times 20')
    """
    return f"times {number(x)}"


def percent(x: float) -> str:
    """A part of one, or more than that.

    >>> percent(0.25), percent(0.0012), percent(0.9999), percent(0.05), percent(0), percent(3.2)
    ('25%', '0.12%', '99.99%', '5%', '0%', '320%')
    """
    small = min(x, abs(1 - x))
    places = 2 if small < 0.01 else 1 if small < 0.1 else 0
    text = f"{100 * x:,.{places}f}"
    return (
        f"{text.rstrip('0').rstrip('.') if places else text}%" if x >= 1e-4 or not x else f"{x:.0e}"
    )


def count(n: int, thing: str, plural: str = "") -> str:
    """How many of them.

    >>> count(1, "neuron"), count(2_000, "neuron"), count(2, "class", "classes")
    ('1 neuron', '2,000 neurons', '2 classes')
    """
    return f"{n:,} {thing if n == 1 else plural or thing + 's'}"


def listing(items: Sequence[Any], shown: int = 5) -> str:
    """The first of them.

    >>> listing([3, 5]), listing(range(9), 3)
    ('3 and 5', '0, 1, 2 and 6 more')
    """
    texts = [str(x) for x in items]
    if len(texts) > shown:
        texts = [*texts[:shown], f"{len(texts) - shown:,} more"]
    if len(texts) < 2:
        return "".join(texts)
    return f"{', '.join(texts[:-1])} and {texts[-1]}"
