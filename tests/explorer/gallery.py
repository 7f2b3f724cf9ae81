"""The screenshots of ``docs/explore.md``: ``python -m tests.explorer.gallery`` takes them anew.

The seed network is trained in the page for five epochs first, as the tutorial does it; the digit
that the screens look at is one that the network then gets wrong.
"""

from __future__ import annotations

import shutil
import time
from pathlib import Path
from threading import Thread

from playwright.sync_api import Browser, Page, expect, sync_playwright

from chainrule.explorer.outcomes import Outcomes
from chainrule.explorer.serving.page_files import page_files
from chainrule.explorer.serving.running import Server, listen
from chainrule.explorer.session import Session

FOLDER = Path(__file__).parents[2] / "docs" / "images" / "explore"
SIZE = {"width": 1280, "height": 800}
EPOCHS = 5
PLACES = {
    "1-graph": "#/graph?position=5",
    "2-forward-and-reverse": "#/sweeps",
    "3-demon": "#/demon?example={wrong}",
    "4-four-equations": "#/equations?example={wrong}&equation=BP2&layer=1&neuron=10",
    "5-chain": "#/chain",
    "6-train": "#/train?example={wrong}",
    "7-digits": "#/digits?example={wrong}",
    "8-check": "#/check?example={wrong}",
}


def costliest(outcomes: Outcomes) -> int:
    """The example that is wrong and costs most."""
    return next(int(i) for i in outcomes.order if outcomes.said[i] != outcomes.labels[i])


def train(session: Session, epochs: int) -> None:
    """Train for some epochs."""
    session.trainer.epochs(epochs).result()
    while session.trainer.facts["epoch"] <= epochs:
        time.sleep(0.05)


def take(browser: Browser, address: str, scheme: str, places: dict[str, str]) -> None:
    """A screenshot of each place."""
    page = browser.new_context(viewport=SIZE, color_scheme=scheme).new_page()
    page.goto(address)
    for name, place in places.items():
        page.evaluate("hash => { location.hash = hash }", place)
        settled(page)
        page.screenshot(path=FOLDER / f"{name}-{scheme}.png")


def settled(page: Page) -> None:
    """Wait until nothing is being computed and the curves are drawn."""
    expect(page.get_by_text("computing …")).to_have_count(0, timeout=30_000)
    page.wait_for_timeout(1_000)


def main() -> None:
    """Train, and take all of them."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    session, listening = Session(), listen(port=0)
    train(session, EPOCHS)
    server = Server(session, listening, page_files())
    thread = Thread(target=server.until_stopped)
    thread.start()
    try:
        wrong = costliest(session.outcomes(session.timeline.steps[-1]))
        places = {name: place.format(wrong=wrong) for name, place in PLACES.items()}
        with sync_playwright() as playwright:
            browser = playwright.chromium.launch(
                executable_path=shutil.which("chromium"), args=["--no-sandbox", "--disable-gpu"]
            )
            for scheme in ("light", "dark"):
                take(browser, listening.address(once=True), scheme, places)
            browser.close()
    finally:
        server.should_exit = True
        thread.join()
        session.close()


if __name__ == "__main__":
    main()
