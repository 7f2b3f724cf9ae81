"""Graph -> machine code, by way of one readable Python module that Numba compiles.

``segments.py`` cuts a graph, ``scheduler.py`` groups equations into loops and products,
``memory.py`` finds a place for every value, ``emit.py`` writes the source, ``build.py`` compiles
and keeps it, ``executor.py`` puts it together.
"""
