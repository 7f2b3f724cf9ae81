"""Derivations: equations that follow from a graph, each checked by numbers before it is shown."""
