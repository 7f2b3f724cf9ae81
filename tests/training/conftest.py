"""Small data to train on."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest


@pytest.fixture
def blobs() -> tuple[Any, Any]:
    """60 examples of three classes that four features tell apart."""
    rng = np.random.default_rng(5)
    Y = np.arange(60) % 3
    return rng.standard_normal((60, 4)) + 3 * np.eye(4)[Y], Y
