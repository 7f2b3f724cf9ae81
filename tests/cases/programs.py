"""Memory layouts, larger compositions, containers, control flow, stated derivatives."""

from __future__ import annotations

from typing import Any

import numpy as np

import chainrule as cr
from chainrule.ops import naming

from .table import case, x, y


def _written_by_name(a):
    h = naming.named(a, "h")
    h[0] = 5.0
    return a * h


# ---- memory layouts, larger compositions, containers ---------------------------------------------

case("layout-transposed", lambda a: np.tanh(a) @ a.T, x(3, 2).T)
case("layout-steps", lambda a: np.sum(a * a, axis=0), x(6, 4)[::2, ::-1])
case("layout-fortran", lambda a: a.reshape(-1) * 2, np.asfortranarray(x(3, 2)))
case("layout-broadcast", lambda a: a * np.arange(3.0), np.broadcast_to(x(3), (2, 3)))
case("empty", lambda a, b: np.exp(a) * b, np.zeros((0, 3)), y(3))
case("empty-sum-squares", lambda a: np.sum(np.square(a[:, :2]), axis=1), np.zeros((0, 3)))
case("tuple-result", lambda a, b: (a * b, (np.sum(a), b)), x(3), y(3))
case("dict-result", lambda a, b: {"z": a * b, "a": [np.sin(a), 1.0]}, x(3), y(3))
case("constant-result", lambda a: np.ones(3), x(3), constant=True)
case("input-result", lambda a, b: (a, a, b[0]), x(3), y(3))
case("softmax", cr.ops.special.softmax, x(2, 3))
case("log_softmax", lambda a: cr.ops.special.log_softmax(a, axis=0), x(2, 3))
case("softplus", cr.ops.special.softplus, x(2, 3))
case("relu", cr.ops.special.relu, x(2, 3))
case("huber", cr.ops.special.huber, x(2, 3))
case("xlogy", cr.ops.special.xlogy, x(3, low=0.2), y(3, low=0.3))
case("logsumexp", lambda a: np.log(np.sum(np.exp(a - np.max(a)))) + np.max(a), x(5))
case("network", lambda W, b, X: 1 / (1 + np.exp(-(np.dot(X, W.T) + b))), x(2, 3), y(2), x(4, 3))
case("norm", lambda a: np.sqrt(np.sum(a**2)), x(5))
case("rosenbrock", lambda a: np.sum(100.0 * (a[1:] - a[:-1] ** 2) ** 2 + (1 - a[:-1]) ** 2), x(5))

# ---- names -------------------------------------------------------------------------------------

case("name", lambda a: naming.named(np.sin(a), "hidden") ** 2 + naming.named(a, "x"), x(2, 3))
case("name-written", lambda a: _written_by_name(a * 2), x(3))
# its derivative is that of a sum, its value is not
case("probe", lambda a, b: naming.probe_p(np.sin(a), b) * a, x(2, 3), y(2, 3), smooth=False)

# ---- control flow --------------------------------------------------------------------------------

case("scan", lambda c, xs: cr.scan(lambda c, e: (np.sin(c * e), c * c), c, xs), x(3), x(4, 3))
case(
    "scan without xs",
    lambda c: cr.scan(lambda c, _: ((c[0] * np.cos(c[1]), c[0] + c[1]), c[0]), (c, c), None, 3),
    x(2),
)
case(
    "while_loop",
    lambda c: cr.while_loop(lambda c: np.sum(c * c) < 50, lambda c: c * 1.5 + np.sin(c), c),
    x(3, low=0.5),
)
case("cond", lambda c, y: cr.cond(np.sum(y) > 0, np.sin, lambda c: c * c, c) * y, x(3), x(3))

# ---- derivatives that a person states ------------------------------------------------------------


@cr.custom_derivative
def _wave(a: Any, b: Any) -> Any:
    return {"sum": np.sin(a) * b, "last": b}


@_wave.def_jvp
def _wave_rule(primals: Any, tangents: Any) -> Any:
    (a, b), (s, t) = primals, tangents
    return _wave(a, b), {"sum": np.cos(a) * b * s + np.sin(a) * t, "last": t}


_product = cr.custom_derivative(lambda a, b: (a * b, b))
_product.def_vjp(
    lambda a, b: (_product(a, b), (a, b)),
    lambda kept, ct: (ct[0] * kept[1], np.sum(ct[0] * kept[0]) + ct[1]),
)

case("custom_derivative-jvp", _wave, x(3), y(3))
case("custom_derivative-vjp", _product, x(2, 3), y())

# ---- what is computed again ----------------------------------------------------------------------

case("checkpoint", cr.checkpoint(lambda a, b: (np.tanh(a) @ b, b)), x(2, 3), y(3))
case("checkpoint-bounded", cr.checkpoint(lambda a: np.sin(np.sin(a)) * a, memory=10_000), x(4))
