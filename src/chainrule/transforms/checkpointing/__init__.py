"""The reverse sweep of a function within a bound on memory: what is kept, what is made again.

``liveness.py`` says how much memory a graph takes when it is run. ``chain.py`` cuts a function into
pieces, of which it makes graphs forwards and back. ``plan.py`` chooses: where to cut, which values
to keep, how loops save. ``schedule.py`` writes a plan as one graph, and as text with its price.
"""
