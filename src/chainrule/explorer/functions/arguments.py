"""Arguments of a function that can be changed on the page: numbers and small vectors.

The page's address has those that were changed as one text, ``a=3;x=1 2.5``, by the names that the
function has for them.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from chainrule.core.errors import ArgumentError
from chainrule.explorer.subjects import FunctionSubject
from chainrule.insight.derivations.function import arguments_of

Array = Any
FEW = 8  # entries of a vector that can be changed


def changed(subject: FunctionSubject, inputs: str) -> tuple[Any, ...]:
    """The arguments of a function, with those that ``inputs`` names changed.

    Raises:
        ArgumentError: there is no such argument, or its numbers do not fit.

    >>> changed(FunctionSubject("f", lambda a, b: a + b, (2.0, 1.0)), "b=3")
    (2.0, 3.0)
    """
    if not inputs:
        return subject.args
    arguments = arguments_of(subject.f, subject.args)
    leaves = list(arguments.leaves)
    for part in inputs.split(";"):
        name, _, text = part.partition("=")
        if name not in arguments.names:
            known = ", ".join(arguments.names)
            raise ArgumentError(f"{subject.name} has no argument {name!r}; it has {known}")
        at = arguments.names.index(name)
        leaves[at] = _read(name, text, leaves[at])
    return arguments.filled(leaves)


def is_editable(x: Array) -> bool:
    """Whether an argument can be changed on the page."""
    array = np.asarray(x)
    return array.dtype.kind in "fiu" and array.ndim <= 1 and 0 < array.size <= FEW


def _read(name: str, text: str, before: Array) -> Array:
    """Numbers that take the place of an argument; they have its shape and dtype."""
    array = np.asarray(before)
    try:
        numbers = [float(word) for word in text.split()]
    except ValueError:
        numbers = []
    if not is_editable(before) or len(numbers) != array.size or not np.isfinite(numbers).all():
        raise ArgumentError(
            f"{name} takes {array.size} finite number{'s' if array.size != 1 else ''},"
            f" separated by blanks; not {text!r}"
        )
    if not isinstance(before, (np.ndarray, np.generic)):
        return numbers[0]
    found = np.asarray(numbers).reshape(array.shape).astype(array.dtype)
    return found if isinstance(before, np.ndarray) else found[()]
