"""A view for a picture in which nothing is folded: inputs stand where they are used.

Inputs that play the same part are one group, so that they fold into one box. Where all is drawn
that would be a long row of boxes far from their uses; so each goes into the group in which all its
uses are, and an output into the one that it comes from.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from chainrule.drawing.view import View


def unfolded(view: View) -> View:
    """The view without groups of nothing but inputs or outputs, whose nodes go where they belong.

    >>> from chainrule.drawing.view import Edge, Group, Node
    >>> view = View(
    ...     (Node("w", "input", "w", group="all"), Node("v", "input", "v", group="all"),
    ...      Node("x", "operation", "exp", group="layer")),
    ...     (Edge("w", "x", "w", "float64"),),
    ...     (Group("all", "w v"), Group("layer", "layer")))
    >>> [(node.key, node.group) for node in unfolded(view).nodes], len(unfolded(view).groups)
    ([('w', 'layer'), ('v', ''), ('x', 'layer')], 1)
    """
    outer = {group.key: group.group for group in view.groups}
    chains = {node.key: _chain(node.group, outer) for node in view.nodes}
    inner = {node.key for node in view.nodes if node.kind not in ("input", "output")}
    kept = {key for node in inner for key in chains[node]}
    joined: dict[str, list[Sequence[str]]] = {}
    for edge in view.edges:
        for here, there in ((edge.start, edge.end), (edge.end, edge.start)):
            if here not in inner and there in inner:
                joined.setdefault(here, []).append(chains[there])
    nodes = tuple(
        node
        if node.key in inner or node.group in kept
        else replace(node, group=_common(joined.get(node.key, [])))
        for node in view.nodes
    )
    return replace(view, nodes=nodes, groups=tuple(g for g in view.groups if g.key in kept))


def _chain(group: str, outer: Mapping[str, str]) -> tuple[str, ...]:
    """A group and those around it, the outermost first."""
    chain: list[str] = []
    while group:
        chain.append(group)
        group = outer[group]
    return tuple(reversed(chain))


def _common(chains: Sequence[Sequence[str]]) -> str:
    """The innermost group that all are in."""
    found = ""
    for level in zip(*chains, strict=False):
        if len(set(level)) > 1:
            break
        found = level[0]
    return found
