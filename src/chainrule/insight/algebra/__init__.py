"""Simplifying expressions: equal as functions, shorter to read.

An expression is read as a quotient of polynomials whose unknowns are named values and functions of
them (``reading.py``, by the table in ``rules.py``), in which equal terms cancel, and written in the
shortest of several forms (``writing.py``). Choices between values are simplified case by case
(``conditions.py``, ``cases.py``). Start at ``simplify.py``.
"""
