"""Special functions, for derivatives of any order; the face is ``chainrule/scipy/special``.

SciPy's are ufuncs and so dispatch on traced values: ``scipy.special.gammaln(x)`` works as it
stands. Their derivatives are often other special functions that SciPy lacks, or has not to full
accuracy where two of them nearly cancel; these are primitives here, too, so that derivatives of
derivatives stay in the family. Start with ``error_functions.py``.
"""

from chainrule.ops.special import bessel as bessel
from chainrule.ops.special import error_functions as error_functions
from chainrule.ops.special import gamma as gamma
from chainrule.ops.special import incomplete as incomplete
from chainrule.ops.special.entropy import xlogy as xlogy
from chainrule.ops.special.error_functions import ndtr as ndtr
from chainrule.ops.special.logistic import log_expit as log_expit
from chainrule.ops.special.logistic import logaddexp as logaddexp
from chainrule.ops.special.networks import huber as huber
from chainrule.ops.special.networks import log_softmax as log_softmax
from chainrule.ops.special.networks import relu as relu
from chainrule.ops.special.networks import softmax as softmax
from chainrule.ops.special.networks import softplus as softplus
