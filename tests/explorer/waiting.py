"""Waiting until a page stands: until no question of it is on its way, and what came is drawn."""

from __future__ import annotations

from playwright.sync_api import Page

# Counts the questions whose answers have not arrived as a whole
COUNTING = """(() => {
    const native = window.fetch.bind(window);
    const counted = async (promise) => {
        globalThis.questions += 1;
        try {
            return await promise;
        } finally {
            globalThis.questions -= 1;
        }
    };
    globalThis.questions = 0;
    window.fetch = (...asked) => counted(native(...asked).then((response) => {
        const body = response.arrayBuffer.bind(response);
        response.arrayBuffer = () => counted(body());
        return response;
    }));
})()"""
_CALM = "() => (globalThis.calm = globalThis.questions ? 0 : globalThis.calm + 1) > 5"  # frames


def at_rest(page: Page) -> Page:
    """The page, when nothing is on its way that could change it; an answer may ask the next."""
    page.evaluate("globalThis.calm = 0")
    page.wait_for_function(_CALM)
    return page
