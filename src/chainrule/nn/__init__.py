"""Networks: layers, activations, costs, and ``Network``, the book's class."""

from chainrule.nn.activations import gelu as gelu
from chainrule.nn.activations import identity as identity
from chainrule.nn.activations import leaky_relu as leaky_relu
from chainrule.nn.activations import relu as relu
from chainrule.nn.activations import sigmoid as sigmoid
from chainrule.nn.activations import softmax as softmax
from chainrule.nn.activations import softplus as softplus
from chainrule.nn.activations import tanh as tanh
from chainrule.nn.costs import Cost as Cost
from chainrule.nn.layers import Dense as Dense
from chainrule.nn.layers import Sequential as Sequential
from chainrule.nn.network import Network as Network
from chainrule.nn.record import Record as Record
from chainrule.nn.summary import LayerSummary as LayerSummary
from chainrule.nn.summary import Summary as Summary
