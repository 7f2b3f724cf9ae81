"""The programs of examples/ reach what they promise, in small settings, and draw their pictures."""

from __future__ import annotations

import importlib.util
from pathlib import Path
from types import ModuleType

import matplotlib
import numpy as np
import pytest

matplotlib.use("Agg")

EXAMPLES = Path(__file__).parents[2] / "examples"


@pytest.fixture
def picture(tmp_path):
    """A path that a picture must have been written to when the test is over."""
    path = tmp_path / "picture.png"
    yield path
    assert path.read_bytes().startswith(b"\x89PNG")


def example(name: str) -> ModuleType:
    spec = importlib.util.spec_from_file_location(name, EXAMPLES / f"{name}.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_gaussian_process(picture):
    module = example("gaussian_process")
    result = module.main(picture, n=40)
    assert result["error"] < 1e-10
    assert result["loss"] < result["start"] - 20
    for name, true in module.TRUE.items():
        assert abs(result["p"][name] - true) < 0.5  # of 40 points


def test_truss(picture):
    result = example("truss").main(picture, columns=9, rows=5, steps=100, moves=20)
    assert result["error"] < 1e-10
    assert 1.0 <= result["grid"] / result["best"] < 1.005
    assert result["moved"] < result["grid"]


def test_pendulum(picture):
    module = example("pendulum")
    result = module.main(picture, steps=120, iterations=250)
    held = result["states"][-15:]
    assert np.all(1 + np.cos(held[:, 0]) < 0.01)
    assert np.all(np.abs(held[:, 1]) < 0.5)
    assert np.all(np.abs(result["torque"]) <= module.LIMIT)
    assert result["drift"] < 0.05  # of larger steps of Runge and Kutta
    assert result["costs"][-1] < 0.05 * result["costs"][0]


def test_predator_prey(picture):
    module = example("predator_prey")
    result = module.main(picture, n=17, decades=4)
    assert np.all(np.abs(result["p"] - module.TRUE) < 4 * result["deviations"])
    differences = [error for name, (error, _) in result["errors"].items() if name[0].isdigit()]
    assert len(differences) == 4
    assert result["errors"]["adjoint"][0] < 1e-6
    assert result["errors"]["forward mode"][0] < min(1e-6, *differences)


def test_renderer(picture):
    module = example("renderer")
    result = module.main(picture, pixels=20, shown=40)
    for name, true in module.TRUE.items():
        assert abs(result["p"][name] - true) < 0.03
    assert result["losses"][-1][-1] < 5e-4  # the square of the noise is 4e-4
