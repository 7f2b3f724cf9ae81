"""Pictures of graphs: from the graph to boxes and lines, without any other program.

``view.py`` says what is drawn, ``of_graph.py`` makes it, ``folding.py`` folds it; ``layout.py``
finds the places, ``svg.py`` and ``page.py`` write the picture, and ``showing.py`` is what a graph
calls.
"""

from chainrule.core.pictures import PICTURES
from chainrule.drawing.showing import draw, mimebundle

PICTURES["draw"] = draw
PICTURES["mimebundle"] = mimebundle
