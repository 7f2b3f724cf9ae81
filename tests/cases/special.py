"""Special functions: SciPy's ufuncs, and what their derivatives are made of."""

from __future__ import annotations

from typing import Any

import numpy as np
from scipy import special

import chainrule as cr
from chainrule.ops.special import bessel, beta_moments, densities, error_functions, gamma, moments

from .table import case, x, y, z

face = cr.scipy.special


def row(name: str, f: Any, *inputs: Any, **flags: bool) -> None:
    case(f"special.{name}", f, *inputs, **flags)


# ---- of one input --------------------------------------------------------------------------------

RANGES: dict[np.ufunc, tuple[float, float]] = {
    special.erfc: (-2, 2), special.erfcx: (-1.5, 3), special.erfinv: (-0.9, 0.9),
    special.erfcinv: (0.1, 1.9), special.log_ndtr: (-3, 2), special.ndtri: (0.05, 0.95),
    special.gamma: (0.6, 4), special.gammaln: (0.6, 4), special.loggamma: (0.6, 4),
    special.psi: (0.6, 4), special.logit: (0.1, 0.9), special.exp10: (-1, 1),
    special.expm1: (-1, 1), special.log1p: (-0.5, 2), special.entr: (0.2, 3),
    special.i0: (-2, 2), special.i1: (-2, 2), special.i0e: (0.3, 3), special.i1e: (-2, -0.3),
    special.j0: (-3, 3), special.j1: (-3, 3), special.y0: (1, 4), special.y1: (1, 4),
}  # fmt: skip
for _f, (_low, _high) in RANGES.items():
    row(_f.__name__, _f, x(2, 3, low=_low, high=_high))
for _f in (special.erfcx, special.psi, special.i1, special.ndtri):
    _low, _high = RANGES[_f]
    row(f"{_f.__name__}-float32", _f, x(3, low=_low, high=_high, dtype=np.float32))
row("gammaln-python", special.gammaln, 2.5)
row("gammaln-float16", special.gammaln, x(3, low=1, high=3, dtype=np.float16))
for _f in (special.erfc, special.erfcx, special.gamma, special.loggamma, special.psi):
    row(f"{_f.__name__}-complex", _f, z(3))
row("gammaln-negative", special.gammaln, np.array([-0.5, -1.3, -2.4]))

# ---- of several inputs ---------------------------------------------------------------------------

_a, _b = x(3, low=0.6, high=3), y(2, 1, low=0.6, high=3)
row("beta", special.beta, _a, _b)
row("betaln", special.betaln, _a, _b)
row("zeta", lambda q: face.zeta(2.5, q), _a)
row("zeta-complex", lambda q: face.zeta(2, q), z(3))
row("polygamma", lambda q: face.polygamma(2, q), _a)
row("polygamma-orders", lambda q: face.polygamma(np.array([0, 1, 2]), q), _a)
row("multigammaln", lambda a: face.multigammaln(a, 3), x(3, low=1.5, high=4))
row("gammainc", special.gammainc, _a, _b)
row("gammaincc", special.gammaincc, _a, _b)
row("gammainc-left", special.gammainc, x(3, low=2, high=3), y(3, low=0.1, high=0.4))
row("betainc", special.betainc, x(3, low=0.6, high=3), 1.5, y(2, 1, low=0.1, high=0.9))
row("betaincc", special.betaincc, 2.0, x(3, low=0.6, high=3), y(3, low=0.1, high=0.9))
row("stdtr", special.stdtr, np.array([1.5, 3.0, 8.0]), x(3))
row("iv", lambda t: special.iv(2, t), x(3, low=0.3, high=3))
row("iv-complex", lambda t: special.iv(0.5, t), z(3))
row("ive", lambda t: special.ive(1.5, t), x(3, low=0.3, high=3))
row("jv", lambda t: special.jv(np.array([0, 1, 3]), t), x(3, low=0.3, high=3))
row("jv-complex", lambda t: special.jv(1, t), z(3))
row("yn", lambda t: special.yn(2, t), x(3, low=1, high=4))
row("xlogy", special.xlogy, x(2, 3), _a)
row("xlogy-complex", special.xlogy, z(3), z(3, seed=1))
row("xlogy-0", special.xlogy, np.array([0.0, 0.0, 1.0]), np.array([0.0, 2.0, 3.0]),
     smooth=False)  # fmt: skip
row("xlog1py", special.xlog1py, x(2, 3), _a)
row("rel_entr", special.rel_entr, _a, _b)
row("kl_div", special.kl_div, _a, _b)
row("huber", special.huber, np.array([1.0, 0.5, 1.5]), np.array([0.4, -1.2, 2.0]))

# ---- along axes ----------------------------------------------------------------------------------

row("logsumexp", lambda a: face.logsumexp(a, axis=0), x(2, 3))
row("logsumexp-all", lambda a: face.logsumexp(a, keepdims=True), x(2, 3))
row("logsumexp-weights", lambda a, b: face.logsumexp(a, axis=(0, 1), b=b),
     x(2, 3), y(3, low=0.2, high=1))  # fmt: skip
row("logsumexp-sign", lambda a: face.logsumexp(a, axis=1, b=[1, -2, 0], return_sign=True),
     x(2, 3))  # fmt: skip
row("logsumexp-complex", face.logsumexp, z(3))
row("softmax", face.softmax, x(2, 3))
row("log_softmax", lambda a: face.log_softmax(a, axis=0), x(2, 3))

# ---- what derivatives are made of ----------------------------------------------------------------

row("gaussian", lambda a: error_functions.gaussian(a, rate=0.5), x(2, 3))
row("repeated_erfc", lambda a: error_functions.repeated_erfc(a, order=2), x(3))
row("digamma_rise", gamma.digamma_rise, _a, _b)
row("log_minus_digamma", gamma.log_minus_digamma, _a)
row("gamma_density", densities.gamma_density, _a, _b)
row("beta_density", densities.beta_density, _a, _b, 0.3)
row("log_moment", lambda a, t: moments.log_moment(a, t, order=1, side=-1), 2 + _a, _a)
row("log_moment-above", lambda a, t: moments.log_moment(a, t, order=1, side=1), _a, 2 + _a)
row("cosine_moment", lambda a: bessel.cosine_moment(a, order=1), _a)
row("beta_moment", lambda a, b, t: beta_moments.beta_moment(a, b, t, j=1, k=1), _a, _b, 0.3)

# ---- distributions -------------------------------------------------------------------------------

stats = cr.scipy.stats
row("norm.logpdf", stats.norm.logpdf, x(2, 3), y(3), 1.3)
row("gamma.sf", stats.gamma.sf, x(3, low=0.5, high=3), 1.5, -0.2, y(3, low=0.5, high=2))
row("beta.pdf", stats.beta.pdf, np.array([0.2, 0.7, 1.5]), 1.5, 2.5)
row("t.logpdf", lambda t, df, s: stats.t.logpdf(t, df, scale=s), x(3), y(3, low=2, high=9), 1.3)
row("poisson.logpmf", lambda mu: stats.poisson.logpmf(np.arange(3), mu), x(3, low=0.5, high=3))
row(
    "multivariate_normal",
    lambda t, m, a: stats.multivariate_normal.logpdf(t, m, a @ a.T + np.eye(2)),
    x(3, 2),
    y(2),
    x(2, 2, seed=3),
)
row(
    "dirichlet",
    lambda a: stats.dirichlet.logpdf(np.array([0.2, 0.3, 0.5]), a),
    x(3, low=0.5, high=3),
)
