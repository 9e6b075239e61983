"""The site in a real browser: the walk from the search to the proof, both languages, two widths, with and without script."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import small_documents as t
import small_network as n
from playwright.sync_api import Browser, BrowserContext, Page, expect

AXE = Path(__file__).resolve().parents[1] / "vendor" / "axe-core" / "axe.min.js"
WIDTHS = {"desktop": (1280, 900), "phone": (390, 844)}
WORDS = {
    "de": {
        "start": "/de/",
        "organization": "/de/organisation/",
        "evidence": "/de/beleg/",
        "reasons": "Gründe mit Belegen",
        "large": "Groß zeigen, mit Tabelle",
        "of": "von",
        "document": "/de/dokument/",
        "cooperations": "Genannte Kooperationen",
        "planned": "geplant",
        "show": "Im Text zeigen",
    },
    "en": {
        "start": "/en/",
        "organization": "/en/organization/",
        "evidence": "/en/evidence/",
        "reasons": "Reasons with evidence",
        "large": "Show large, with a table",
        "of": "of",
        "document": "/en/document/",
        "cooperations": "Stated cooperations",
        "planned": "planned",
        "show": "Show in the text",
    },
}
PLANNED = t.documents()[0].statements[1]
SENTENCE = f"{PLANNED.start}-{PLANNED.end}"
PAGES = (
    "/de/",
    "/de/suche?q=e",
    f"/de/organisation/{n.CENTRE}",
    f"/en/organization/{n.LONELY}",
    f"/de/organisation/{n.SCRIPT}",
    f"/de/projekte-von/{n.INSTITUTE}",
    f"/de/partner-von/{n.INSTITUTE}",
    f"/de/partner-von/{n.INSTITUTE}?parts=1&page=3",
    f"/de/organisation/{n.INSTITUTE}?parts=1",
    f"/en/suggestions/{n.INSTITUTE}?parts=1",
    f"/de/verbindung?a={n.INSTITUTE}&b={n.NEIGHBOUR}&parts=1",
    f"/de/vorschlaege/{n.CENTRE}",
    f"/de/netzwerk/{n.CENTRE}?steps=2",
    f"/de/verbindung?a={n.CENTRE}&b={n.INSTITUTE}",
    f"/de/projekt/{n.TITLED}",
    f"/en/topic/{n.TOPIC}",
    f"/de/ort/{n.RUHR}",
    f"/de/beleg/{n.EVIDENCE}?of={n.CENTRE}",
    f"/de/dokument/{t.REPORT}?sentence={SENTENCE}&hide=PLACE",
    f"/en/document/{t.QUOTED_ONLY}",
    f"/de/dokument/{t.HOSTILE}",
    f"/de/beleg/{t.REPORT}:{SENTENCE}",
    "/de/quellen",
    f"/de/fehler-melden?id={n.CENTRE}",
    "/en/privacy",
    "/de/gibt-es-nicht",
)

MEANT = re.compile(r"status of 404", re.IGNORECASE)
"""What the browser says about the pages that are asked for although they do not exist."""

Opener = Callable[..., Page]


@pytest.fixture
def open_page(browser: Browser, address: str) -> Iterator[Opener]:
    """Open a page of the site; at the end: no console error or warning, no exception, no request to another host."""
    contexts: list[BrowserContext] = []
    bad: list[str] = []

    def opened(path: str, *, width: str = "desktop", **options: Any) -> Page:
        w, h = WIDTHS[width]
        context = browser.new_context(base_url=address, viewport={"width": w, "height": h}, **options)
        contexts.append(context)
        context.set_default_timeout(20_000)
        page = context.new_page()
        page.on(
            "console",
            lambda m: bad.append(f"console {m.type}: {m.text}") if m.type in ("error", "warning") and not MEANT.search(m.text) else None,
        )
        page.on("pageerror", lambda e: bad.append(f"exception: {e}"))
        page.on("request", lambda r: bad.append(f"other host: {r.url}") if not r.url.startswith((address, "data:")) else None)
        page.goto(path)
        return page

    yield opened
    for context in contexts:
        context.close()
    assert bad == []


def drawn(page: Page) -> int:
    """Wait for the picture; number of its nodes."""
    box = page.locator("[data-network]")
    expect(box).to_have_attribute("data-ready", re.compile(r"^\d+$"))
    return int(box.get_attribute("data-ready") or 0)


@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("lang", WORDS)
def test_walk_from_search_to_evidence(open_page: Opener, lang: str, width: str) -> None:
    words = WORDS[lang]
    page = open_page(words["start"], width=width)
    page.get_by_role("combobox").fill("wasserstofft")
    page.get_by_role("option").filter(has_text="Wasserstofftechnik Ruhr GmbH").click()
    page.wait_for_url(f"**{words['organization']}*")
    expect(page.get_by_role("heading", level=1)).to_have_text("Wasserstofftechnik Ruhr GmbH")
    assert drawn(page) > 10
    page.get_by_role("link", name=words["large"]).click()
    shown = drawn(page) - 1
    expect(page.locator("#shown")).to_contain_text(f"{shown} {words['of']} ")
    expect(page.locator("#table tbody tr:visible")).to_have_count(shown)
    page.locator("main .over a").click()
    page.get_by_role("link", name=words["reasons"]).first.click()
    page.locator(".suggestions > li").first.locator(".proofs a").first.click()
    page.wait_for_url(f"**{words['evidence']}**")
    expect(page.locator("table.quote tbody tr").first).to_be_visible()
    page.locator("main .over a").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Wasserstofftechnik Ruhr GmbH")
    page.locator("header nav a[hreflang]").click()
    expect(page.locator("html")).to_have_attribute("lang", "en" if lang == "de" else "de")
    expect(page.get_by_role("heading", level=1)).to_have_text("Wasserstofftechnik Ruhr GmbH")


@pytest.mark.parametrize("path", PAGES)
def test_no_barriers(open_page: Opener, path: str) -> None:
    """axe finds nothing, in light and dark, wide and narrow; nothing is wider than the screen, down to 320 pixels."""
    page = open_page(path, bypass_csp=True)
    found = []
    for scheme, width in (("light", 1280), ("dark", 1280), ("light", 390)):
        page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
        page.set_viewport_size({"width": width, "height": 900})
        page.evaluate("document.querySelectorAll('details').forEach(d => { d.open = true })")
        page.evaluate(AXE.read_text(encoding="utf-8"))
        result = page.evaluate("axe.run({ resultTypes: ['violations'] })")
        found += [(scheme, width, v["id"], v["nodes"][0]["html"][:200]) for v in result["violations"]]
    assert found == []
    page.set_viewport_size({"width": 320, "height": 700})
    assert page.evaluate("document.documentElement.scrollWidth") <= 320


@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("lang", WORDS)
def test_walk_from_an_edge_to_its_sentence_in_the_text(open_page: Opener, lang: str, width: str) -> None:
    """Why this edge: cooperation, evidence, the sentence in its text, a name there, and back by the list of texts."""
    words = WORDS[lang]
    page = open_page(f"{words['organization']}{n.CENTRE}", width=width)
    row = page.get_by_role("region", name=words["cooperations"]).locator("li")
    expect(row.locator(".tag")).to_have_text(words["planned"])
    row.locator(".proofs a").click()
    expect(page.locator("blockquote")).to_contain_text("Im nächsten Jahr")
    page.get_by_role("link", name=words["show"]).click()
    page.wait_for_url(f"**{words['document']}{t.REPORT}?sentence={SENTENCE}#c-{PLANNED.start}")
    chosen = page.locator(".said.chosen")
    expect(chosen).to_have_count(1)
    expect(chosen).to_contain_text("zusammenarbeiten")
    expect(chosen).to_be_in_viewport()
    page.locator(".words a.mark-PROJECT").first.click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("Wasserstoff aus Abwärme")
    page.get_by_role("link", name="Wasserstofftechnik Ruhr sucht Partner").click()
    expect(page.locator(".said.chosen .mark-PROJECT")).to_be_in_viewport()
    page.locator("header nav a[hreflang]").click()
    expect(page.locator("html")).to_have_attribute("lang", "en" if lang == "de" else "de")
    expect(page.locator(".said.chosen .mark-PROJECT")).to_be_visible()


def test_document_statements_mark_their_sentence(open_page: Opener) -> None:
    page = open_page(f"/de/dokument/{t.REPORT}", width="phone")
    shows = page.get_by_role("link", name="Satz zeigen")
    expect(page.locator(".said.chosen")).to_have_count(0)
    shows.nth(1).focus()
    page.keyboard.press("Enter")
    chosen = page.locator(".said.chosen")
    expect(chosen).to_have_count(1)
    expect(chosen).to_contain_text("Im nächsten Jahr")
    expect(chosen).to_be_focused()
    expect(chosen).to_be_in_viewport()
    expect(shows.nth(1)).to_have_attribute("aria-current", "true")
    assert page.url.endswith(f"?sentence={SENTENCE}#s-{PLANNED.start}")
    page.keyboard.press("Tab")  # on to the first name of the sentence
    expect(chosen.locator("a.mark").first).to_be_focused()
    shows.nth(0).click()
    expect(chosen).to_contain_text("leitet das Projekt")
    expect(page.locator("[aria-current=true]")).to_have_count(1)
    page.reload()
    expect(chosen).to_contain_text("leitet das Projekt")


def test_document_legend_by_keyboard_and_the_address_keeps_it(open_page: Opener) -> None:
    page = open_page(f"/de/dokument/{t.REPORT}?sentence={SENTENCE}#s-{PLANNED.start}")
    marks = page.locator("a.mark-COMPANY")
    expect(marks.first).to_have_attribute("href", re.compile("organisation"))
    box = page.get_by_label("Unternehmen")
    box.focus()
    page.keyboard.press("Space")
    expect(page.locator("a.mark-COMPANY.off")).to_have_count(4)
    expect(page.locator("a.mark-COMPANY[href]")).to_have_count(0)
    assert f"sentence={SENTENCE}&hide=COMPANY#s-{PLANNED.start}" in page.url
    page.reload()
    expect(box).to_be_checked()
    expect(page.locator("a.mark-COMPANY[href]")).to_have_count(0)
    box.uncheck()
    expect(page.locator("a.mark-COMPANY[href]")).to_have_count(4)
    assert "hide" not in page.url
    marks.nth(1).click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Wasserstofftechnik Ruhr GmbH")


def test_document_without_script(open_page: Opener) -> None:
    page = open_page(f"/de/dokument/{t.REPORT}", java_script_enabled=False)
    page.get_by_role("link", name="Satz zeigen").nth(1).click()
    expect(page.locator(".said.chosen")).to_contain_text("Im nächsten Jahr")
    page.get_by_label("Forschung").check()
    page.get_by_role("button", name="Anwenden").click()
    expect(page.locator(".mark-RESEARCH.off")).to_have_count(1)
    expect(page.locator(".said.chosen")).to_contain_text("Im nächsten Jahr")


def test_search_by_keyboard(open_page: Opener) -> None:
    page = open_page("/de/")
    page.keyboard.press("Tab")
    expect(page.locator(".skip")).to_be_focused()
    box = page.get_by_role("combobox")
    box.focus()
    page.keyboard.type("beispielfirma")
    expect(page.get_by_role("option")).to_have_count(8)
    expect(box).to_have_attribute("aria-expanded", "true")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowDown")
    second = page.get_by_role("option").nth(1)
    expect(second).to_have_attribute("aria-selected", "true")
    assert box.get_attribute("aria-activedescendant") == second.get_attribute("id")
    name = second.locator("b").inner_text()
    page.keyboard.press("Escape")
    expect(box).to_have_attribute("aria-expanded", "false")
    page.keyboard.press("ArrowDown")
    expect(page.get_by_role("option")).to_have_count(8)
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text(name)


def test_enter_without_a_choice_shows_all_results(open_page: Opener) -> None:
    page = open_page("/de/")
    page.get_by_role("combobox").fill("beispielfirma")
    expect(page.get_by_role("option").first).to_be_visible()
    page.keyboard.press("Enter")
    page.wait_for_url("**/de/suche?q=beispielfirma")
    expect(page.locator("main [role=status]")).to_contain_text("60 Treffer")


def test_late_answers_do_not_replace_newer_ones(open_page: Opener) -> None:
    page = open_page("/de/")
    box = page.get_by_role("combobox")
    box.fill("beispielfirma 1")
    box.fill("institut f")
    expect(page.get_by_role("option").first).to_contain_text("Institut für Energiespeicher")
    page.wait_for_load_state("networkidle")
    expect(page.get_by_role("option").first).to_contain_text("Institut für Energiespeicher")
    box.fill("")
    expect(box).to_have_attribute("aria-expanded", "false")


def test_hostile_names_in_the_search(open_page: Opener) -> None:
    page = open_page("/de/")
    page.get_by_role("combobox").fill("script alert")
    expect(page.get_by_role("option").first.locator("b")).to_have_text(n.SCRIPT_NAME)
    page.get_by_role("option").first.click()
    expect(page.get_by_role("heading", level=1)).to_have_text(n.SCRIPT_NAME)


def test_network_legend_filters_and_the_address_keeps_it(open_page: Opener) -> None:
    page = open_page(f"/de/netzwerk/{n.INSTITUTE}")
    everybody = drawn(page) - 1
    page.get_by_label("Unternehmen").check()
    rows = page.locator("#table tbody tr:visible")
    fewer = rows.count()
    assert 0 < fewer < everybody
    expect(page.locator("#table tr[data-kind=Company]:visible")).to_have_count(0)
    expect(page.locator("#shown")).to_contain_text(f"{fewer} von {everybody}")
    assert "hide=Company" in page.url
    page.reload()
    drawn(page)
    expect(page.get_by_label("Unternehmen")).to_be_checked()
    expect(rows).to_have_count(fewer)
    page.get_by_label("Umgebung").select_option("2")
    page.wait_for_url("**steps=2**")
    assert "hide=Company" in page.url


def test_network_picture_by_mouse_and_keyboard(open_page: Opener) -> None:
    page = open_page(f"/de/netzwerk/{n.INSTITUTE}")
    drawn(page)
    picture = page.locator("#picture")
    picture.focus()
    page.keyboard.press("ArrowRight")
    selected = page.locator("#selected")
    expect(selected).not_to_contain_text("Ein Klick öffnet")
    name = selected.inner_text()
    page.keyboard.press("ArrowRight")
    expect(selected).not_to_have_text(name)
    page.keyboard.press("ArrowLeft")
    expect(selected).to_have_text(name)
    page.keyboard.press("Enter")
    page.wait_for_url("**/de/organisation/**")
    heading = page.get_by_role("heading", level=1).inner_text()
    assert name.startswith(heading)
    page.go_back()
    drawn(page)
    picture.focus()
    page.keyboard.press("ArrowRight")  # moves this node into the middle of the picture
    expect(selected).to_have_text(name)
    box = picture.bounding_box()
    assert box
    page.mouse.click(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    page.wait_for_url("**/de/organisation/**")
    expect(page.get_by_role("heading", level=1)).to_have_text(heading)


def test_network_table_by_keyboard(open_page: Opener) -> None:
    page = open_page(f"/de/netzwerk/{n.CENTRE}")
    drawn(page)
    link = page.locator("#table tbody a").first
    name = link.inner_text()
    page.locator(".tablebox").focus()
    page.keyboard.press("Tab")
    expect(link).to_be_focused()
    expect(page.locator("#table tr.marked")).to_have_count(1)
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text(name)


def test_network_that_cannot_be_loaded_says_so(open_page: Opener) -> None:
    page = open_page("/de/quellen")
    page.route("**/network?*", lambda route: route.fulfill(status=404, json={}))
    page.goto(f"/de/netzwerk/{n.CENTRE}")
    expect(page.locator(".failed")).to_contain_text("Die Tabelle hat denselben Inhalt")


def test_all_without_script(open_page: Opener) -> None:
    page = open_page("/de/", java_script_enabled=False)
    page.get_by_label("Organisation, Projekt, Thema oder Ort suchen").fill("wasserstofftechnik")
    page.get_by_role("button", name="Suchen").click()
    page.get_by_role("link", name="Unternehmen").click()
    page.get_by_role("link", name="Wasserstofftechnik Ruhr GmbH").click()
    expect(page.locator(".suggestions > li").first).to_be_visible()
    page.get_by_role("link", name="Groß zeigen, mit Tabelle").click()
    before = page.locator("#table tbody tr:visible").count()
    page.get_by_label("Unternehmen").check()
    page.get_by_role("button", name="Anwenden").click()
    assert 0 < page.locator("#table tbody tr:visible").count() < before


def test_exported_picture_stands_alone(open_page: Opener, browser: Browser, tmp_path: Path) -> None:
    page = open_page(f"/de/netzwerk/{n.CENTRE}")
    with page.expect_download() as download:
        page.get_by_role("link", name="Bild als Datei").click()
    file = tmp_path / "network.html"
    download.value.save_as(file)
    context = browser.new_context(offline=True)
    asked: list[str] = []
    alone = context.new_page()
    alone.on("request", lambda r: asked.append(r.url))
    alone.on("pageerror", lambda e: asked.append(str(e)))
    alone.goto(file.as_uri())
    expect(alone.locator("#network canvas")).to_be_visible()
    context.close()
    assert asked == [file.as_uri()]


def test_panning_stays_quick(open_page: Opener) -> None:
    """Frames while dragging a picture of all there is; 1,000 nodes are measured by bench/."""
    page = open_page(f"/de/netzwerk/{n.INSTITUTE}?steps=2&limit=1000")
    start = time.monotonic()
    drawn(page)
    assert time.monotonic() - start < 10
    box = page.locator("#picture").bounding_box()
    assert box
    page.mouse.move(box["x"] + 5, box["y"] + 5)
    page.mouse.down()
    slowest = page.evaluate(
        """() => new Promise(done => { let last = performance.now(), worst = 0, n = 0;
           const tick = now => { worst = Math.max(worst, now - last); last = now; if (++n < 20) requestAnimationFrame(tick); else done(worst); };
           requestAnimationFrame(tick); })"""
    )
    page.mouse.move(box["x"] + 200, box["y"] + 100, steps=10)
    page.mouse.up()
    assert slowest < 1000
