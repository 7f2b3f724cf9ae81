"""The pictures in the documentation are those that the package draws."""

from __future__ import annotations

import re
from pathlib import Path
from xml.etree import ElementTree

from tests.drawing.gallery import FOLDER, draw


def structure(path: Path) -> list[tuple[str, str]]:
    """Classes of all shapes and the labels of boxes; numbers may differ by rounding elsewhere."""
    root = ElementTree.parse(path).getroot()
    numbers = {"value beside", "gradient beside", "value", "gradient"}
    return [
        (kind, (element.text or "") if kind not in numbers else "")
        for element in root.iter()
        if (kind := element.get("class", ""))
    ]


def test_the_documentations_pictures(tmp_path: Path) -> None:
    draw(tmp_path)
    drawn = {path.name: structure(path) for path in tmp_path.iterdir()}
    assert drawn == {path.name: structure(path) for path in FOLDER.iterdir()}
    page = (FOLDER.parents[1] / "drawing.md").read_text(encoding="utf-8")
    assert set(re.findall(r"images/graphs/([a-z]+\.svg)", page)) == set(drawn)
    assert all(path.stat().st_size < 150_000 for path in FOLDER.iterdir())
