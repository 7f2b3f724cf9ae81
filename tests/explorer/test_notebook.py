"""The page in a notebook: the messages of a real kernel, and the front end on such messages."""

from __future__ import annotations

import base64
import re
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from jupyter_client.manager import start_new_kernel
from playwright.sync_api import Page, Route, expect
from tests.explorer.small import forget, reach, small_session

import chainrule as cr
from chainrule.core.errors import ArgumentError
from chainrule.explorer.notebook import Explorer
from chainrule.explorer.place import Place
from chainrule.explorer.saved.saved_page import style_with_fonts
from chainrule.explorer.serving.page_files import page_files
from chainrule.explorer.wire import encode

CELL = """
import numpy as np, chainrule as cr
from chainrule.explorer.questions import QUESTIONS
from threading import Event
go_on = Event()
QUESTIONS["session.slow"] = lambda session: {"went on": go_on.wait(30)}
def f(x, y=2.0):
    return np.sin(x) * y
page = cr.explorer.widget(f, args=(0.5,), at="#/graph?function=f")
"""
NOTEBOOK = """<!doctype html><html lang="en"><meta charset="utf-8"><title>a notebook</title>
<h1>A notebook</h1><style>{css}</style><div id="cell"></div>
<script type="module">
    import explorer from "./explorer.js";
    const heard = {{}};
    const traits = await kernel("traits");
    const hear = (event, ...args) => (heard[event] ?? []).forEach((listener) => listener(...args));
    globalThis.hearAll = (messages) => {{
        for (const [content, buffers] of messages) {{
            const bytes = buffers.map((b) => Uint8Array.from(atob(b), (c) => c.charCodeAt(0)));
            hear("msg:custom", content, bytes.map((b) => new DataView(b.buffer)));
        }}
    }};
    globalThis.changed = (name, value) => {{
        traits[name] = value;
        hear(`change:${{name}}`);
    }};
    const model = {{
        get: (name) => traits[name],
        set: (name, value) => {{ traits[name] = value; }},
        save_changes: () => kernel("changed", traits),
        send: async (content) => hearAll(await kernel("message", content)),
        on: (event, listener) => (heard[event] ??= []).push(listener),
        off: (event, listener) => {{ heard[event] = heard[event].filter((l) => l !== listener); }},
    }};
    globalThis.leave = explorer.render({{ model, el: document.getElementById("cell") }});
</script></html>"""

TWO_CELLS = """<!doctype html><html lang="en"><meta charset="utf-8"><title>a notebook</title>
<h1>A notebook</h1><style>{css}</style><div class="cell"></div><div class="cell"></div>
<script type="module">
    const models = [];
    for (const [i, el] of [...document.querySelectorAll(".cell")].entries()) {{
        // each widget of a notebook brings its own copy of the front end
        const {{ default: explorer }} = await import(`./explorer.js?${{i}}`);
        const heard = {{}};
        const traits = {{ at: `#/graph?theme=${{i === 0 ? "dark" : "light"}}`, height: 700 }};
        const hear = (event, ...args) => (heard[event] ?? []).forEach((f) => f(...args));
        const model = {{
            get: (name) => traits[name],
            set: (name, value) => {{ traits[name] = value; hear(`change:${{name}}`); }},
            save_changes: () => undefined,
            send: async (content) => {{
                for (const [answer, buffers] of await kernel("message", content)) {{
                    const texts = buffers.map(atob);
                    const bytes = texts.map((t) => Uint8Array.from(t, (c) => c.charCodeAt(0)));
                    hear("msg:custom", answer, bytes.map((b) => new DataView(b.buffer)));
                }}
            }},
            on: (event, listener) => (heard[event] ??= []).push(listener),
            off: () => undefined,
        }};
        models.push(model);
        explorer.render({{ model, el }});
    }}
    globalThis.goTo = (screen) => {{
        for (const model of models) {{
            model.set("at", model.get("at").replace(/#\\/[a-z]+/, `#/${{screen}}`));
        }}
    }};
</script></html>"""
LOST_REFERENCES = """() => {
    const ids = [...document.querySelectorAll("[id]")].map((e) => e.id);
    const found = ids.filter((id, i) => ids.indexOf(id) < i).map((id) => `twice: ${id}`);
    const refers = (e, id) => {
        const cell = e.closest(".cell");
        if (!id || !cell.contains(document.getElementById(id))) found.push(`${e.outerHTML}: ${id}`);
    };
    for (const name of ["for", "aria-labelledby", "aria-describedby", "aria-controls"]) {
        for (const e of document.querySelectorAll(`.cell [${name}]`)) {
            for (const id of e.getAttribute(name).split(" ")) refers(e, id);
        }
    }
    for (const e of document.querySelectorAll(".cell svg *")) {
        for (const text of [e.getAttribute("clip-path"), e.style.fill]) {
            if (text?.includes("url(")) refers(e, text.replace(/^url\\(["']?#|["']?\\)$/g, ""));
        }
    }
    const names = [...document.querySelectorAll(".cell input[type=radio]")];
    for (const radio of names) {
        const cell = radio.closest(".cell");
        if (names.some((other) => other.name === radio.name && !cell.contains(other))) {
            found.push(`a group in two cells: ${radio.name}`);
        }
    }
    return found;
}"""
MARKERS = """() => [...document.querySelectorAll(".cell")].map((cell) => {
    const page = cell.querySelector(".cr-page");
    const probe = page.appendChild(document.createElement("span"));
    probe.style.color = "var(--value)";
    const own = getComputedStyle(probe).color;
    probe.remove();
    const marker = page.querySelectorAll(".u-legend .u-marker")[1];
    return [own, getComputedStyle(marker).borderTopColor];
})"""

ANY = re.compile(r"\S")


class Kernel:
    """A kernel, as the front end of a notebook talks to it."""

    def __init__(self, client: Any) -> None:
        self.client = client

    def run(self, code: str) -> list[dict[str, Any]]:
        """Run a cell; gives the messages of its comms."""
        wanted = self.client.execute(code)
        messages = self.until(lambda m: m["header"]["msg_type"] == "status" and idle(m, wanted))
        errors = [m["content"]["traceback"] for m in messages if m["msg_type"] == "error"]
        assert not errors, "\n".join(errors[0])
        return [m for m in messages if m["msg_type"].startswith("comm_")]

    def until(self, found: Callable[[dict[str, Any]], bool]) -> list[dict[str, Any]]:
        messages: list[dict[str, Any]] = []
        end = time.monotonic() + 60
        while not messages or not found(messages[-1]):
            assert time.monotonic() < end, messages
            messages.append(self.client.get_iopub_msg(timeout=60))
        return messages

    def send(self, comm: str, content: dict[str, Any]) -> None:
        data = {"method": "custom", "content": content}
        message = self.client.session.msg("comm_msg", {"comm_id": comm, "data": data})
        self.client.shell_channel.send(message)

    def heard(self, **wanted: Any) -> dict[str, Any]:
        """The next message of the widget with these entries."""

        def fits(message: dict[str, Any]) -> bool:
            content = message["content"].get("data", {}).get("content", {})
            return all(content.get(key) == value for key, value in wanted.items())

        return self.until(fits)[-1]


def idle(message: dict[str, Any], request: str) -> bool:
    done = message["content"]["execution_state"] == "idle"
    return done and message["parent_header"].get("msg_id") == request


@pytest.fixture(scope="module")
def kernel() -> Iterator[Kernel]:
    manager, client = start_new_kernel(kernel_name="python3")
    yield Kernel(client)
    client.stop_channels()
    manager.shutdown_kernel(now=True)


def test_a_kernel_answers_the_page(built, kernel):
    opened = [m for m in kernel.run(CELL) if m["msg_type"] == "comm_open"]
    states = [m["content"]["data"]["state"] for m in opened]
    (place,) = [i for i, state in enumerate(states) if "_esm" in state]
    comm, state = opened[place]["content"]["comm_id"], states[place]
    assert state["_esm"] == page_files()["/explorer.js"].content.decode()
    assert (state["at"], state["_model_name"]) == ("#/graph?function=f", "AnyModel")
    assert "url(fonts" not in state["_css"] and ".cr-page" in state["_css"]

    kernel.send(comm, {"id": "a-1", "ask": "session.functions", "params": {}})
    answer = kernel.heard(id="a-1")
    assert bytes(answer["buffers"][0]) == encode({"functions": ("f", "essay")})
    kernel.send(comm, {"id": "a-2", "ask": "session.record", "params": {"step": 0}})
    answer = kernel.heard(id="a-2")["content"]["data"]["content"]
    assert answer["error"] == "session.record needs the parameter example"
    kernel.run("page._session.tell('training', {'cost': float('inf'), 'norms': np.ones(2)})")
    kernel.run("page.at = '#/demon'")


def test_a_slow_answer_keeps_neither_cells_nor_other_answers(built, kernel):
    opened = [m for m in kernel.run(CELL) if m["msg_type"] == "comm_open"]
    (comm,) = [m["content"]["comm_id"] for m in opened if "_esm" in m["content"]["data"]["state"]]
    kernel.send(comm, {"id": "slow", "ask": "session.slow", "params": {}})
    kernel.send(comm, {"id": "quick", "ask": "session.functions", "params": {}})
    kernel.heard(id="quick")
    told = kernel.run("page._session.tell('training', {'cost': float('inf')}); go_on.set()")
    assert {"event": "training", "facts": {"cost": {"$float": "inf"}}} in [
        m["content"]["data"].get("content") for m in told
    ]
    if not any(m["content"]["data"].get("content") == {"id": "slow"} for m in told):
        kernel.heard(id="slow")


class Cell:
    """The front end in a document that is no page of ours, on the messages of a widget."""

    def __init__(
        self,
        page: Page,
        widget: Explorer,
        monkeypatch: pytest.MonkeyPatch,
        document: str = NOTEBOOK,
    ) -> None:
        self.page, self.widget, self.document = page, widget, document
        self.asked: list[str] = []
        self.errors: list[str] = []
        self.said: list[tuple[dict[str, Any], list[str]]] = []
        monkeypatch.setattr(widget, "send", self.send, raising=False)
        page.expose_binding("kernel", self.kernel)
        page.route("http://notebook.test/**", self.answer)
        page.goto("http://notebook.test/")

    def answer(self, route: Route) -> None:
        files = page_files()
        if route.request.url.partition("?")[0].endswith("/explorer.js"):
            route.fulfill(body=files["/explorer.js"].content, content_type="text/javascript")
        else:
            html = self.document.format(css=style_with_fonts(files))
            route.fulfill(body=html, content_type="text/html")

    def send(self, content: dict[str, Any], buffers: list[bytes]) -> None:
        self.said.append((content, [base64.b64encode(b).decode() for b in buffers]))
        self.errors += [content["error"]] if "error" in content else []

    def kernel(self, _: Any, kind: str, given: Any = None) -> Any:
        if kind == "traits":
            return {"at": self.widget.at, "height": self.widget.height}
        if kind == "changed":
            self.widget.at = given["at"]
            return None
        self.asked.append(given["ask"])
        self.widget._answer(given)
        return self.taken()

    def taken(self) -> list[tuple[dict[str, Any], list[str]]]:
        said, self.said = self.said, []
        return said


@pytest.fixture
def widget(built) -> Iterator[Explorer]:
    widget = Explorer(small_session(), Place("digits", {"example": "2"}), 700)
    yield widget
    widget.close()


def test_the_front_end_lives_in_a_cell(opened, widget, monkeypatch, tmp_path):
    cell = Cell(opened(), widget, monkeypatch)
    page = cell.page
    shown = page.locator("#cell .cr-page")
    expect(page.locator("#cell [aria-current=page]")).to_contain_text("Digits")
    assert page.locator("#cell").bounding_box()["height"] == 700  # type: ignore[index]
    for name in ("Graph", "Demon", "Check"):
        page.locator("#cell nav a", has_text=name).click()
        expect(page.locator("#cell [aria-current=page]")).to_contain_text(name)
    assert "session.steps" in cell.asked and cell.errors == []

    # the place goes both ways
    page.evaluate("changed('at', '#/chain?layer=2')")
    expect(page.locator("#cell [aria-current=page]")).to_contain_text("Chain")
    page.locator("#cell nav a", has_text="Train").click()
    until(page, lambda: widget.at == "#/train?layer=2")
    widget.save(tmp_path / "moment.html")
    assert '"place": "#/train?layer=2"' in (tmp_path / "moment.html").read_text()

    # what happened in the kernel is asked about anew
    page.evaluate("changed('at', '#/digits')")
    expect(page.locator("#cell main")).to_contain_text(ANY)
    before = len(cell.asked)
    reach(widget._session, 7, widget._session.network.params)
    forget(widget._session, 7)
    page.evaluate("(messages) => hearAll(messages)", cell.taken())
    until(page, lambda: len(cell.asked) > before)
    page.evaluate("leave()")
    expect(shown).to_have_count(0)


def test_two_cells_share_neither_ids_nor_colours(opened, widget, monkeypatch):
    page = Cell(opened(), widget, monkeypatch, TWO_CELLS).page
    shown = page.locator(".cell .cr-page main")
    expect(shown).to_have_count(2)
    for screen in ("graph", "sweeps", "demon", "equations", "chain", "digits", "check", "train"):
        page.evaluate("(screen) => goTo(screen)", screen)
        for i in range(2):
            expect(shown.nth(i)).to_contain_text(ANY)
        expect(page.get_by_text("computing …")).to_have_count(0)
        expect(page.locator("[aria-busy=true]")).to_have_count(0)
        assert page.evaluate(LOST_REFERENCES) == [], screen
    expect(page.locator(".cell .train-curves")).to_have_count(2)
    dark, light = page.evaluate(MARKERS)
    assert dark[0] != light[0]
    assert (dark[1], light[1]) == (dark[0], light[0])


def until(page: Page, condition: Callable[[], bool]) -> None:
    end = time.monotonic() + 60
    while not condition():
        assert time.monotonic() < end
        page.evaluate("() => new Promise(requestAnimationFrame)")  # bindings are answered here


def test_messages_that_ask_nothing_are_passed_over(built, widget, monkeypatch):
    said: list[Any] = []
    monkeypatch.setattr(widget, "send", lambda *message: said.append(message), raising=False)
    for content in (None, "ask", {"kind": "anywidget-command"}, []):
        widget._received(widget, content, [])
    widget._answer({"id": 1, "ask": "no.such"})
    widget._answer({"id": 2, "ask": "session.steps", "params": "none"})
    assert [content["error"][:8] for content, _ in said] == ["there is", "session."]


def test_a_closed_widget_hears_of_nothing(built, monkeypatch):
    session = small_session()
    widget = Explorer(session, Place(), 700)
    said: list[Any] = []
    monkeypatch.setattr(widget, "send", lambda *message: said.append(message), raising=False)
    session.tell("steps", {"steps": (0, 1)})
    widget.close()
    widget.close()
    session.tell("steps", {"steps": (0, 1, 2)})
    assert said == [({"event": "steps", "facts": {"steps": [0, 1]}}, [])]


def test_a_place_that_is_none_is_refused(widget):
    with pytest.raises(ArgumentError, match="there is no screen 'nowhere'"):
        widget.at = "#/nowhere"
    assert widget.at == "#/digits?example=2"


def test_without_anywidget_it_says_how_to_install_it(monkeypatch):
    monkeypatch.setitem(__import__("sys").modules, "chainrule.explorer.notebook", None)
    with pytest.raises(cr.ChainruleError, match=r"pip install 'chainrule\[notebook\]'"):
        cr.explorer.widget()
