"""Inputs, outputs and constants that play the same part: the weights of twelve equal layers.

They fold together if they have one type and go to, or come from, the same places of a picture.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Hashable, Sequence
from typing import NamedTuple

FEWEST = 3
"""Nodes that are worth a group."""

MOST_SINGLE = 16
"""Nodes of one kind that may stay single in a picture."""


class Member(NamedTuple):
    """A node, its name, and what must be equal of nodes that fold together."""

    key: str
    name: str
    part: Hashable


def alike(members: Sequence[Member]) -> list[list[Member]]:
    """Groups of members; those that stay single are in none.

    Members with equal parts fold. If many are left, so do those whose names are equal but for
    numbers, then those that belong to one argument, then all.

    >>> weights = [Member(f"i{n}", f"w[{n}]", "to the layers") for n in range(4)]
    >>> [[m.key for m in group] for group in alike([*weights, Member("i9", "x", "to the first")])]
    [['i0', 'i1', 'i2', 'i3']]
    """
    groups: list[list[Member]] = []
    rest = list(members)
    keys: list[Callable[[Member], Hashable]] = [
        lambda m: m.part,
        lambda m: _numbers_out(m.name),
        lambda m: m.name.partition("[")[0],
        lambda m: "all",
    ]
    for key in keys:
        gathered: dict[Hashable, list[Member]] = {}
        for member in rest:
            gathered.setdefault(key(member), []).append(member)
        groups += [group for group in gathered.values() if len(group) >= FEWEST]
        rest = [m for group in gathered.values() if len(group) < FEWEST for m in group]
        if len(rest) <= MOST_SINGLE:
            break
    return groups


def _numbers_out(name: str) -> str:
    return re.sub(r"\d+", "0", name)


def common_name(names: Sequence[str]) -> str:
    """One name for several: what they share, with the first and the last of what differs.

    >>> common_name(["w[1]", "w[2]", "w[7]"]), common_name(["a", "b", "c"])
    ('w[1…7]', 'a … c')
    >>> common_name(["p[0].w", "p[0].b", "p[1].w"])
    'p[…]'
    """
    first, last = names[0], names[-1]
    if len(set(names)) == 1:
        return first
    if len(set(map(_numbers_out, names))) == 1:
        pairs = zip(re.findall(r"\d+|\D+", first), re.findall(r"\d+|\D+", last), strict=True)
        return "".join(a if a == b else f"{a}…{b}" for a, b in pairs)
    roots = {name.partition("[")[0] for name in names}
    return f"{roots.pop()}[…]" if len(roots) == 1 else f"{first} … {last}"


def tidy(name: str) -> str:
    """The name of a part of an argument as it is read: ``params[0].weights``.

    >>> tidy("params[0]['weights']")
    'params[0].weights'
    """
    return re.sub(r"\['(\w+)'\]", r".\1", name)
