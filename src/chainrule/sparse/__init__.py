"""Sparse Jacobians and Hessians: the pattern is read off the graph, columns are coloured.

::

    graph -> pattern (sets of inputs, walked forwards) -> colouring -> plan -> sweeps -> csr_array

Begin with ``derivatives.py``, what users call; ``pattern.py`` is the walk and ``rules.py`` the
table of its rules, ``colouring.py`` and ``greedy.py`` are the graph algorithms, ``plan.py`` and
``compressed.py`` what is done with the colours. It stands above ``compile.py``, because the sweeps
of a compiled function are compiled, and kept with it.
"""
