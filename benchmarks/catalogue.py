"""Every benchmark, by name."""

from __future__ import annotations

from benchmarks import (
    ba,
    cheap,
    compile_time,
    demon,
    eager,
    gmm,
    llsq,
    lstm,
    mlp,
    modes,
    naive,
    ode,
    page,
    sparse,
    transforms,
)
from benchmarks.work import Work

WORKS: dict[str, Work] = {
    work.name: work
    for work in (
        mlp.SEED, mlp.MID, mlp.BIG, gmm.WORK, ode.WORK, llsq.WORK, lstm.WORK, ba.WORK, cheap.WORK,
        naive.WORK, modes.WORK, demon.WORK, page.WORK, compile_time.WORK, eager.WORK, eager.SCALING,
        sparse.JACOBIAN, sparse.HESSIAN, sparse.BUNDLE,
        transforms.PER_EXAMPLE, transforms.NORMS,
        transforms.HVP, transforms.HESSIAN, transforms.CHECKPOINT,
    )
}  # fmt: skip


def find(name: str) -> Work:
    """The benchmark of a name."""
    return WORKS[name]
