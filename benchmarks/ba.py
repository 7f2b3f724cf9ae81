"""Bundle adjustment: residuals and, for each observation, their 2 x 15 Jacobian.

An observation has a camera (rotation vector r, centre C, focal length, principal point, two radial
distortion coefficients: 11 numbers), a point (3) and a weight (1):

    p = rodrigues(r, X - C); u = p_xy / p_z; residual = w ((u (1 + k1 |u|^2 + k2 |u|^4) f + x0) - m)

The work is over arrays of observations: residuals (n, 2) and Jacobians (n, 2, 15); float64.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from benchmarks.work import OURS, Contender, Size, Task, Work

Array = Any


def data(size: Size) -> tuple[Array, Array]:
    """The 15 parameters of each observation, and what was measured."""
    rng = np.random.default_rng(6)
    n = size["observations"]
    cameras = np.concatenate(
        [rng.normal(size=(n, 3)) * 0.4, rng.normal(size=(n, 3)), 500 + rng.random((n, 1)),
         rng.random((n, 2)) * 100, rng.normal(size=(n, 2)) * 0.1], axis=1)  # fmt: skip
    points = rng.normal(size=(n, 3)) + np.array([0, 0, 8])
    return np.concatenate([cameras, points, rng.random((n, 1))], axis=1), rng.random((n, 2)) * 500


def residuals(np_: Any, columns: Sequence[Array], mx: Array, my: Array) -> tuple[Array, Array]:
    """Both residuals of all observations, from the columns of the parameters."""
    r0, r1, r2, c0, c1, c2, focal, px, py, k1, k2, x0, x1, x2, w = columns
    a, b, c = x0 - c0, x1 - c1, x2 - c2
    angle2 = r0 * r0 + r1 * r1 + r2 * r2
    angle = np_.sqrt(angle2)
    cos, sin = np_.cos(angle), np_.sin(angle)
    u0, u1, u2 = r0 / angle, r1 / angle, r2 / angle
    along = (u0 * a + u1 * b + u2 * c) * (1 - cos)
    X = a * cos + (u1 * c - u2 * b) * sin + u0 * along
    Y = b * cos + (u2 * a - u0 * c) * sin + u1 * along
    Z = c * cos + (u0 * b - u1 * a) * sin + u2 * along
    u, v = X / Z, Y / Z
    square = u * u + v * v
    stretch = (1 + k1 * square + k2 * square * square) * focal
    return w * (u * stretch + px - mx), w * (v * stretch + py - my)


def _columns(parameters: Array) -> list[Array]:
    return [np.ascontiguousarray(x) for x in parameters.T]


def chainrule(size: Size, threads: int) -> Task:
    """Two reverse sweeps over the arrays give the two rows of every Jacobian."""
    import chainrule as cr

    parameters, measured = data(size)
    columns, ones = _columns(parameters), np.ones(size["observations"])
    mx, my = _columns(measured)

    def both(columns: list[Array], mx: Array, my: Array, ones: Array) -> Any:
        out, pullback = cr.vjp(lambda columns: residuals(np, columns, mx, my), columns)
        zeros = 0 * ones
        rows = [pullback(ct)[0] for ct in ((ones, zeros), (zeros, ones))]
        return np.stack(out, axis=1), np.stack([np.stack(row, axis=1) for row in rows], axis=1)

    compiled = cr.compile(both)
    return Task(lambda: compiled(columns, mx, my, ones))


def jax(size: Size, threads: int) -> Task:
    """The same two sweeps, jitted."""
    import jax
    import jax.numpy as jnp

    jax.config.update("jax_enable_x64", True)
    parameters, measured = data(size)
    columns = [jnp.asarray(x) for x in _columns(parameters)]
    mx, my = (jnp.asarray(x) for x in _columns(measured))
    ones = jnp.ones(size["observations"])

    @jax.jit
    def both(columns: Any, mx: Any, my: Any, ones: Any) -> Any:
        out, pullback = jax.vjp(lambda columns: residuals(jnp, columns, mx, my), columns)
        rows = [pullback(ct)[0] for ct in ((ones, 0 * ones), (0 * ones, ones))]
        return jnp.stack(out, 1), jnp.stack([jnp.stack(row, 1) for row in rows], 1)

    return Task(lambda: jax.block_until_ready(both(columns, mx, my, ones)))


def torch(size: Size, threads: int) -> Task:
    """The same two sweeps, eager."""
    import torch

    torch.set_num_threads(threads)
    parameters, measured = data(size)
    columns = [torch.tensor(x, requires_grad=True) for x in _columns(parameters)]
    mx, my = (torch.tensor(x) for x in _columns(measured))

    def run() -> Any:
        out = residuals(torch, columns, mx, my)
        rows = [
            torch.stack(torch.autograd.grad(o.sum(), columns, retain_graph=True,
                                            allow_unused=True, materialize_grads=True), 1)
            for o in out
        ]  # fmt: skip
        return torch.stack(out, 1).detach().numpy(), torch.stack(rows, 1).numpy()

    return Task(run)


def hand() -> Callable[..., Any]:
    """By hand, in Numba: one loop over observations with the chain rule written out.

    The derivative of a rotated vector in the rotation vector is that of Gallego and Yezzi, "A
    compact formula for the derivative of a 3-D rotation in exponential coordinates" (2015).
    """
    from numba import njit

    @njit(error_model="numpy")
    def both(P: Array, M: Array) -> tuple[Array, Array]:
        n = len(P)
        E, J = np.empty((n, 2)), np.empty((n, 2, 15))
        for i in range(n):
            p = P[i]
            r0, r1, r2 = p[0], p[1], p[2]
            a, b, c = p[11] - p[3], p[12] - p[4], p[13] - p[5]
            focal, k1, k2, w = p[6], p[9], p[10], p[14]
            t2 = r0 * r0 + r1 * r1 + r2 * r2
            t = np.sqrt(t2)
            co, si = np.cos(t), np.sin(t)
            u0, u1, u2 = r0 / t, r1 / t, r2 / t
            d = 1 - co
            R00, R01, R02 = co + u0 * u0 * d, u0 * u1 * d - u2 * si, u0 * u2 * d + u1 * si
            R10, R11, R12 = u1 * u0 * d + u2 * si, co + u1 * u1 * d, u1 * u2 * d - u0 * si
            R20, R21, R22 = u2 * u0 * d - u1 * si, u2 * u1 * d + u0 * si, co + u2 * u2 * d
            X = R00 * a + R01 * b + R02 * c
            Y = R10 * a + R11 * b + R12 * c
            Z = R20 * a + R21 * b + R22 * c
            u, v = X / Z, Y / Z
            s = u * u + v * v
            g = 1 + k1 * s + k2 * s * s
            gs = 2 * (k1 + 2 * k2 * s)  # dg = gs (u du + v dv)
            ex = u * g * focal + p[7] - M[i, 0]
            ey = v * g * focal + p[8] - M[i, 1]
            E[i, 0], E[i, 1] = w * ex, w * ey
            wf = w * focal
            xu, xv = wf * (g + u * u * gs), wf * u * v * gs
            yu, yv = wf * v * u * gs, wf * (g + v * v * gs)
            # through the division: du = (dX - u dZ) / Z, dv = (dY - v dZ) / Z
            A = ((xu / Z, xv / Z, -(xu * u + xv * v) / Z), (yu / Z, yv / Z, -(yu * u + yv * v) / Z))
            # B = R - 1 transposed, times the cross product matrix of r, plus r r^T: over t2
            q00 = r0 * r0 + (R10 * r2 - R20 * r1)
            q01 = r0 * r1 + (-(R00 - 1) * r2 + R20 * r0)
            q02 = r0 * r2 + ((R00 - 1) * r1 - R10 * r0)
            q10 = r1 * r0 + ((R11 - 1) * r2 - R21 * r1)
            q11 = r1 * r1 + (-R01 * r2 + R21 * r0)
            q12 = r1 * r2 + (R01 * r1 - (R11 - 1) * r0)
            q20 = r2 * r0 + (R12 * r2 - (R22 - 1) * r1)
            q21 = r2 * r1 + (-R02 * r2 + (R22 - 1) * r0)
            q22 = r2 * r2 + (R02 * r1 - R12 * r0)
            for k in range(2):
                A0, A1, A2 = A[k]
                h0 = A0 * R00 + A1 * R10 + A2 * R20
                h1 = A0 * R01 + A1 * R11 + A2 * R21
                h2 = A0 * R02 + A1 * R12 + A2 * R22
                # -(h [x]) B / t2
                m0, m1, m2 = -(h1 * c - h2 * b), -(h2 * a - h0 * c), -(h0 * b - h1 * a)
                row = J[i, k]
                row[0] = (m0 * q00 + m1 * q10 + m2 * q20) / t2
                row[1] = (m0 * q01 + m1 * q11 + m2 * q21) / t2
                row[2] = (m0 * q02 + m1 * q12 + m2 * q22) / t2
                row[3], row[4], row[5] = -h0, -h1, -h2
                row[11], row[12], row[13] = h0, h1, h2
                uv = u if k == 0 else v
                row[6] = w * uv * g
                row[7], row[8] = (w, 0.0) if k == 0 else (0.0, w)
                row[9], row[10] = wf * uv * s, wf * uv * s * s
                row[14] = ex if k == 0 else ey
        return E, J

    return both


def by_hand(size: Size, threads: int) -> Task:
    """The loop above."""
    parameters, measured = data(size)
    both = hand()
    return Task(lambda: both(parameters, measured))


WORK = Work(
    name="ba",
    what="bundle adjustment: residuals and 2 x 15 Jacobians of 30,000 observations",
    sizes=[{"observations": 30_000}],
    contenders={
        OURS: Contender(chainrule),
        "by hand": Contender(by_hand, note="Numba"),
        "PyTorch": Contender(torch, is_peer=True),
        "JAX": Contender(jax, is_peer=True),
    },
    tolerance=1e-9,
    at_least={"by hand": 1 / 1.5, "PyTorch": 1, "JAX": 1},
    small={"observations": 5},
)
