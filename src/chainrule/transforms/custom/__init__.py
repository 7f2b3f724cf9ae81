"""Functions whose derivatives a person states: rules of their own, and roots of equations.

``derivative.py`` is what users call and ``call.py`` one call of it; ``equation.py`` is the
primitive that stands for a call in a graph. ``implicit.py`` is made of them.
"""
