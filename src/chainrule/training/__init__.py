"""Training: optimisers, the step as a graph, the loop, metrics. Start with ``fit.py``."""
