"""Seeing: every number of backpropagation by name, in text and in pictures.

What a network computes is a :class:`~chainrule.nn.stack.Stack`; of any other function the points to
look at are named with ``name``.
"""

from chainrule.insight.neurons import LayerNeurons as LayerNeurons
from chainrule.insight.neurons import Neurons as Neurons
from chainrule.insight.neurons import neurons as neurons
