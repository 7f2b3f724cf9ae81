"""Pictures of graphs: from the graph to boxes and lines, without any other program.

``view.py`` says what is drawn, the rest how.
"""
