"""JSON text whose values come back exactly as they were.

Python writes a float as the shortest text that reads back to the same 64 bits, so numbers survive.
NaN and the infinities have no JSON text; they are written as the strings ``"NaN"``, ``"Infinity"``
and ``"-Infinity"``, which every JSON reader accepts, and come back as floats. ``history.py`` and
``checkpoints.py`` build on it.
"""

import json
import math
from typing import TypeAlias, cast

import numpy as np

from chainrule.core.errors import DataError

JSON: TypeAlias = "bool | int | float | str | list[JSON] | dict[str, JSON] | None"
"""A value that JSON can hold."""

_NON_FINITE = {"NaN": math.nan, "Infinity": math.inf, "-Infinity": -math.inf}
_MAX_DEPTH = 100


def to_text(value: object, place: str) -> str:
    """Write a value as one line of JSON; ``place`` names it in errors.

    Tuples become lists, and NumPy's scalars the Python numbers of the same value. Sign and payload
    of a NaN are not kept.

    Errors: :class:`~chainrule.DataError` for anything else, for a key that is not a string, for
    the strings that stand for NaN and the infinities, and for nesting deeper than 100.

    >>> to_text({"cost": float("nan"), "sizes": (784, 30, 10)}, "record")
    '{"cost":"NaN","sizes":[784,30,10]}'
    """
    return json.dumps(_plain(value, place, 0), allow_nan=False, separators=(",", ":"))


def from_text(text: str | bytes) -> JSON:
    """Read what :func:`to_text` wrote; ``ValueError`` says what is wrong with other text.

    >>> from_text('{"cost":"NaN","sizes":[784,30,10]}')
    {'cost': nan, 'sizes': [784, 30, 10]}
    """
    try:
        return _revived(json.loads(text, parse_constant=_refuse_constant))
    except RecursionError as error:
        raise ValueError("it is nested too deeply") from error


def _plain(value: object, place: str, depth: int) -> JSON:
    """Check a value and turn it into what the json module writes without loss."""
    if depth > _MAX_DEPTH:
        raise DataError(f"{place[:80]}... is nested more than {_MAX_DEPTH} deep (a circle?).")
    if isinstance(value, np.bool_ | np.integer | np.floating):
        value = cast(object, value.item())
    if isinstance(value, float) and not math.isfinite(value):
        return "NaN" if math.isnan(value) else "Infinity" if value > 0 else "-Infinity"
    if isinstance(value, str) and value in _NON_FINITE:
        raise DataError(
            f"{place} is the string {value!r}, which the file keeps for the float of that name; "
            f"use the float, or another string."
        )
    if value is None or isinstance(value, bool | int | float | str):
        return value
    if isinstance(value, list | tuple):
        items = cast("list[object]", value)
        return [_plain(item, f"{place}[{i}]", depth + 1) for i, item in enumerate(items)]
    if isinstance(value, dict):
        return _plain_dict(cast("dict[object, object]", value), place, depth)
    raise DataError(
        f"{place} is of type {type(value).__name__}, which JSON cannot hold; use None, booleans, "
        f"numbers, strings, lists and dicts, and keep arrays among the tensors."
    )


def _plain_dict(value: dict[object, object], place: str, depth: int) -> dict[str, JSON]:
    """Check a dict's keys and values."""
    plain: dict[str, JSON] = {}
    for key, item in value.items():
        if not isinstance(key, str):
            raise DataError(f"{place} has the key {key!r}, but keys in JSON are strings.")
        plain[key] = _plain(item, f"{place}.{key}", depth + 1)
    return plain


def _revived(value: JSON) -> JSON:
    """Turn the strings that stand for NaN and the infinities back into floats."""
    if isinstance(value, str):
        return _NON_FINITE.get(value, value)
    if isinstance(value, list):
        return [_revived(item) for item in value]
    if isinstance(value, dict):
        return {key: _revived(item) for key, item in value.items()}
    return value


def _refuse_constant(name: str) -> JSON:
    """Refuse Python's own NaN and Infinity, which are not JSON and which we do not write."""
    raise ValueError(f"{name} is not JSON")
