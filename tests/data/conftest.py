"""Where the tests find large files: beside the repository, and nowhere if they are not there."""

from collections.abc import Callable
from pathlib import Path

import pytest

FOLDER = Path(__file__).resolve().parents[3] / "shared" / "data"


@pytest.fixture
def shared() -> Callable[[str], Path]:
    """The path of a file in the folder beside the repository; skips the test if it is absent."""

    def find(name: str) -> Path:
        if not (FOLDER / name).is_file():
            pytest.skip(f"{name} is not beside the repository")
        return FOLDER / name

    return find
