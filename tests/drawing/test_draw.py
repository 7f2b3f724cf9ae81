"""Graphs are drawn into files, with what is asked for, and shown by notebooks."""

from __future__ import annotations

from pathlib import Path
from xml.etree import ElementTree

import numpy as np
import pytest

import chainrule as cr
from chainrule.drawing import showing


def essay() -> cr.Graph:
    return cr.trace(lambda a, b: (a + b) * (b + 1))(2.0, 1.0)


def texts(graph: cr.Graph, path: Path, **options) -> dict[str, list[str]]:
    """The texts of a drawing by class."""
    assert graph.draw(path, **options) == path
    found: dict[str, list[str]] = {}
    for element in ElementTree.parse(path).getroot().iter("{http://www.w3.org/2000/svg}text"):
        kind = element.get("class").removesuffix(" beside")
        found.setdefault(kind, []).append(element.text)
    return found


def deep(params, x):
    for w in params:
        x = np.tanh(x @ w)
    return np.sum(x * x)


def deep_graph(layers: int = 12) -> cr.Graph:
    return cr.trace(deep)([np.eye(3)] * layers, np.ones((2, 3)))


def test_options(tmp_path: Path) -> None:
    path = tmp_path / "x.svg"
    assert texts(essay(), path)["value"][:2] == ["2", "1"]
    assert "gradient" not in texts(essay(), path, gradients=False)
    assert "value" not in set(texts(essay(), path, values=False)) - {"value"}
    bare = texts(essay(), path, values=False, gradients=False)
    assert set(bare) == {"label"}
    assert "<title>The essay</title>" in wrote(essay(), path, title="The essay")
    assert "#0f1318" in wrote(essay(), path, theme="dark")
    down, right = wrote(essay(), path), wrote(essay(), path, direction="right")
    assert size(down)[1] > size(down)[0] and size(right)[0] > size(right)[1]


def wrote(graph: cr.Graph, path: Path, **options) -> str:
    return graph.draw(path, **options).read_text(encoding="utf-8")


def size(text: str) -> tuple[float, float]:
    root = ElementTree.fromstring(text)
    return float(root.get("width")), float(root.get("height"))


def test_folded_or_not(tmp_path: Path) -> None:
    path = tmp_path / "x.svg"
    folded = texts(deep_graph(), path)["label"]
    assert any("× 12" in label for label in folded) and len(folded) < 12
    assert texts(deep_graph(), path, unfold=True)["label"].count("tanh") == 12


def test_a_graph_of_types_shows_types(tmp_path: Path) -> None:
    matrix = cr.ArrayType((3, 3), "float32")
    graph = cr.trace(np.tanh)(matrix)
    assert texts(graph, tmp_path / "x.svg")["value"] == ["float32[3, 3]", "float32[3, 3]"]
    with pytest.raises(cr.ChainruleError, match="traced with types"):
        graph.draw(tmp_path / "x.svg", cotangents=[np.ones((3, 3))])


def test_cotangents_of_outputs(tmp_path: Path) -> None:
    graph = cr.trace(lambda x: np.exp(x))(np.zeros(2))
    path = tmp_path / "x.svg"
    assert "gradient" not in texts(graph, path)
    assert texts(graph, path, cotangents=[np.array([3.0, 4.0])])["gradient"][0] == "[3, 4]"
    with pytest.raises(cr.ChainruleError, match="cotangent"):
        graph.draw(path, cotangents=[np.ones(3)])


def test_a_page(tmp_path: Path) -> None:
    text = wrote(deep_graph(), tmp_path / "x.HTML")
    assert text.startswith("<!doctype html>") and "<details" in text


def test_what_cannot_be_drawn(tmp_path: Path) -> None:
    with pytest.raises(cr.ChainruleError, match=r"'x.png' should end in .svg or .html"):
        essay().draw(tmp_path / "x.png")
    with pytest.raises(FileNotFoundError, match="Create the folder first"):
        essay().draw(tmp_path / "none" / "x.svg")
    old = tmp_path / "old.svg"
    old.write_text("old")
    with pytest.raises(cr.ChainruleError):
        essay().draw(old, theme="none")
    assert old.read_text() == "old" and list(tmp_path.iterdir()) == [old]


def test_notebooks(monkeypatch: pytest.MonkeyPatch) -> None:
    shown = essay()._repr_mimebundle_()
    assert set(shown) == {"text/plain", "image/svg+xml", "text/html"}
    assert shown["text/plain"] == str(essay())
    assert ">5<" in shown["image/svg+xml"]
    monkeypatch.setattr(showing, "MOST_ENTRIES", 3)
    monkeypatch.setattr(showing, "MOST_TEXT", 100)
    monkeypatch.setattr(showing, "MOST_LINES", 2)
    shown = essay()._repr_mimebundle_()
    assert set(shown) == {"text/plain", "image/svg+xml"} and ">5<" not in shown["image/svg+xml"]
    first, *_, last = str(essay()).splitlines()
    told = "  ... 3 lines more; print(graph) shows them"
    assert shown["text/plain"].splitlines() == [first, told, last]
    monkeypatch.undo()
    monkeypatch.setattr(showing, "MOST_PICTURES", 0)
    assert "text/html" not in essay()._repr_mimebundle_()


def test_a_graph_of_thousands_of_operations_is_small_when_it_is_shown() -> None:
    shown = deep_graph(1000)._repr_mimebundle_()
    assert len(shown["image/svg+xml"]) < 60_000
    assert sum(map(len, shown.values())) < 3_000_000
