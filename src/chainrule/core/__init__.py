"""The computational graph: records, tracing, checks; no mathematics. See ``graph.py`` first."""

from chainrule.core import tracer as tracer  # names the class of traced values to ``trace.py``
