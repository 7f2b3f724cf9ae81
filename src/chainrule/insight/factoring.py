"""A sum over paths as a product of sums: cut at the numbers that every path goes through.

``αδ + αε + αζ + βδ + βε + βζ + γδ + γε + γζ = (α + β + γ)(δ + ε + ζ)``: where all paths meet in one
number, what comes before it and what comes after it are factors, and the paths need not be walked.
"""

from __future__ import annotations

from collections.abc import Mapping
from itertools import pairwise

from chainrule.core.graph import Graph, Var
from chainrule.insight.local import Point, local_derivatives
from chainrule.insight.path_sums import Key, path_sums, reached
from chainrule.insight.paths import Paths, paths_between

MOST_EDGES = 5_000  # in a graph that is looked at for numbers to cut at
MOST_FACTORS = 60


def factors(
    graph: Graph, start: Point, end: Point, largest: int, names: Mapping[Var, str]
) -> tuple[Paths, ...]:
    """The sums over paths whose product is the sum over all paths from ``start`` to ``end``.

    Empty if there is no path, if there are very many edges, or more than ``MOST_FACTORS`` factors.

    Args:
        graph: a graph that was traced at values.
        start, end: the two numbers.
        largest: how many paths of each factor to list.
        names: of all variables.

    >>> import numpy as np, chainrule as cr
    >>> from chainrule.drawing.variable_names import variable_names
    >>> def f(x):
    ...     y = np.sin(x) + np.exp(x)
    ...     z = np.cos(y) + y * 3.0
    ...     return z
    >>> graph = cr.trace(f)(0.5)
    >>> start, end = Point(graph.inputs[0], 0), Point(graph.outputs[0], 0)
    >>> for factor in factors(graph, start, end, 5, variable_names(graph)):
    ...     print(factor.count, factor.input, factor.output, round(factor.gradient, 4))
    2 x y 2.5263
    2 y z 2.1513
    """
    cuts = bottlenecks(graph, start, end)
    if not 2 <= len(cuts) <= MOST_FACTORS + 1:
        return ()
    points = [Point(*cut) for cut in cuts]
    return tuple(paths_between(graph, a, b, largest, names) for a, b in pairwise(points))


def bottlenecks(graph: Graph, start: Point, end: Point) -> list[Key]:
    """The numbers that all paths go through, from ``start`` to ``end``; empty if there is no path.

    A number is one if the paths to it, times those from it on, are all paths there are.
    """
    edges = local_derivatives(graph, start.variable, end.variable)
    if sum(d.values.size for d in edges) > MOST_EDGES:
        return []
    onwards = path_sums(edges, start.variable, end).counts
    total = onwards[start.variable][start.entry]
    if not total:
        return []
    so_far: dict[Key, int] = {(start.variable, start.entry): 1}
    for d, on in reached(edges, start, onwards):
        for place in on.tolist():
            to, at = (d.result, int(d.rows[place])), (d.operand, int(d.columns[place]))
            so_far[to] = so_far.get(to, 0) + so_far[at]
    return [(v, i) for (v, i), n in so_far.items() if n * onwards[v][i] == total]
