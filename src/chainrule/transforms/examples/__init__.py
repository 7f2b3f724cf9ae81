"""Norms of the gradients of single examples, without the gradients.

The gradient of a parameter that enters through a product is a product again, ``delta a^T``. Its
norm is found from the factors, ``|delta| |a|`` (Goodfellow, 2015). What makes such products is
read off the graph: ``pieces.py`` says what they are, ``rules.py`` and ``views.py`` how they pass
through equations, ``walk.py`` is the sweep that keeps them, up to the parts of parameters that
``anchors.py`` finds. ``plan.py`` makes a graph of it, ``contraction.py`` and ``lookups.py``
multiply out what is asked for in the cheapest order, ``norms.py`` is what users call.
"""
