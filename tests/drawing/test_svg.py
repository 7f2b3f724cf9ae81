"""SVGs are valid, self-contained, legible on both papers, and say all that the view says."""

from __future__ import annotations

import re
from xml.etree import ElementTree

import pytest
from tests.drawing.views import random_view

import chainrule as cr
from chainrule.drawing.of_graph import view_of
from chainrule.drawing.svg import svg
from chainrule.drawing.text import width_of
from chainrule.drawing.theme import DARK, LIGHT, THEMES, style
from chainrule.drawing.view import Edge, Node, View

SVG = "{http://www.w3.org/2000/svg}"


def parsed(view: View, **options) -> ElementTree.Element:
    return ElementTree.fromstring(svg(view, **options))


def written(root: ElementTree.Element) -> list[str]:
    return [element.text or "" for element in root.iter(f"{SVG}text")]


def essay() -> View:
    def f(a, b):
        c = a + b
        d = b + 1
        return c * d

    return view_of(cr.trace(f)(2.0, 1.0))


def test_the_essays_graph() -> None:
    root = parsed(essay(), direction="right", theme="light")
    assert root.get("role") == "img"
    boxes = [(g.get("class"), g.find(f"{SVG}text").text) for g in root.iter() if g.get("data-node")]
    assert boxes == [
        ("input", "a"),
        ("input", "b"),
        ("operation", "+"),
        ("operation", "+ 1"),
        ("operation", "×"),
        ("output", "output"),
    ]
    numbers = [
        (g[1].text, g[2].text)
        for g in root.iter(f"{SVG}g")
        if len(g) == 3 and g[1].get("class") == "value"
    ]
    assert sorted(numbers) == [("1", "5"), ("2", "2"), ("2", "3"), ("3", "2"), ("6", "1")]
    assert len(root.findall(f".//{SVG}path[@class='head']")) == 6


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize("direction", ["down", "right"])
def test_they_are_valid_and_need_nothing_else(theme: str, direction: str) -> None:
    for seed in range(20):
        text = svg(random_view(seed), theme=theme, direction=direction)
        root = ElementTree.fromstring(text)
        assert root.find(f"{SVG}title").text == "a random view"
        assert "top to bottom" in root.find(f"{SVG}desc").text or direction == "right"
        assert not re.search(r"<script|@import|url\(|href|<image|@font-face|NaN|inf", text)
        _, _, width, height = map(float, root.get("viewBox").split())
        assert (float(root.get("width")), float(root.get("height"))) == (width, height)
        if theme != "auto":  # for programs that know no variables
            assert "var(" not in text and "@media" not in text


def test_text_is_escaped() -> None:
    label, value = "a < b & \"c\" > 'd' ]]> <script>alert(1)</script>", "x < 1 & y"
    view = View(
        (Node("<n>", "operation", label, source='f"<.py:1'), Node("&m", "output", "m")),
        (Edge("<n>", "&m", "<v>", "float64", value, "<&>"),),
        title="</title><b>",
    )
    root = parsed(view)
    texts = written(root)
    assert value in texts and "<&>" in texts and "m" in texts
    assert any(label.startswith(text.rstrip("…")) for text in texts)
    assert root.find(f"{SVG}title").text == "</title><b>"
    assert "script" not in {element.tag.removeprefix(SVG) for element in root.iter()}
    tips = [element.text for element in root.iter(f"{SVG}title")]
    assert f'{label}\nf"<.py:1' in tips


def test_characters_that_xml_forbids_are_replaced() -> None:
    view = View((Node("n", "constant", "a\x00b\x1b[0m\ud800"),), ())
    assert written(parsed(view)) == ["a\ufffdb\ufffd[0m\ufffd"]


def luminance(colour: str) -> float:
    """Relative luminance of sRGB (WCAG 2.2)."""
    channels = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return sum(w * c for w, c in zip((0.2126, 0.7152, 0.0722), linear))


def contrast(a: str, b: str) -> float:
    low, high = sorted(map(luminance, (a, b)))
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize("colours", [LIGHT, DARK], ids=["light", "dark"])
def test_contrast(colours: dict[str, str]) -> None:
    papers = ("paper", "frame")
    boxes = ("input", "constant", "operation", "backward", "forward", "output", "group")
    texts = [(text, paper) for text in ("ink", "soft", "value", "gradient") for paper in papers]
    texts += [(text, box) for text in ("ink", "soft") for box in boxes]
    for text, behind in texts:
        assert contrast(colours[text], colours[behind]) >= 4.5, (text, behind)
    lines = [("line", paper) for paper in papers]
    lines += [(f"{box}-line", "paper") for box in boxes]
    for line, behind in lines:  # WCAG 2.2, success criterion 1.4.11, asks less of shapes
        assert contrast(colours[line], colours[behind]) >= 2.8, (line, behind)


def test_themes_have_the_same_names_and_every_rule_its_colour() -> None:
    assert set(LIGHT) == set(DARK)
    for theme in THEMES:
        assert "@" not in style(theme).replace("@media", "")
    used = set(re.findall(r"var\(--([a-z-]+)\)", style("auto")))
    assert used == set(LIGHT)


def test_lines_are_the_wider_the_larger_the_derivative() -> None:
    norms = [None, 0.0, 1e-30, 1e-4, 1e-2, 1.0, float("inf"), float("nan")]
    nodes = [Node(f"n{i}", "operation", "f") for i in range(len(norms) + 1)]
    edges = [
        Edge(f"n{i}", f"n{i + 1}", f"v{i}", "float64", "1", "2", norm)
        for i, norm in enumerate(norms)
    ]
    root = parsed(View(tuple(nodes), tuple(edges)))
    lines = [p for p in root.iter(f"{SVG}path") if "line" in p.get("class")]
    widths = [float(p.get("stroke-width")) for p in lines]
    assert widths[2] < widths[3] < widths[4] < widths[5] < widths[6] == widths[7]
    assert [p.get("class") for p in lines].index("line none") == 1


def test_texts_fit_their_boxes() -> None:
    for seed in range(20):
        for direction in ("down", "right"):
            root = parsed(random_view(seed), direction=direction)
            for g in root.iter(f"{SVG}g"):
                if g.get("data-node"):
                    box, text = g.find(f"{SVG}rect[last()]"), g.find(f"{SVG}text")
                    assert width_of(text.text, 13, bold=True) <= float(box.get("width"))


def test_widths_of_texts() -> None:
    assert width_of("", 10) == 0
    assert width_of("iii", 10) < width_of("mmm", 10)
    assert width_of("é", 10) >= width_of("e", 10) and width_of("e\u0301", 10) == width_of("e", 10)
    assert width_of("漢", 10) == 10


@pytest.mark.parametrize("option", ["direction", "theme"])
def test_unknown_options(option: str) -> None:
    with pytest.raises(cr.ChainruleError, match=f"{option} 'up'; there are: "):
        svg(essay(), **{option: "up"})


@pytest.mark.parametrize("direction", ["down", "right"])
def test_heads_point_to_where_data_flows(direction: str) -> None:
    along = 0 if direction == "right" else 1
    for seed in range(40):
        root = parsed(random_view(seed), direction=direction)
        for path in root.findall(f".//{SVG}path[@class='head']"):
            numbers = list(map(float, re.findall(r"[\d.]+", path.get("d"))))
            left, tip, right = numbers[:2], numbers[2:4], numbers[4:]
            assert tip[along] > left[along] + 6 and abs(left[along] - right[along]) < 0.2
