"""``cr.scipy.linalg``: plain arrays give what SciPy gives; cost of bands, order of exponentials."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import scipy.linalg

import chainrule as cr

sl = cr.scipy.linalg


def direction(*shape: int, seed: int = 5) -> Any:
    return np.random.default_rng(seed).standard_normal(shape)


SCIPY = {
    "expm": lambda m, a: m.expm(a),
    "sqrtm": lambda m, a: m.sqrtm(a @ a.T),
    "lu_factor": lambda m, a: m.lu_factor(a),
    "lu": lambda m, a: m.lu(a),
    "lu permuted": lambda m, a: m.lu(a, permute_l=True),
    "lu_solve": lambda m, a: m.lu_solve(m.lu_factor(a), a[0], 1),
    "solve_sylvester": lambda m, a: m.solve_sylvester(a, a.T, a),
    "solve_banded": lambda m, a: m.solve_banded((1, 1), a, a[0]),
    "block_diag": lambda m, a: m.block_diag(a, [1.0, 2.0], 3.0, []),
    "block_diag of nothing": lambda m, a: m.block_diag(),
    "toeplitz": lambda m, a: m.toeplitz(a[0], a[1]),
    "toeplitz of one": lambda m, a: m.toeplitz(a[0] * 1j),
    "eigh": lambda m, a: m.eigh(a, a @ a.T, eigvals_only=True),
    "eigh upper": lambda m, a: m.eigh(a, lower=False, eigvals_only=True),
    "eigvalsh": lambda m, a: m.eigvalsh(a),
    "svd": lambda m, a: m.svd(a),
    "qr": lambda m, a: m.qr(a[:, :2]),
    "qr economic": lambda m, a: m.qr(a[:, :2], mode="economic"),
    "qr r": lambda m, a: m.qr(a[:, :2], mode="r"),
    "pinv": lambda m, a: m.pinv(a[:, :2]),
    "lstsq": lambda m, a: m.lstsq(a[:, :2], a[:, 2]),
    "lstsq several": lambda m, a: m.lstsq(a[:, :2], a),
    "norm": lambda m, a: m.norm(a, 1),
}


@pytest.mark.parametrize("name", SCIPY)
def test_plain_arrays_give_what_scipy_gives(name: str) -> None:
    a = direction(3, 3) + 3 * np.eye(3)
    found, expected = (SCIPY[name](m, a) for m in (sl, scipy.linalg))
    several = isinstance(expected, tuple)
    assert isinstance(found, tuple) == several
    for x, y in zip(found, expected, strict=True) if several else [(found, expected)]:
        assert np.shape(x) == np.shape(y)
        assert np.asarray(x).dtype.kind == np.asarray(y).dtype.kind
        np.testing.assert_allclose(x, y, atol=1e-13)


def test_a_banded_system_costs_what_its_band_does() -> None:
    n = 20_000
    band = np.stack([np.full(n, -1.0), np.full(n, 2.5), np.full(n, -1.0)])

    def energy(band: Any, b: Any) -> Any:
        return np.sum(sl.solve_banded((1, 1), band, b) ** 2)

    g, gb = cr.grad(energy, (0, 1))(band, np.ones(n))  # a dense matrix would take 3 GB
    x = scipy.linalg.solve_banded((1, 1), band, np.ones(n))
    y = scipy.linalg.solve_banded((1, 1), band, 2 * x)  # this band is its own transpose
    np.testing.assert_allclose(gb, y)
    np.testing.assert_allclose(g[1], -x * y)
    np.testing.assert_allclose(g[0, 1:], -(y[:-1] * x[1:]))


def test_exponentials_have_derivatives_of_any_order() -> None:
    a, t = direction(3, 3), direction(3, 3, seed=3)
    value, frechet = scipy.linalg.expm_frechet(a, t)
    out, moved = cr.jvp(sl.expm, (a,), (t,))
    np.testing.assert_allclose(out, value, rtol=1e-12)
    np.testing.assert_allclose(moved, frechet, rtol=1e-12)

    def along(s: Any) -> Any:
        return sl.expm(s * a)

    third = cr.jvp(lambda s: cr.jvp(lambda s: cr.jvp(along, (s,), (1.0,))[1], (s,), (1.0,))[1],
                   (0.5,), (1.0,))[1]  # fmt: skip
    np.testing.assert_allclose(third, a @ a @ a @ scipy.linalg.expm(a / 2), rtol=1e-11, atol=1e-11)
