"""``scipy.stats``: densities and probabilities, differentiable in value and parameters.

Distributions are objects with SciPy's names, methods and parameters: ``norm.logpdf(x, loc,
scale)``, ``gamma.cdf(x, a, scale=2.0)``, ``poisson.logpmf(k, mu)``. Values are float64, as
SciPy's. Outside of the support they are 0 or ``-inf`` with derivative 0, and NaN where a parameter
is not allowed.
"""

from chainrule.scipy.stats.continuous import Beta, Chi2, Expon, Gamma, Laplace, LogNorm, Norm, T
from chainrule.scipy.stats.discrete import Poisson
from chainrule.scipy.stats.multivariate import Dirichlet, MultivariateNormal

norm = Norm()
t = T()
chi2 = Chi2()
gamma = Gamma()
beta = Beta()
expon = Expon()
laplace = Laplace()
lognorm = LogNorm()
poisson = Poisson()
dirichlet = Dirichlet()
multivariate_normal = MultivariateNormal()
