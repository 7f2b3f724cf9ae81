"""``chainrule cache``."""

from __future__ import annotations

import json

import numpy as np

import chainrule as cr


def test_says_where_compiled_code_is_and_removes_it(cli, tmp_path, monkeypatch):
    folder = tmp_path / "compiled"
    monkeypatch.setenv("CHAINRULE_CACHE", str(folder))
    assert cli("cache").out == f"{folder}: 0 compiled modules, 0.0 MB\n"
    cr.compile(lambda x: x + 1, executor="native")(np.ones(2))
    (found,) = cli("cache", "--json").events
    assert (found["path"], found["modules"], found["cleared"]) == (str(folder), 1, False)
    assert found["bytes"] > 0
    assert "1 compiled modules" in cli("cache", "--clear").out
    assert json.loads(cli("cache", "--json").out)["modules"] == 0
