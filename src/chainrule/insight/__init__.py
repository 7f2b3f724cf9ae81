"""Seeing: every number of backpropagation by name, in text and in pictures.

What a network computes is a :class:`~chainrule.nn.stack.Stack`; of any other function the points to
look at are named with ``name``.
"""

from chainrule.insight.cascade import Cascade as Cascade
from chainrule.insight.cascade import cascade as cascade
from chainrule.insight.demon import Demon as Demon
from chainrule.insight.nudge import Nudge as Nudge
from chainrule.insight.nudge import nudge as nudge
from chainrule.insight.ranks import Ranks as Ranks
from chainrule.insight.ranks import rank as rank
