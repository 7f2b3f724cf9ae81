"""Figures of networks and their training, by matplotlib (``pip install 'chainrule[plot]'``)."""
