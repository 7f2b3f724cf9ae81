"""Pictures of graphs: from the graph to boxes and lines, without any other program.

``view.py`` says what is drawn, ``of_graph.py`` makes it, ``folding.py`` folds it; ``layout.py``
finds the places, ``svg.py`` and ``page.py`` write the picture, and ``showing.py`` is what a graph
calls. It is imported when the first picture is drawn, since most programs draw none.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from chainrule.core.graph import Graph
from chainrule.core.pictures import PICTURES


def _draw(graph: Graph, path: Any, **options: Any) -> Path:
    from chainrule.drawing.showing import draw

    return draw(graph, path, **options)


def _mimebundle(graph: Graph) -> dict[str, str]:
    from chainrule.drawing.showing import mimebundle

    return mimebundle(graph)


PICTURES["draw"] = _draw
PICTURES["mimebundle"] = _mimebundle
