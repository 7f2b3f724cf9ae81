"""Compiled functions that branch in Python on values: one graph a path, cut at its guards.

``path.py`` cuts what one run recorded into parts, ``tree.py`` keeps the parts of all paths as a
prefix tree and runs them, ``branching.py`` is what users call.
"""
