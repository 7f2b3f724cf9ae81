"""Figures of networks and their training, by matplotlib (``pip install 'chainrule[plot]'``).

Every function returns a matplotlib Figure, or draws into Axes that it is given (``ax=``); the
numbers in the figures come from ``cr.insight`` and records. ``style="dark"`` is for dark pages.
"""

from chainrule.plot.confusion import confusion_matrix as confusion_matrix
from chainrule.plot.distributions import histograms as histograms
from chainrule.plot.images import images as images
from chainrule.plot.images import misclassified as misclassified
from chainrule.plot.neurons import saturation as saturation
from chainrule.plot.norms import gradient_norms as gradient_norms
from chainrule.plot.nudges import cascade as cascade
from chainrule.plot.nudges import nudge_curve as nudge_curve
from chainrule.plot.training import learning_curves as learning_curves
from chainrule.plot.weights import first_layer_weights as first_layer_weights
