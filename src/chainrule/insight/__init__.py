"""Seeing: every number of backpropagation by name, in text and in pictures.

What a network computes is a :class:`~chainrule.nn.stack.Stack`; of any other function the points to
look at are named with ``name``.
"""

from chainrule.insight.confusion import Confusion as Confusion
from chainrule.insight.confusion import confusion as confusion
from chainrule.insight.mistakes import Mistakes as Mistakes
from chainrule.insight.mistakes import misclassified as misclassified
from chainrule.insight.neurons import LayerNeurons as LayerNeurons
from chainrule.insight.neurons import Neurons as Neurons
from chainrule.insight.neurons import neurons as neurons
from chainrule.insight.norms import Norms as Norms
from chainrule.insight.norms import norms as norms
