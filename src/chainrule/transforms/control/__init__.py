"""Control flow as primitives that hold graphs: ``scan``, ``while_loop`` and ``cond``.

They are here and not in ``ops`` because their local derivatives are derivatives of the graphs they
hold: ``body.py`` traces a body and makes its tangent and cotangent graphs, by the walks of
``jvp.py`` and ``vjp.py``; then one file for each primitive. ``executable.py`` is for executors.
"""
