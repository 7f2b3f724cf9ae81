"""The arguments of a function with rules: arrays, which are inputs of an equation, and the rest."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, cast

import numpy as np

from chainrule.core.errors import ArgumentError
from chainrule.core.trace import TracedValue
from chainrule.core.tree import Structure, flatten, unflatten

_NUMBERS = (bool, int)


@dataclass(frozen=True)
class Arguments:
    """A container, such as a tuple of arguments; ``constants`` are its leaves of other kinds."""

    structure: Structure
    constants: Mapping[int, Any]

    def filled(self, arrays: Sequence[Any]) -> Any:
        """The container with these arrays."""
        return self._filled(arrays, self.constants)

    def directions(self, arrays: Sequence[Any]) -> Any:
        """The container of tangents: 0.0 for a constant number, None for any other constant."""
        zeros = {i: 0.0 if type(x) in _NUMBERS else None for i, x in self.constants.items()}
        return self._filled(arrays, zeros)

    def _filled(self, arrays: Sequence[Any], constants: Mapping[int, Any]) -> Any:
        rest = iter(arrays)
        n = self.structure.num_leaves
        return unflatten(
            self.structure, [constants[i] if i in constants else next(rest) for i in range(n)]
        )

    def arrays(self, leaves: Sequence[Any]) -> list[Any]:
        """Those of all leaves that belong to arrays."""
        return [x for i, x in enumerate(leaves) if i not in self.constants]


def is_array(x: Any) -> bool:
    """Whether it is an input of the equation; integers and booleans of Python are constants."""
    if isinstance(x, (np.ndarray, np.generic)):
        return cast("Any", x).dtype.kind in "biufc"
    return isinstance(x, TracedValue) or type(x) in (float, complex)


def arrays_in(tree: Any, wanted: Callable[[Any], bool] = is_array) -> tuple[Arguments, list[Any]]:
    """A container in two parts: the rest of it, and the arrays in it, or those that are wanted."""
    leaves, structure = flatten(tree)
    constants = {i: x for i, x in enumerate(leaves) if not wanted(x)}
    arguments = Arguments(structure, constants)
    return arguments, arguments.arrays(leaves)


@dataclass(frozen=True)
class Positions:
    """Where the arguments of a function stand, however a caller gives them."""

    name: str
    signature: inspect.Signature | None  # some functions written in C have none

    def bind(self, args: tuple[Any, ...], kwargs: dict[str, Any]) -> tuple[Any, ...]:
        """All arguments in their positions, those with a default included."""
        if self.signature is None:
            if kwargs:
                raise ArgumentError(f"{self.name} has no signature; pass arguments by position")
            return args
        bound = self.signature.bind(*args, **kwargs)
        bound.apply_defaults()
        without_place = [name for name in kwargs if name in bound.kwargs]
        if without_place:
            raise ArgumentError(
                f"{self.name}: keyword-only arguments ({', '.join(without_place)}) have no place in"
                " the rules of its derivative; let it take them by position, too"
            )
        return bound.args


def positions_of(f: Callable[..., Any]) -> Positions:
    """The positions of a function's arguments."""
    try:
        return Positions(name_of(f), inspect.signature(f))
    except (ValueError, TypeError):
        return Positions(name_of(f), None)


def name_of(f: Callable[..., Any]) -> str:
    """What errors call a function."""
    return getattr(f, "__name__", type(f).__name__)
