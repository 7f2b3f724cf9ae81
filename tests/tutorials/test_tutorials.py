"""The tutorials run, and say what they said when they were written."""

from __future__ import annotations

import nbformat
import pytest
from tests.tutorials.running import differences, run, tutorials

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore::ResourceWarning")


@pytest.mark.parametrize("path", tutorials(), ids=lambda path: path.stem)
def test_a_tutorial(path):
    found = differences(nbformat.read(path, as_version=4), run(path))
    assert not found, "\n\n".join(found)


def test_there_are_four():
    assert len(tutorials()) == 4
