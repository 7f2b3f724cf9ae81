"""Taylor mode: power series in place of values.

``jet.py`` is what users call and ``walk.py`` the walk over a recording. ``series.py`` is a lazy
power series with the rules of products and quotients, ``expansion.py`` what gives every other
primitive one, and ``control.py`` loops and branches.
"""
