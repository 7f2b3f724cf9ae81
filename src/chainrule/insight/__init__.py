"""Seeing: every number of backpropagation by name, in text and in pictures.

What a network computes is a :class:`~chainrule.nn.stack.Stack`; of any other function the points to
look at are named with ``name``.
"""
