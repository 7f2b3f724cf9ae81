"""What the tests of figures share: nothing stays open or changed, and a small run."""

from __future__ import annotations

import numpy as np
import pytest

import chainrule as cr


@pytest.fixture(autouse=True)
def nothing_stays_open():
    import matplotlib
    import matplotlib.pyplot as plt

    before, opened = dict(matplotlib.rcParams), plt.get_fignums()
    yield
    assert plt.get_fignums() == opened
    assert dict(matplotlib.rcParams) == before


@pytest.fixture(scope="session")
def run(tmp_path_factory):
    folder = tmp_path_factory.mktemp("runs") / "small"
    rng = np.random.default_rng(0)
    X, Y = rng.normal(size=(60, 16)), rng.integers(0, 3, 60)
    model = cr.nn.Sequential([cr.nn.Dense(16, 5), cr.nn.relu, cr.nn.Dense(5, 3)])
    result = cr.fit(
        model, (X, Y), cost="log-likelihood", optimiser=cr.optim.adam(0.05), epochs=3,
        out=folder, validation=(X, Y), executor="interpreter",
    )  # fmt: skip
    return folder, result
