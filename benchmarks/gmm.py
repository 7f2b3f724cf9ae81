"""ADBench's Gaussian mixture: log-likelihood with a Wishart prior, and its gradient.

For N points x_i in D dimensions and K components with weights alpha, means mu and inverse square
roots of covariances Q_k = diag(exp q_k) + strictly lower triangle of l_k:

    f = -N D / 2 log(2 pi) + sum_i logsumexp_k(alpha_k + sum q_k - 1/2 |Q_k (x_i - mu_k)|^2)
        - N logsumexp(alpha) + sum_k (1/2 (|exp q_k|^2 + |l_k|^2) - log of the prior's constant)

with gamma = 1, m = 0 (Srajer, Kukelova and Fitzgibbon, "A benchmark of selected algorithmic
differentiation tools on some problems in computer vision and machine learning", 2018). The gradient
is in alpha, mu, and q and l together; float64.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from scipy.special import multigammaln

from benchmarks.contenders import by_hand, eager, jitted, ours
from benchmarks.work import OURS, Size, Work

Array = Any


def data(size: Size) -> tuple[Array, ...]:
    """alpha, means, q and l, points, and where each entry of Q lies in l with a zero before."""
    rng = np.random.default_rng(3)
    n, d, k = size["N"], size["D"], size["K"]
    triangle = d * (d - 1) // 2
    where = np.zeros((d, d), np.int64)
    rows = [(i, j) for j in range(d) for i in range(j + 1, d)]  # by columns, as ADBench
    for place, (i, j) in enumerate(rows):
        where[i, j] = place + 1
    icf = rng.normal(size=(k, d + triangle)) * 0.3
    return rng.normal(size=k), rng.random((k, d)), icf, rng.normal(size=(n, d)), where


def constant(n: int, d: int, k: int) -> float:
    """What does not depend on the parameters."""
    prior = d * (d + 1) * -0.5 * np.log(2) - multigammaln(0.5 * (d + 1), d)
    return -n * d * 0.5 * np.log(2 * np.pi) - k * float(prior)


def f(alpha: Array, mu: Array, icf: Array, x: Array, where: Array) -> Any:
    """The function, for NumPy."""
    (k, d), n = mu.shape, x.shape[0]
    q, low = icf[:, :d], icf[:, d:]
    e = np.exp(q)
    padded = np.concatenate([np.zeros((k, 1)), low], axis=1)
    Q = padded[:, where] + e[:, :, None] * np.eye(d)
    z = np.matmul(x[None] - mu[:, None], np.swapaxes(Q, 1, 2))
    terms = (alpha + np.sum(q, axis=1))[:, None] - 0.5 * np.sum(z * z, axis=2)
    top = np.max(terms, axis=0)
    likelihood = np.sum(top + np.log(np.sum(np.exp(terms - top), axis=0)))
    best = np.max(alpha)
    weights = n * (best + np.log(np.sum(np.exp(alpha - best))))
    return constant(n, d, k) + likelihood - weights + 0.5 * (np.sum(e * e) + np.sum(low * low))


def f_jax(alpha: Array, mu: Array, icf: Array, x: Array, where: Array) -> Any:
    """The same for JAX."""
    import jax
    import jax.numpy as jnp

    (k, d), n = mu.shape, x.shape[0]
    q, low = icf[:, :d], icf[:, d:]
    e = jnp.exp(q)
    padded = jnp.concatenate([jnp.zeros((k, 1)), low], axis=1)
    Q = padded[:, where] + e[:, :, None] * jnp.eye(d)
    z = jnp.matmul(x[None] - mu[:, None], jnp.swapaxes(Q, 1, 2))
    terms = (alpha + q.sum(1))[:, None] - 0.5 * (z * z).sum(2)
    likelihood = jax.scipy.special.logsumexp(terms, axis=0).sum()
    weights = n * jax.scipy.special.logsumexp(alpha)
    return constant(n, d, k) + likelihood - weights + 0.5 * ((e * e).sum() + (low * low).sum())


def f_torch(alpha: Array, mu: Array, icf: Array, x: Array, where: Array) -> Any:
    """The same for PyTorch."""
    import torch

    (k, d), n = mu.shape, x.shape[0]
    q, low = icf[:, :d], icf[:, d:]
    e = torch.exp(q)
    padded = torch.cat([torch.zeros((k, 1), dtype=icf.dtype), low], dim=1)
    Q = padded[:, where] + torch.diag_embed(e)
    z = torch.matmul(x[None] - mu[:, None], Q.transpose(1, 2))
    terms = (alpha + q.sum(1))[:, None] - 0.5 * (z * z).sum(2)
    likelihood = torch.logsumexp(terms, 0).sum()
    weights = n * torch.logsumexp(alpha, 0)
    return constant(n, d, k) + likelihood - weights + 0.5 * ((e * e).sum() + (low * low).sum())


def both(alpha: Array, mu: Array, icf: Array, x: Array, where: Array) -> tuple[Any, Any]:
    """By hand, in NumPy: the products of both sweeps are stacked calls of BLAS."""
    (k, d), n = mu.shape, x.shape[0]
    q, low = icf[:, :d], icf[:, d:]
    e = np.exp(q)
    padded = np.concatenate([np.zeros((k, 1)), low], axis=1)
    Q = padded[:, where]
    diagonal = np.arange(d)
    Q[:, diagonal, diagonal] += e
    c = x[None] - mu[:, None]
    z = c @ Q.transpose(0, 2, 1)
    terms = (alpha + q.sum(1))[:, None] - 0.5 * np.einsum("knd,knd->kn", z, z)
    top = terms.max(0)
    p = np.exp(terms - top)
    total = p.sum(0)
    best = alpha.max()
    w = np.exp(alpha - best)
    value = (
        constant(n, d, k) + np.sum(top + np.log(total)) - n * (best + np.log(w.sum()))
        + 0.5 * (np.sum(e * e) + np.sum(low * low))
    )  # fmt: skip
    p /= total
    share = p.sum(1)
    weighted = p[:, :, None] * z
    g_mu = np.matmul(weighted, Q).sum(1)
    g_Q = -np.matmul(weighted.transpose(0, 2, 1), c)
    g_q = share[:, None] + g_Q[:, diagonal, diagonal] * e + e * e
    rows, columns = np.nonzero(where)
    g_l = np.empty_like(low)
    g_l[:, where[rows, columns] - 1] = g_Q[:, rows, columns]
    return value, (share - n * w / w.sum(), g_mu, np.concatenate([g_q, g_l + low], axis=1))


WORK = Work(
    name="gmm",
    what="ADBench's Gaussian mixture, gradient in all parameters, 1,000 points",
    sizes=[{"N": 1000, "D": d, "K": k} for d in (2, 10, 64) for k in (5, 25)],
    contenders={
        OURS: ours(data, f, (0, 1, 2)),
        "by hand": by_hand(data, both, "NumPy"),
        "PyTorch": eager(data, f_torch, (0, 1, 2)),
        "JAX": jitted(data, f_jax, (0, 1, 2)),
    },
    tolerance=1e-8,
    at_least={"by hand": 1 / 1.5, "PyTorch": 1, "JAX": 1},
    small={"N": 7, "D": 3, "K": 2},
)
