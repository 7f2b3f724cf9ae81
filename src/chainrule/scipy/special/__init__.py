"""``scipy.special`` for traced values and plain arrays alike, with derivatives of any order.

What is a ufunc in SciPy works on traced values as it stands, ``scipy.special.gammaln(x)``, too;
the others (logsumexp, softmax, polygamma ...) do not, and are here with SciPy's arguments.
"""

from chainrule.scipy.special.bessel import i0 as i0
from chainrule.scipy.special.bessel import i0e as i0e
from chainrule.scipy.special.bessel import i1 as i1
from chainrule.scipy.special.bessel import i1e as i1e
from chainrule.scipy.special.bessel import iv as iv
from chainrule.scipy.special.bessel import ive as ive
from chainrule.scipy.special.bessel import j0 as j0
from chainrule.scipy.special.bessel import j1 as j1
from chainrule.scipy.special.bessel import jn as jn
from chainrule.scipy.special.bessel import jv as jv
from chainrule.scipy.special.bessel import y0 as y0
from chainrule.scipy.special.bessel import y1 as y1
from chainrule.scipy.special.bessel import yn as yn
from chainrule.scipy.special.entropy import entr as entr
from chainrule.scipy.special.entropy import huber as huber
from chainrule.scipy.special.entropy import kl_div as kl_div
from chainrule.scipy.special.entropy import rel_entr as rel_entr
from chainrule.scipy.special.entropy import xlog1py as xlog1py
from chainrule.scipy.special.entropy import xlogy as xlogy
from chainrule.scipy.special.error_functions import erf as erf
from chainrule.scipy.special.error_functions import erfc as erfc
from chainrule.scipy.special.error_functions import erfcinv as erfcinv
from chainrule.scipy.special.error_functions import erfcx as erfcx
from chainrule.scipy.special.error_functions import erfinv as erfinv
from chainrule.scipy.special.error_functions import log_ndtr as log_ndtr
from chainrule.scipy.special.error_functions import ndtr as ndtr
from chainrule.scipy.special.error_functions import ndtri as ndtri
from chainrule.scipy.special.gamma_functions import beta as beta
from chainrule.scipy.special.gamma_functions import betaln as betaln
from chainrule.scipy.special.gamma_functions import digamma as digamma
from chainrule.scipy.special.gamma_functions import gamma as gamma
from chainrule.scipy.special.gamma_functions import gammaln as gammaln
from chainrule.scipy.special.gamma_functions import loggamma as loggamma
from chainrule.scipy.special.gamma_functions import psi as psi
from chainrule.scipy.special.incomplete import betainc as betainc
from chainrule.scipy.special.incomplete import betaincc as betaincc
from chainrule.scipy.special.incomplete import gammainc as gammainc
from chainrule.scipy.special.incomplete import gammaincc as gammaincc
from chainrule.scipy.special.incomplete import stdtr as stdtr
from chainrule.scipy.special.logistic import exp10 as exp10
from chainrule.scipy.special.logistic import expit as expit
from chainrule.scipy.special.logistic import expm1 as expm1
from chainrule.scipy.special.logistic import log1p as log1p
from chainrule.scipy.special.logistic import log_expit as log_expit
from chainrule.scipy.special.logistic import logit as logit
from chainrule.scipy.special.polygamma import multigammaln as multigammaln
from chainrule.scipy.special.polygamma import polygamma as polygamma
from chainrule.scipy.special.polygamma import zeta as zeta
from chainrule.scipy.special.sums import log_softmax as log_softmax
from chainrule.scipy.special.sums import logsumexp as logsumexp
from chainrule.scipy.special.sums import softmax as softmax
