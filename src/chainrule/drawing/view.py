"""What is drawn of a graph: nodes, edges, and groups that can be folded into one node.

A :class:`View` is plain data, made of a :class:`~chainrule.core.graph.Graph` and drawn as SVG or
HTML, or sent to a page as JSON: everything in it is text or a number.
"""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True)
class Node:
    """One box: an input, an equation, a constant, an output, or a whole group that is folded.

    ``key`` names it within the view ("e12"); ``kind`` is "input", "constant", "operation",
    "output" or "group". ``label`` stands in the box; lines below its first one (what must be seen
    of parameters and shapes) are smaller. ``detail`` (primitive, parameters, types, the text of the
    source line) and ``source`` ("file:line") are told on demand. ``group`` is the key of the group
    around it, "" for none. ``sweep`` is "backward" or "forward" for operations of a derivative.
    """

    key: str
    kind: str
    label: str
    detail: str = ""
    source: str = ""
    group: str = ""
    sweep: str = ""


@dataclass(frozen=True)
class Edge:
    """One line from a node to another: a variable on its way to where it is used.

    ``value`` and ``gradient`` are short texts ("" if unknown), ``type`` the array type;
    ``magnitude`` is the norm of the gradient, from which a line has its width.
    """

    start: str
    end: str
    variable: str
    type: str
    value: str = ""
    gradient: str = ""
    magnitude: float | None = None


@dataclass(frozen=True)
class Group:
    """Nodes that belong together: a layer, one of equal blocks, the body of a loop.

    ``times`` says for how many equal blocks it stands when they are folded together.
    """

    key: str
    label: str
    group: str = ""
    times: int = 1


@dataclass(frozen=True)
class View:
    """A graph as it is drawn, unfolded: all nodes, with the groups that they are in."""

    nodes: tuple[Node, ...]
    edges: tuple[Edge, ...]
    groups: tuple[Group, ...] = ()
    title: str = field(default="")
