"""Networks and examples to diagnose."""

from __future__ import annotations

import numpy as np

import chainrule as cr

RNG = np.random.default_rng(0)
X = RNG.normal(size=(200, 6))
CLASSES = (X[:, 0] + X[:, 1] * X[:, 2] > 0).astype(int)


def network(*sizes, **settings):
    return cr.nn.Network([6, *sizes], **{"init": "scaled", "seed": 1} | settings)


def relu_network(*sizes, **settings):
    return network(*sizes, **{"activation": "relu", "cost": "log-likelihood"} | settings)


def severity(rule, net, data=(X, CLASSES), **settings):
    return cr.insight.diagnose(net, data, **settings)[rule].severity
