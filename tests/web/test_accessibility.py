"""Every page of the site, as axe sees it, in light and dark, wide and narrow; what people with a keyboard and a magnifier need."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from example_addresses import EXAMPLES, NO_PAGE
from flask import Flask, url_for
from playwright.sync_api import Browser, Page

from graph.accounts import Accounts
from graph.settings import Settings
from graph.state import State
from web.pages import ADDRESSES

AXE = Path(__file__).resolve().parents[1] / "vendor" / "axe-core" / "axe.min.js"
PASSWORD = "ein langes Passwort"


@pytest.fixture(scope="module")
def page(browser: Browser, address: str, site_settings: Settings) -> Iterator[Page]:
    """A browser in which somebody is logged in who may see everything."""
    Accounts(State(site_settings.home)).add("seer", PASSWORD, "admin", by="test")
    context = browser.new_context(base_url=address, viewport={"width": 1280, "height": 900}, locale="de-DE")
    view = context.new_page()
    view.goto("/de/anmelden")
    view.locator("input[name=name]").fill("seer")
    view.locator("input[name=password]").fill(PASSWORD)
    view.locator("main button[type=submit]").click()
    view.add_init_script(AXE.read_text(encoding="utf-8"))
    yield view
    context.close()


def test_every_page_has_an_example() -> None:
    missing = sorted(set(ADDRESSES) - set(EXAMPLES) - NO_PAGE)
    assert not missing, f"tests/web/example_addresses.py: please add an address of {', '.join(missing)}"
    assert not (set(EXAMPLES) | NO_PAGE) - set(ADDRESSES)


@pytest.mark.parametrize("name", sorted(set(EXAMPLES) - {"login"}))
def test_a_page_is_for_everybody(app: Flask, page: Page, name: str) -> None:
    with app.test_request_context():
        path = url_for(f"pages.{name}", lang="de", **EXAMPLES[name])
    look(page, path)
    assert page.title() not in ("", "innonet") or name == "start"


def test_the_login_is_for_everybody(browser: Browser, address: str) -> None:
    context = browser.new_context(base_url=address, locale="de-DE")
    view = context.new_page()
    view.add_init_script(AXE.read_text(encoding="utf-8"))
    look(view, "/de/anmelden")
    context.close()


def look(page: Page, path: str) -> None:
    """Light at 1280 pixels, then dark at 320: axe, one heading of the first order, nothing wider than the screen, nothing moves."""
    page.emulate_media(color_scheme="light", reduced_motion="reduce")
    page.set_viewport_size({"width": 1280, "height": 900})
    answer = page.goto(path)
    assert answer is not None
    assert answer.status == 200, path
    assert page.locator("h1").count() == 1
    found = {"light, wide": _violations(page)}
    page.emulate_media(color_scheme="dark", reduced_motion="reduce")
    page.set_viewport_size({"width": 320, "height": 800})  # as 1280 pixels at 400 %
    found["dark, 320 pixels"] = _violations(page)
    assert {k: v for k, v in found.items() if v} == {}
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), "the page is wider than 320 pixels"
    moving = "[...document.getAnimations()].filter(a => a.playState === 'running').length"
    assert page.evaluate(moving) == 0, "something moves although less motion was asked for"


def _violations(page: Page) -> list[str]:
    found: list[str] = page.evaluate(
        "axe.run({ resultTypes: ['violations'] }).then(r => r.violations.map(v => v.id + ' ' + v.nodes.map(n => n.html).join(' | ')))"
    )
    return found


def test_keyboard_leads_past_the_menu_and_shows_where_it_is(page: Page) -> None:
    page.set_viewport_size({"width": 1280, "height": 900})
    page.goto("/de/suche?q=Oberhausen")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.className") == "skip"
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    assert page.evaluate("document.getElementById('main').contains(document.activeElement)")
    seen = set()
    for _ in range(12):
        style = page.evaluate("(s => [s.outlineStyle, parseFloat(s.outlineWidth)])(getComputedStyle(document.activeElement))")
        assert style[0] != "none", "the focus cannot be seen"
        assert style[1] >= 1
        seen.add(page.evaluate("document.activeElement.outerHTML"))
        page.keyboard.press("Tab")
    assert len(seen) > 8
