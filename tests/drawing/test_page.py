"""The page of a graph: whole, reachable by keys and by name, and alive in a browser."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from html.parser import HTMLParser
from pathlib import Path

import numpy as np
import pytest
from tests.drawing.graphs import GRAPHS, irregular

import chainrule as cr
from chainrule.drawing.folding import FROM, TO, Insides
from chainrule.drawing.of_graph import view_of
from chainrule.drawing.page import document, html
from chainrule.drawing.view import View

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
PAGES = GRAPHS | {"irregular": lambda: irregular(300)}
VOID = {"meta", "input", "br", "link"}


class Page(HTMLParser):
    """The elements of a page, each with those around it; an error if tags do not match."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.open: list[tuple[str, dict[str, str | None]]] = []
        self.found: list[tuple[str, dict[str, str | None], list[dict[str, str | None]]]] = []
        self.texts: dict[str, list[str]] = {}
        self.feed(text)
        self.close()
        assert not self.open

    def handle_starttag(self, tag, attrs):
        self.found.append((tag, dict(attrs), [a for _, a in self.open]))
        assert len(attrs) == len(dict(attrs))
        if tag not in VOID:
            self.open.append((tag, dict(attrs)))

    def handle_startendtag(self, tag, attrs):
        self.found.append((tag, dict(attrs), [a for _, a in self.open]))

    def handle_endtag(self, tag):
        assert self.open.pop()[0] == tag

    def handle_data(self, data):
        if self.open:
            self.texts.setdefault(self.open[-1][0], []).append(data)

    def ids(self) -> list[str]:
        return [str(a["id"]) for _, a, _ in self.found if "id" in a]

    def buttons(self) -> list[dict[str, str | None]]:
        return [a for _, a, _ in self.found if a.get("role") == "button"]

    def steps(self) -> list[dict]:
        texts = self.texts.get("script", [])
        return [json.loads(t) for t in texts if t.startswith('{"numbers"')]


def page_of(name: str) -> tuple[View, Page]:
    view = view_of(PAGES[name]())
    return view, Page(html(view))


@pytest.mark.parametrize("name", PAGES)
def test_everything_has_its_place_in_the_page(name):
    view, page = page_of(name)
    ids = page.ids()
    assert len(ids) == len(set(ids))
    details = {a["id"]: a["data-group"] for tag, a, _ in page.found if tag == "details"}
    assert sorted(a["aria-controls"] for a in page.buttons()) == sorted(details)
    for tag, a, around in page.found:
        if a.get("role") == "button":
            assert (tag, a["tabindex"], a["aria-expanded"]) == ("g", "0", "false")
            assert a["aria-label"]
            assert details[a["aria-controls"]] == a["data-node"]
        if tag == "details":  # inside of that of the picture that has its button
            assert around[-1]["id"] in ids
    drawn = {str(a["data-node"]) for _, a, _ in page.found if "data-node" in a}
    plain = {key for key in drawn if key.split(" ")[0] not in (FROM, TO)}
    assert plain <= {node.key for node in view.nodes} | {group.key for group in view.groups}
    assert {n.key for n in view.nodes} - plain == of_other_blocks(view)


def of_other_blocks(view: View) -> set[str]:
    """Nodes of blocks that are drawn as the first of them."""
    insides = Insides(view)
    others = {b for group in view.groups for b in insides.blocks(group.key)[1:]}
    around = {group.key: group.group for group in view.groups}
    found: set[str] = set()
    for node in view.nodes:
        key = node.group
        while key:
            if key in others:
                found.add(node.key)
            key = around[key]
    return found


def test_each_block_has_its_numbers():
    view, page = page_of("twelve layers")
    (steps,) = page.steps()
    assert len(steps["numbers"]) == 12
    made = [e for e in view.edges if e.variable == "a" and e.value]
    for block, numbers in enumerate(steps["numbers"], start=2):
        values = {tuple(edge[:2]) for edge in numbers}
        layer = [e for e in made if f"weights[{block - 1}]" in weights_into(view, e.start)]
        assert layer and all((e.value, e.gradient) in values for e in layer)


def weights_into(view: View, key: str) -> set[str]:
    """The inputs that an activation is made of, but for those of earlier layers."""
    coming = [e for e in view.edges if e.end == key and e.variable != "a"]
    return {e.variable for e in coming}.union(*(weights_into(view, e.start) for e in coming))


def test_two_pages_have_no_id_in_common():
    view = view_of(GRAPHS["twelve layers"]())
    first, second = Page(html(view)), Page(html(view))
    assert not set(first.ids()) & set(second.ids())


def test_a_document_loads_nothing():
    text = document(view_of(GRAPHS["held"]()))
    assert text.startswith("<!doctype html>")
    assert '<meta charset="utf-8">' in text
    addresses = set(re.findall(r"https?://[^\s\"'<>]*", text)) - {"http://www.w3.org/2000/svg"}
    assert not addresses
    assert not re.search(r"<(link|img|iframe)|@import|url\(| src=", text)


def test_names_from_a_program_are_text_in_a_page():
    def f(x):
        return cr.insight.name(np.exp(x), "</script><b>&") * 2

    def loop(x):
        for _ in range(30):
            x = f(x) * 1e-3
        return x

    for function in (f, loop):
        text = html(view_of(cr.trace(function)(np.ones(2)), title="<i>"))
        page = Page(text)
        assert not any(tag in ("b", "i") for tag, _, _ in page.found)


def test_numbers_that_are_not_finite_are_json():
    def f(x):
        for _ in range(30):
            x = np.exp(x) + 1
        return np.sum(x)

    with np.errstate(over="ignore"):
        page = Page(html(view_of(cr.trace(f)(np.ones(5)))))
    (steps,) = page.steps()
    assert any("⚠" in edge[0] for block in steps["numbers"] for edge in block)


def test_a_small_graph_needs_no_script():
    text = html(view_of(GRAPHS["essay"]()))
    assert "<script" not in text and "<button" not in text


PRESSES = """
<script>
const said = [];
const say = (name, value) => said.push(name + "=" + value);
addEventListener("load", () => {
  const [one, two, three] = document.querySelectorAll(".cr-page");
  const box = one.querySelector("[role=button]");
  const details = document.getElementById(box.getAttribute("aria-controls"));
  const press = (key) => box.dispatchEvent(new KeyboardEvent("keydown", { key, bubbles: true }));
  const open = (page) => [...page.querySelectorAll("details")].filter((d) => d.open).length;
  press("Enter"); say("entered", details.open);
  press(" "); say("space", details.open);
  press("x"); say("other", details.open);
  box.dispatchEvent(new MouseEvent("click")); say("clicked", details.open);
  const [all, none] = one.querySelectorAll("[data-all]");
  all.click(); say("all", open(one) === one.querySelectorAll("details").length);
  say("second", open(two));
  three.querySelector("[role=button]").dispatchEvent(new MouseEvent("click"));
  say("third", open(two) + "," + open(three));
  const field = one.querySelector("input");
  const picture = field.closest("details").querySelector(".cr-picture");
  const before = picture.textContent;
  field.value = 50; field.dispatchEvent(new Event("input"));
  say("stepped", picture.textContent !== before && picture.textContent.includes("[50]"));
  field.value = 1; field.dispatchEvent(new Event("input"));
  say("back", picture.textContent === before);
  setTimeout(() => {
    say("expanded", box.getAttribute("aria-expanded"));
    none.click(); say("none", open(one));
    document.title = said.join(" ");
  }, 50);
});
</script>
"""


@pytest.mark.skipif(CHROMIUM is None, reason="no Chromium")
def test_in_a_browser(tmp_path: Path):
    assert CHROMIUM is not None
    view = view_of(GRAPHS["unrolled"]())
    other = html(view)  # and once more, as a notebook shows one output in two places
    page = document(view).replace("</body>", f"{other}{other}{PRESSES}</body>")
    (tmp_path / "page.html").write_text(page, encoding="utf-8")
    flags = ["--headless", "--no-sandbox", "--disable-gpu", f"--user-data-dir={tmp_path / 'user'}"]
    address = (tmp_path / "page.html").as_uri()
    run = subprocess.run(
        [CHROMIUM, *flags, "--virtual-time-budget=5000", "--dump-dom", address],
        capture_output=True,
        text=True,
        timeout=120,
        check=True,
    )
    title = re.search(r"<title>(.*?)</title>", run.stdout)
    assert title is not None
    assert title.group(1) == (
        "entered=true space=false other=false clicked=true all=true second=0 third=0,1 stepped=true"
        " back=true expanded=true none=0"
    )
