"""Graph -> machine code, by way of one readable Python module that Numba compiles.

``executor.py`` puts it together, in this order:

- ``lowering.py`` (``rules.py``, ``einsum.py``) writes what has no native form with what has one,
  and ``segments.py`` cuts out what is left to the interpreter;
- ``scheduler.py`` puts equations into the groups of ``schedule.py``: loops that they share
  (``fusion.py``), which read values made of parts where these lie (``pieces.py``), and calls;
- ``memory.py`` finds a place for every value, seen through views (``refs.py``), and
  ``donation.py`` says which arguments may be that place;
- ``team.py`` cuts the groups for several threads, which ``threads.py`` runs;
- ``emit.py`` writes the source: loops by ``nest.py`` (``order.py``, ``reductions.py``) with the
  functions of ``expressions.py`` and ``kernels.py`` (``logarithms.py``, ``circular.py``), products
  by ``products.py`` (``by_rows.py``, ``by_dots.py``, ``lanes.py``, ``blas.py``), linear algebra by
  ``lapack.py``, what runs along an axis by ``along.py``, integer arrays in an index by
  ``indexed.py``, loops and branches of the graph by ``control.py``;
- ``build.py`` compiles the module and keeps it.

``epoch.py`` is the loop of training around the step that is made so.
"""
