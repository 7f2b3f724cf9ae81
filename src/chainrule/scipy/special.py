"""``scipy.special``: its ufuncs work on traced values as they stand, and have their names here."""

from scipy.special import erf as erf
from scipy.special import expit as expit
from scipy.special import log_expit as log_expit
from scipy.special import ndtr as ndtr

from chainrule.ops.special import xlogy as xlogy
