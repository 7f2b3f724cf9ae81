"""The Python of the README runs as it stands there."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

README = (Path(__file__).parents[1] / "README.md").read_text()
BLOCKS = [
    block
    for block in re.findall(r"```python\n(.*?)```", README, re.DOTALL)
    if not block.startswith(">>>")
]


@pytest.mark.parametrize("number", range(len(BLOCKS)))
def test_block_runs(number, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    code = BLOCKS[number].replace("epochs=5", "epochs=1")  # the same, sooner
    exec(compile(code, f"README.md block {number}", "exec"), {})


def test_there_are_blocks_for_each_reader():
    assert len(BLOCKS) == 9
