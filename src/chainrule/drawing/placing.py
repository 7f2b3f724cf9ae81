"""In which group each node of a graph stands, and the groups."""

from __future__ import annotations

import itertools
import math
from collections.abc import Hashable, Sequence
from dataclasses import replace
from typing import TypeVar, cast

from chainrule.core.graph import Equation
from chainrule.drawing.alike import Member, alike, common_name
from chainrule.drawing.arranging import arranged
from chainrule.drawing.labels import summary
from chainrule.drawing.names import called_of
from chainrule.drawing.repeats import Block, Part
from chainrule.drawing.view import Group, Node

MOST_CHARACTERS = 40

MOST_BLOCKS = 16
"""Equal blocks in a group."""

MOST_GATHERED = 36
"""Inputs, outputs or constants in a group."""

Item = TypeVar("Item")


class Placing:
    """The groups of one graph: ``groups`` gets them, ``group`` is around all of them.

    ``keys`` are those of the nodes of the equations.
    """

    def __init__(
        self,
        equations: Sequence[Equation],
        keys: Sequence[str],
        groups: list[Group],
        prefix: str,
        group: str,
    ) -> None:
        self._equations, self._keys = equations, keys
        self._groups, self._prefix, self._group = groups, prefix, group
        self._made = 0
        self._groups_of: dict[str, str] = {}
        self._parts: dict[str, Hashable] = {}
        self._place(arranged(equations), group, None)

    def placed(self, node: Node) -> Node:
        """A node in its group; one that has a group already keeps it."""
        return (
            node if node.group else replace(node, group=self._groups_of.get(node.key, self._group))
        )

    def part_of(self, key: str) -> Hashable:
        """The part of the folded picture that a node is in; equal places of equal blocks are one.

        A node that is in no group is a part itself.
        """
        return self._parts.get(key, key)

    def is_grouped(self, key: str) -> bool:
        """Whether a node is in a group of this graph."""
        return self._groups_of[key] != self._group

    def put_beside(self, key: str, other: str) -> None:
        """Put a node into the group that another is in."""
        self._groups_of[key] = self._groups_of[other]

    def group_around(self, key: str, label: str) -> str:
        """A new group around a node alone; returns its key."""
        self._groups_of[key] = self.group_within(self._groups_of[key], label)
        return self._groups_of[key]

    def group_within(self, group: str, label: str, times: int = 1) -> str:
        """A new group inside of one; returns its key."""
        key = f"{self._prefix}g{self._made}"
        self._made += 1
        self._groups.append(Group(key, label, group, times))
        return key

    def gather(self, members: Sequence[Member]) -> None:
        """Fold nodes that play the same part; very many in rows within their group."""
        for together in alike(members):
            if len(together) <= MOST_GATHERED:
                self._gather(together, self._group)
                continue
            title = f"{common_name([m.name for m in together])} × {len(together)}"
            outer = self.group_within(self._group, title)
            for row in rows(together):
                self._gather(row, outer)

    def _gather(self, members: Sequence[Member], group: str) -> None:
        key = self.group_within(group, common_name([m.name for m in members]), len(members))
        self._groups_of.update((m.key, key) for m in members)

    def _place(self, parts: Sequence[Part], group: str, part_of: Hashable) -> None:
        for part in parts:
            if isinstance(part, Block):
                inner = self.group_within(group, self._label(part), part.times)
                self._place_inside(part, inner, part_of)
            else:
                key = self._keys[part]
                self._groups_of[key] = group
                self._parts[key] = part_of or key

    def _place_inside(self, block: Block, group: str, part_of: Hashable) -> None:
        if block.times == 1:
            self._place(block.parts, group, part_of or group)
            return
        blocks = cast("tuple[Block, ...]", block.parts)
        piles = rows(blocks) if len(blocks) > MOST_BLOCKS else [blocks]
        for pile in piles:
            label = self._label(pile[0])
            outer = self.group_within(group, label, len(pile)) if len(piles) > 1 else group
            for one in pile:
                inner = self.group_within(outer, label)
                for number, part in enumerate(one.parts):
                    self._place([part], inner, part_of or (group, number))

    def _label(self, block: Block) -> str:
        if len(block.label) > MOST_CHARACTERS:
            return f"{block.label[: MOST_CHARACTERS - 1]}…"
        period = (block.stop - block.start) // block.times
        made = self._equations[block.start : block.start + period]
        return block.label or called_of(made) or summary(made)


def rows(items: Sequence[Item]) -> list[Sequence[Item]]:
    """Many items in rows of like length, as many as there are in a row."""
    count = math.isqrt(len(items))
    cuts = [n * len(items) // count for n in range(count + 1)]
    return [items[a:b] for a, b in itertools.pairwise(cuts)]
