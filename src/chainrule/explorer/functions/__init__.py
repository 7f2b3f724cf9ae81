"""Functions as the page shows them: traced, drawn, swept both ways, line by line and path by path.

``traced.py`` holds a function at its arguments; what the screens Graph and Forward and reverse say
of it is made from that.
"""
