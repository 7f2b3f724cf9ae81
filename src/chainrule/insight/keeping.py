"""What a record is to keep, and what it says of the rest."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from chainrule.core.errors import ArgumentError

Part = Literal["value", "cotangent"]


@dataclass(frozen=True)
class Selection:
    """What is to be kept: names, or None for all that there are."""

    values: frozenset[str] | None
    cotangents: frozenset[str] | None

    @property
    def wants_cotangents(self) -> bool:
        """Whether there is anything that takes a sweep backwards."""
        return self.cotangents is None or bool(self.cotangents)


def selection(keep: Iterable[str] | str | None) -> Selection:
    """What a list of names asks for.

    >>> selection(["hidden", "cotangent of x", "values"]).cotangents == {"hidden", "x"}
    True
    """
    if keep is None:
        return Selection(None, None)
    wanted: dict[str, set[str]] = {"value": set(), "cotangent": set()}
    every: set[str] = set()
    for asked in [keep] if isinstance(keep, str) else keep:
        if asked in ("values", "cotangents"):
            every.add(asked.removesuffix("s"))
            continue
        part, of, rest = asked.partition(" of ")
        chosen = (part,) if of and part in wanted else tuple(wanted)
        for kind in chosen:
            wanted[kind].add(rest if len(chosen) == 1 else asked)
    values, cotangents = (
        None if kind in every else frozenset(names) for kind, names in wanted.items()
    )
    return Selection(values, cotangents)


def is_reserved(name: str) -> bool:
    """Whether a name means something else in such a list."""
    return name in ("values", "cotangents") or name.startswith(("value of ", "cotangent of "))


class ByName(dict[str, Any]):
    """Numbers by name; a name that was not kept is an error that says how to ask for it.

    ``known`` are all names, those of arguments first, each with the type that keeps it from having
    a cotangent; "" for what has one.
    """

    def __init__(self, part: Part, kept: dict[str, Any], known: Mapping[str, str]) -> None:
        super().__init__(kept)
        self.part: Part = part
        self.known = known

    def __missing__(self, name: str) -> Any:
        """Say why there is nothing by that name."""
        if name not in self.known:
            there = ", ".join(map(repr, self.known)) or "none"
            raise ArgumentError(
                f"no point and no argument is named {name!r}; there are {there}; name a value with"
                f" x = cr.insight.name(x, {name!r})"
            )
        discrete = self.known[name]
        if discrete and self.part == "cotangent":
            raise ArgumentError(
                f"{name!r} is {discrete}, in which nothing has a derivative; give floating-point"
                " numbers"
            )
        raise ArgumentError(
            f"the {self.part} of {name!r} was not kept; ask for it:"
            f" cr.insight.record(f, ..., keep=[..., '{self.part} of {name}'])"
        )
