"""Proof and debugging for users: derivatives checked against each other, the first NaN found.

``gradients.py`` is ``cr.check_gradients``: it computes one derivative in several ways
(``ways.py``), by differences too (``differences.py``), and where two disagree looks at the recorded
operations one by one (``blame.py``). ``nonfinite.py`` is ``cr.find_nonfinite``. Both look into
loops, branches and functions with rules by ``inside.py``.
"""
