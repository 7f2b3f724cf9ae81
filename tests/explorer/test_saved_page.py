"""One moment as a file: it opens from the disk without any network, and nothing is missing."""

from __future__ import annotations

import re
from contextlib import closing
from pathlib import Path

import pytest
from playwright.sync_api import Page, Request
from tests.explorer.small import reach, small_session

import chainrule as cr
from chainrule.core.errors import ArgumentError, FileFormatError
from chainrule.explorer.place import Place, place_of
from chainrule.explorer.saved.recording import Recording
from chainrule.explorer.saved.saved_page import page_of, save_page
from chainrule.explorer.serving.page_files import PageFile
from chainrule.explorer.session import Session

MB = 1_000_000
WATCH = """
    globalThis.asked = [];
    globalThis.missing = [];
    const parse = JSON.parse;
    const watched = {
        get(answers, key) {
            asked.push(key);
            if (!(key in answers)) missing.push(key);
            return answers[key];
        },
    };
    JSON.parse = (text, reviver) => {
        const found = parse(text, reviver);
        if (found?.answers) found.answers = new Proxy(found.answers, watched);
        return found;
    };
"""
SETTLED = """async () => {
    let quiet = 0;
    for (let before = -1; quiet < 10; quiet = asked.length === before ? quiet + 1 : 0) {
        before = asked.length;
        await new Promise(requestAnimationFrame);
    }
    return asked.length;
}"""


BREAK_THE_POLICY = """async () => {
    const refused = [];
    const all = new Promise((resolve) => {
        document.addEventListener("securitypolicyviolation", (event) => {
            if (refused.push(event.effectiveDirective) === 3) resolve();
        });
    });
    const script = document.createElement("script");
    script.textContent = "globalThis.ran = true";
    document.body.append(script);
    new Image().src = "http://127.0.0.1:9/x.png";
    fetch("http://127.0.0.1:9/").catch(() => undefined);
    await all;
    return [refused, globalThis.ran];
}"""


def files_of(**changes: str) -> dict[str, PageFile]:
    """A front end of few lines."""
    texts = {
        "html": '<!doctype html><head><meta charset="utf-8" />'
        '<link rel="icon" href="favicon.svg" /><link rel="stylesheet" href="./explorer.css">'
        '<script type="module" crossorigin src="./explorer.js"></script></head><body></body>',
        "js": "document.title = 'it runs'; globalThis.text = '</script><!-- x';",
        "css": "@font-face{font-family:F;src:url(fonts/F.woff2)}body{content:'</style>'}",
        **changes,
    }
    return {
        "/": PageFile(texts["html"].encode(), "text/html"),
        "/explorer.js": PageFile(texts["js"].encode(), "text/javascript"),
        "/explorer.css": PageFile(texts["css"].encode(), "text/css"),
        "/LICENSES.txt": PageFile(b"MIT </script><script>globalThis.ran = true</script>", "text"),
        "/fonts/F.woff2": PageFile(b"font", "font/woff2"),
    }


@pytest.fixture
def offline(opened):
    """Open a file with the network cut off; gives the page and what it asked the network for."""

    def open_one(file: Path, place: str = "") -> tuple[Page, list[str]]:
        page = opened(offline=True)
        wanted: list[str] = []

        def noted(request: Request) -> None:
            if not request.url.startswith(("data:", file.as_uri())):
                wanted.append(request.url)

        page.on("request", noted)
        page.add_init_script(WATCH)
        page.goto(file.as_uri() + place)
        return page, wanted

    return open_one


def assert_complete(page: Page) -> int:
    """Go to each screen by the keys; gives how often something was asked."""
    screens = page.locator("nav a")
    assert screens.count() == 8
    for n in range(screens.count()):
        screens.nth(n).click()
        asked = page.evaluate(SETTLED)
        assert page.evaluate("missing") == [], screens.nth(n).inner_text()
    return asked


def trained() -> Session:
    """A session that has seen some training."""
    session = small_session()
    for step in (10, 20):
        reach(session, step, cr.nn.Network([16, 5, 3], dtype="float32", seed=step).params)
    return session


@pytest.mark.parametrize(
    ("make", "place"),
    [
        (small_session, "#/graph"),
        (trained, "#/demon?example=3&layer=2&neuron=1&step=10"),
        (trained, "#/digits?example=1%3A%2F%2F%2F%2F%2F%2F8AAAA%3D"),
        (Session, "#/chain?example=8"),
    ],
)
def test_the_file_opens_without_a_network_and_no_answer_is_missing(
    built, offline, tmp_path, make, place
):
    file = tmp_path / "a moment.html"
    saved = save_page(make(), file, place_of(place))
    assert (saved.errors, saved.unasked) == ({}, {})
    page, wanted = offline(file)
    first = page.locator("[aria-current=page]").inner_text().split()[-1].lower()
    assert first == place_of(place).screen
    assert_complete(page)
    assert wanted == []
    assert file.stat().st_size < 4 * MB


@pytest.fixture
def empty(monkeypatch: pytest.MonkeyPatch) -> None:
    """No answers are recorded: they take time, and are not what is tested."""

    def recorded(session: Session, place: Place) -> Recording:
        return Recording(str(place), {}, {}, {})

    monkeypatch.setattr("chainrule.explorer.saved.saved_page.record", recorded)


def test_its_policy_lets_nothing_be_loaded_or_run(built, empty, browser, tmp_path):
    """With a network, too: what somebody adds to the file, by hand or by a text, stays dead."""
    file = tmp_path / "page.html"
    save_page(small_session(), file, Place())
    text = file.read_text()
    (policy,) = re.findall(r'Content-Security-Policy" content="([^"]*)"', text)
    assert policy.startswith("default-src 'none'; script-src 'sha256-")
    assert "unsafe" not in policy and "http" not in policy
    with closing(browser.new_page()) as page:  # whose console may tell errors
        page.goto(file.as_uri())
        refused, ran = page.evaluate(BREAK_THE_POLICY)
    assert sorted(refused) == ["connect-src", "img-src", "script-src-elem"]
    assert ran is None


def test_what_a_text_holds_cannot_end_its_element(offline, tmp_path):
    evil = "</script><script>globalThis.ran = true</script><!-- </SCRIPT> \u2028 ]]> & δ"
    recording = Recording(f"#/{evil}", {f"a {evil}": evil.encode()}, {f"b {evil}": evil}, {})
    file = tmp_path / "page.html"
    js = "globalThis.held = JSON.parse(document.getElementById('chainrule-recording').textContent);"
    quoted = "globalThis.texts = ['</script>', `<!--`, /<\\/SCRIPT><!--/iu.source, '</Script x'];"
    file.write_text(page_of(recording, files_of(js=js + quoted)), encoding="utf-8")
    page, wanted = offline(file)
    assert page.evaluate("held.place") == f"#/{evil}"
    assert page.evaluate("held.errors") == {f"b {evil}": evil}
    assert page.evaluate("globalThis.ran") is None
    texts = page.evaluate("texts")
    assert texts[:2] == ["</script>", "<!--"] and texts[3] == "</Script x"
    assert page.evaluate("getComputedStyle(document.body).content") == '"</style>"'
    assert wanted == []


def test_a_build_of_another_form_is_refused():
    recording = Recording("#/graph", {}, {}, {})
    page_of(recording, files_of())
    for changes in (
        {"html": '<meta charset="utf-8">'},
        {"css": "@font-face{src:url(fonts/Other.woff2)}"},
        {"html": files_of()["/"].content.decode().replace("explorer.js", "other.js")},
    ):
        with pytest.raises(FileFormatError, match="the page"):
            page_of(recording, files_of(**changes))


def test_only_a_saved_page_is_replaced(built, empty, tmp_path):
    session = small_session()
    file = tmp_path / "page.html"
    save_page(session, file, Place())
    first = file.read_bytes()
    save_page(session, file, Place("chain"))
    assert file.read_bytes() != first
    file.write_text("<title>something else</title>")
    with pytest.raises(ArgumentError, match=r"page.html is there, and no saved page"):
        save_page(session, file, Place())
    assert file.read_text() == "<title>something else</title>"
    assert [p.name for p in tmp_path.iterdir()] == ["page.html"]
