"""The page of a text: marks, statements, parts, what is shown where the text is not held, and the ways from and to it."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest
import small_documents as t
import small_network as n
from flask import Flask, render_template_string
from flask.testing import FlaskClient

from graph.reader import OrganizationRef, PlaceRef, ProjectRef, TopicRef
from ingest.text import documents
from ingest.text.documents import Mark
from web.addresses import sentence_of, text_link
from web.pages.document import PART, TAGS, Nodes, Part, laid_out, part_starts, shown_marks
from web.site import derived
from web.words import confidence_name, language_of_text

REPORT = t.documents()[0]
PLANNED = REPORT.statements[1]


def page(client: FlaskClient, address: str) -> str:
    """The page without line breaks of the template between tags."""
    answer = client.get(address)
    assert answer.status_code == 200, address
    return answer.get_data(as_text=True).replace("\u00a0", " ")


def plain(html: str) -> str:
    """What a reader sees of it, blanks as they come."""
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", "", html))


@pytest.mark.parametrize(
    ("address", "texts"),
    [
        (
            f"/de/dokument/{t.REPORT}",
            (
                "Wasserstofftechnik Ruhr sucht Partner",
                "4. Mai 2026",
                "Beispielblatt",
                "https://www.beispiel.invalid/meldung",
                "Deutsch",
                "1. November 2026",
                "Wasserstofftechnik Ruhr GmbH nimmt am Projekt HEATH2 teil (Koordination)",
                "Wasserstofftechnik Ruhr GmbH arbeitet mit Beispielfirma 02 zusammen geplant",
                "Wasserstofftechnik Ruhr GmbH arbeitet am Thema Wasserstoff",
                "wahrscheinlich so gemeint",
                "sicher gelesen",
                "unsicher gelesen",
                "verneint, keine Kante",
                "Namen von Personen sind durch Punkte ersetzt",
                "S. 3",
                "Seite 3",
            ),
        ),
        (
            f"/en/document/{t.REPORT}",
            (
                "takes part in the project HEATH2 (Coordination)",
                "cooperates with Beispielfirma 02 planned",
                "German",
                "4 May 2026",
                "p. 2",
                "negated, no link",
                "Association/network",
                "hydrogen energy",
            ),
        ),
        (f"/de/dokument/{t.FOREIGN}", ("in einer anderen Sprache, weniger verlässlich gelesen", "brief.pdf", "2025", "keine Aussage")),
        (f"/de/dokument/{t.QUOTED_ONLY}", ("Der ganze Text liegt hier nicht vor", "Der erste Satz.", "Ein späterer Satz", "Alleinstehende Werkstatt GmbH")),
        (f"/en/document/{t.QUOTED_ONLY}", ("The whole text is not kept here", "Der erste Satz.")),
        (f"/de/dokument/{t.LONG}", ("Teil 1 von 2", "1 von 2, die dieses Teils", "ordner/lang.txt")),
        (f"/de/organisation/{n.CENTRE}", ("In Texten erwähnt", "Wasserstofftechnik Ruhr sucht Partner", "geplant")),
        (f"/en/organization/{t.RESEARCHERS}", ("planned",)),
        (f"/de/organisation/{n.LONELY}", ("In Texten erwähnt", "Nur zitiert", "1. Juni 2026")),
        (f"/de/organisation/{t.MEMBER}", ("Beteiligt an Beispielfirma 04 GmbH", "beendet", "Gefördert von Beispielfirma 04 GmbH")),
        (f"/en/organization/{t.NETWORK}", ("Members and participants Beispielfirma 03 GmbH", "ended", "Funds Beispielfirma 03 GmbH")),
        (f"/de/projekt/{n.TITLED}", ("In Texten erwähnt", "Wasserstofftechnik Ruhr sucht Partner")),
        (f"/en/topic/{n.TOPIC}", ("Mentioned in texts", "Wasserstofftechnik Ruhr sucht Partner")),
        (f"/de/beleg/{PLANNED.evidence}", ("Im nächsten Jahr will sie auch mit der Beispielfirma 02 zusammenarbeiten.", "Im Text zeigen")),
    ],
)
def test_page_says(client: FlaskClient, address: str, texts: tuple[str, ...]) -> None:
    seen = plain(page(client, address))
    assert [x for x in texts if x not in seen] == []


def test_pages_without_documents_do_not_speak_of_them(client: FlaskClient) -> None:
    for address in (f"/de/projekt/{n.NAMELESS}", f"/de/organisation/{n.SCRIPT}", f"/de/thema/{n.TOPIC_ABOVE}"):
        assert "In Texten erwähnt" not in page(client, address)


def test_newest_document_first(client: FlaskClient) -> None:
    html = page(client, f"/de/organisation/{n.CENTRE}")
    assert html.index("Wasserstofftechnik Ruhr sucht Partner</bdi>") < html.index("Un texte</bdi>")


@pytest.mark.parametrize(
    ("address", "status", "target"),
    [
        (f"/de/dokument/{t.REMOVED}", 410, ""),
        (f"/api/v1/documents/{t.REMOVED}", 410, ""),
        ("/de/dokument/text:0000000000000bad", 404, ""),
        ("/en/document/text:../../../etc/passwd", 404, ""),
        ("/api/v1/documents/nie", 404, ""),
        (f"/de/dokument/{n.CENTRE}", 301, f"/de/organisation/{n.CENTRE}"),
        (f"/de/organisation/{t.REPORT}", 301, f"/de/dokument/{t.REPORT}"),
    ],
)
def test_elsewhere_or_gone(client: FlaskClient, address: str, status: int, target: str) -> None:
    answer = client.get(address)
    assert answer.status_code == status
    if target:
        assert answer.headers["Location"].replace("%3A", ":") == target


def test_marks_lead_into_the_graph(client: FlaskClient) -> None:
    html = page(client, f"/de/dokument/{t.REPORT}")
    found = re.findall(r'<a class="mark mark-(\w+)" data-tag="\w+" href="([^"]+)"', html)
    assert {("COMPANY", f"/de/organisation/{n.CENTRE}"), ("PROJECT", f"/de/projekt/{n.TITLED}"), ("TOPIC", f"/de/thema/{n.TOPIC}")} <= set(found)
    assert ("PLACE", f"/de/ort/{n.OBERHAUSEN}") in found
    for _, address in set(found):
        assert client.get(address).status_code == 200
    # without a record, or with one that the graph does not know, a mark leads nowhere
    without = re.findall(r'<span class="mark mark-(\w+)" data-tag', html)
    assert sorted(without) == ["ASSOCIATION", "TOPIC", "UNIVERSITY"]
    assert html.count('<span class="hidden" lang="de"> (Unternehmen)</span>') == 4


def test_whole_text_stands_there_once(client: FlaskClient) -> None:
    html = page(client, f"/de/dokument/{t.REPORT}")
    words = re.search(r'<div class="words.*?</div>', html, re.DOTALL)
    assert words
    bare = re.sub(r'<span class="(hidden|page)".*?</span>', "", words[0])
    assert plain(bare).split() == REPORT.text.split()


def test_the_chosen_sentence_is_marked_without_script(client: FlaskClient) -> None:
    where = f"{PLANNED.start}-{PLANNED.end}"
    html = page(client, f"/de/dokument/{t.REPORT}")
    assert f'?sentence={where}#s-{PLANNED.start}"' in html
    assert "chosen" not in html
    html = page(client, f"/de/dokument/{t.REPORT}?sentence={where}")
    marked = re.findall(r'<span class="said chosen" data-said="([^"]*)">(.*?)</span>(?=[<\s]|\w)', html, re.DOTALL)
    assert [m[0] for m in marked] == [where]
    assert html.count('aria-current="true"') == 1
    assert f'id="s-{PLANNED.start}"' in html
    assert f'id="c-{PLANNED.start}"' in html


def test_list_statements_mark_heading_and_line(client: FlaskClient) -> None:
    """Two statements begin at the same heading: each has its own sentence, ids stay single."""
    one, two = REPORT.statements[3:5]
    assert one.start == two.start
    html = page(client, f"/de/dokument/{t.REPORT}?sentence={two.start}-{two.end}")
    ids = re.findall(r' id="([^"]+)"', html)
    assert len(ids) == len(set(ids))
    chosen = re.findall(r'class="said chosen" data-said="([^"]*)"', html)
    assert chosen == [f"{one.start}-{one.end} {two.start}-{two.end}", f"{two.start}-{two.end}"]


def test_negated_statements_are_struck_and_prove_nothing(client: FlaskClient) -> None:
    html = page(client, f"/de/dokument/{t.REPORT}")
    item = re.search(r'<li class="negated.*?</li>', html, re.DOTALL)
    assert item
    assert "<s>" in item[0]
    assert "/de/beleg/" not in item[0]


def test_evidence_leads_to_its_place_in_the_text(client: FlaskClient) -> None:
    html = page(client, f"/de/beleg/{PLANNED.evidence}?of={n.CENTRE}")
    found = re.search(rf'href="(/de/dokument/{t.REPORT}\?sentence=[^"]+)"', html)
    assert found
    assert found[1].endswith(f"sentence={PLANNED.start}-{PLANNED.end}#c-{PLANNED.start}")
    assert 'class="said chosen"' in page(client, found[1])
    assert "Im Text zeigen" not in page(client, f"/de/beleg/{n.EVIDENCE}")
    assert 'href="https://www.beispiel.invalid/meldung"' in html


def test_legend_hides_without_script(client: FlaskClient) -> None:
    html = page(client, f"/de/dokument/{t.REPORT}?hide=COMPANY&hide=unfug")
    assert 'value="COMPANY" checked' in html
    assert "unfug" not in html.split("<main")[1]
    off = re.findall(r'<a class="mark mark-COMPANY off" data-tag="COMPANY" data-href="[^"]+"', html)
    assert len(off) == 4
    assert not re.search(r'mark-COMPANY( off)?" data-tag="COMPANY" href=', html)
    assert f"hide=COMPANY#s-{PLANNED.start}" in html


def test_parts_of_a_long_text(client: FlaskClient) -> None:
    second = page(client, f"/de/dokument/{t.LONG}?part=2")
    assert "Teil 2 von 2" in second
    assert page(client, f"/de/dokument/{t.LONG}?part=99").count("Teil 2 von 2") == 1
    late = next(d for d in t.documents() if d.id == t.LONG).statements[1]
    html = page(client, f"/de/dokument/{t.LONG}?sentence={late.start}-{late.end}")
    assert "Teil 2 von 2" in html
    assert 'class="said chosen"' in html


@pytest.mark.parametrize("sentence", ["", "x", "5-2", "-1-3", "0-99999999", "999999999999-9999999999999", "3-3", "1-2-3", "²-³"])
def test_odd_sentences_in_the_address(client: FlaskClient, sentence: str) -> None:
    html = client.get(f"/de/dokument/{t.REPORT}", query_string={"sentence": sentence, "part": sentence})
    assert html.status_code == 200
    assert "said chosen" not in html.get_data(as_text=True)


def test_hostile_texts_and_persons(client: FlaskClient) -> None:
    html = page(client, f"/de/dokument/{t.HOSTILE}")
    assert "<script>alert" not in html
    assert "<b>Söhne" not in html
    assert 'href="javascript' not in html
    assert "mark-PERSON" not in html
    assert not re.search(r"<style|style=|<script(?![^>]*\ssrc=)|\son[a-z]+=", html)
    assert not [m for m in client.get(f"/api/v1/documents/{t.HOSTILE}").get_json()["marks"] if m["tag"] == "PERSON"]


def test_damaged_file_leaves_the_sentences(client: FlaskClient, app: Flask) -> None:
    home = app.extensions["innonet"].settings.home
    path = documents.folder(home) / "meldungen" / f"{t.FOREIGN.removeprefix('text:')}.json.gz"
    whole = path.read_bytes()
    try:
        path.write_bytes(whole[:50])
        html = page(client, f"/de/dokument/{t.FOREIGN}")
    finally:
        path.write_bytes(whole)
    assert "Der ganze Text liegt hier nicht vor" in html
    assert str(home) not in html


def test_documents_are_not_in_the_search(client: FlaskClient) -> None:
    found = client.get("/api/v1/search?q=Wasserstofftechnik Ruhr sucht Partner").get_json()
    assert all(h["label"] != "Document" for h in found["items"])


class TestProgramInterface:
    def test_held(self, client: FlaskClient) -> None:
        found = client.get(f"/api/v1/documents/{t.REPORT}").get_json()
        assert (found["held"], found["text"], found["date"], found["retrieved"]) == (True, REPORT.text, "2026-05-04", "2026-11-01")
        assert [found["text"][m["start"] : m["end"]] for m in found["marks"]][:2] == ["Wasserstofftechnik Ruhr GmbH", "Oberhausen"]
        assert [s["status"] for s in found["statements"]] == ["running", "planned", "running", "running", "uncertain", "negated"]
        assert found["pages"][0] == {"number": 1, "start": 0}
        assert {m["id"] for m in found["mentions"]} == {n.CENTRE, n.TITLED, n.TOPIC}

    def test_organization(self, client: FlaskClient) -> None:
        found = client.get(f"/api/v1/organizations/{t.MEMBER}").get_json()
        assert [(o["id"], o["status"], o["roles"]) for o in found["memberships"]] == [(t.NETWORK, "ended", ["participant"])]
        assert [o["id"] for o in found["funders"]] == [t.NETWORK]
        assert (found["members"], found["funded"]) == ([], [])
        assert client.get(f"/api/v1/organizations/{n.LONELY}").get_json()["documents"][0]["title"] == "Nur zitiert"

    def test_not_held(self, client: FlaskClient) -> None:
        found = client.get(f"/api/v1/documents/{t.QUOTED_ONLY}").get_json()
        assert (found["held"], found["text"], found["marks"], found["statements"]) == (False, None, [], [])
        assert [(s["start"], s["end"]) for s in found["sentences"]] == [(0, 15), (100, 130)]


def layout(app: Flask, text: str, marks: tuple[Mark, ...] = (), **more: object) -> Part:
    d = replace(t.stored("text:1", text), marks=marks)
    with app.test_request_context("/de/"):
        return laid_out(d, Nodes(derived()), **{"number": 1, "chosen": None, "cited": (), **more})  # type: ignore[arg-type]


def written(part: Part) -> list[str]:
    return ["".join(p.text for run in paragraph for p in run.pieces) for paragraph in part.paragraphs]


@pytest.mark.parametrize(
    ("text", "paragraphs"),
    [
        ("", []),
        ("\n\n", []),
        ("Wort", ["Wort"]),
        ("a\nb\n\nc", ["a\nb", "c"]),
        ("\n\na\n\n\n\nb\n\n", ["a", "b"]),
    ],
)
def test_paragraphs(app: Flask, text: str, paragraphs: list[str]) -> None:
    assert written(layout(app, text)) == paragraphs


@pytest.mark.parametrize(
    ("cited", "runs"),
    [
        ([], [("abcdefghij", "")]),
        ([(0, 10)], [("abcdefghij", "0-10")]),
        ([(2, 4)], [("ab", ""), ("cd", "2-4"), ("efghij", "")]),
        ([(0, 6), (4, 8)], [("abcd", "0-6"), ("ef", "0-6 4-8"), ("gh", "4-8"), ("ij", "")]),
        ([(0, 3), (0, 6)], [("abc", "0-3 0-6"), ("def", "0-6"), ("ghij", "")]),
        ([(0, 5)], [("abcde", "0-5"), ("fghij", "")]),
        ([(99, 120)], [("abcdefghij", "")]),
    ],
)
def test_sentences_that_overlap(app: Flask, cited: list[tuple[int, int]], runs: list[tuple[str, str]]) -> None:
    (paragraph,) = layout(app, "abcdefghij", cited=cited).paragraphs
    assert [("".join(p.text for p in r.pieces), " ".join(r.said)) for r in paragraph] == runs


def test_a_sentence_that_ends_within_a_mark_holds_it_whole(app: Flask) -> None:
    (paragraph,) = layout(app, "abcdefghij", (Mark(3, 7, "COMPANY", ""),), cited=[(1, 5)]).paragraphs
    assert [("".join(p.text for p in r.pieces), r.said) for r in paragraph] == [("a", ()), ("bcdefg", ("1-5",)), ("hij", ())]


@pytest.mark.parametrize(
    ("marks", "shown"),
    [
        ([(0, 5, "TOPIC"), (0, 9, "COMPANY")], [(0, 9)]),
        ([(0, 3, "COMPANY"), (0, 9, "COMPANY")], [(0, 9)]),
        ([(0, 3, "COMPANY"), (3, 6, "TOPIC")], [(0, 3), (3, 6)]),
        ([(0, 3, "PERSON"), (4, 6, "SOMETHING")], []),
        ([(-2, 3, "COMPANY"), (5, 5, "COMPANY"), (6, 4, "COMPANY"), (8, 99, "COMPANY")], []),
        ([(8, 13, "COMPANY")], []),  # over the end of a paragraph
    ],
)
def test_marks_that_can_stand_side_by_side(marks: list[tuple[int, int, str]], shown: list[tuple[int, int]]) -> None:
    d = replace(t.stored("text:1", "abcdefghij\n\nklm"), marks=tuple(Mark(a, b, tag, "") for a, b, tag in marks))
    assert [(m.start, m.end) for m in shown_marks(d, 0, len(d.text))] == shown


@pytest.mark.parametrize(
    "text",
    ["", "kurz", "x" * (2 * PART + 5), "Wort " * PART, "Zeile\n" * PART, "Absatz und mehr.\n\n" * PART],
    ids=["empty", "short", "no blank", "words", "lines", "paragraphs"],
)
def test_parts_cover_the_text(text: str) -> None:
    starts = part_starts(text)
    assert starts[0] == 0
    assert all(0 < b - a <= PART for a, b in zip(starts, [*starts[1:], len(text)], strict=True)) or len(text) == 0
    assert text.endswith(("5", "x")) or all(text[s - 1] in "\n " for s in starts[1:])


def test_page_number_of_a_part_that_begins_within_a_page(app: Flask) -> None:
    d = replace(t.stored("text:1", "Wort " * PART), pages=((7, 0), (8, 4 * PART)))
    with app.test_request_context("/de/"):
        part = laid_out(d, Nodes(derived()), number=2, chosen=None, cited=())
    assert part.paragraphs[0][0].pieces[0].page == 7


@pytest.mark.parametrize(
    ("id_", "place"),
    [
        ("text:00ff00ff00ff00ff:12-34", ("text:00ff00ff00ff00ff", 12, 34)),
        ("text:00ff00ff00ff00ff", None),
        ("text:00ff:12", None),
        ("cordis:1:1001", None),
        ("text:00ff:12-34:56", None),
        ("text:00/ff:12-34", None),
        ("", None),
    ],
)
def test_sentence_of(id_: str, place: tuple[str, int, int] | None) -> None:
    assert sentence_of(id_) == place


@pytest.mark.parametrize(
    ("text", "link"),
    [("https://a.de/x", "https://a.de/x"), ("HTTP://a.de", "HTTP://a.de"), ("bericht.pdf", ""), ("javascript:alert(1)", ""), ("ordner/a.de", ""), ("", "")],
)
def test_text_link(text: str, link: str) -> None:
    assert text_link(text) == link


def test_words(app: Flask) -> None:
    with app.test_request_context("/de/"):
        assert [confidence_name(c) for c in (1.0, 0.85, 0.84, 0.6, 0.59, 0.0)] == [
            "sicher gelesen",
            "sicher gelesen",
            "wahrscheinlich so gemeint",
            "wahrscheinlich so gemeint",
            "unsicher gelesen",
            "unsicher gelesen",
        ]
        assert [language_of_text(c) for c in ("de", "en", "")] == ["Deutsch", "Englisch", "unbekannt"]
    assert len(TAGS) == 8


@pytest.mark.parametrize(
    ("call", "item"),
    [
        ("m.organizations([x])", OrganizationRef("cordis:org:1", "A")),
        ("m.projects([x])", ProjectRef("cordis:grant:1", "A")),
        ("m.topics([x])", TopicRef("euroscivoc:1", "A")),
        ("m.places([x])", PlaceRef("place:1", "A")),
    ],
)
@pytest.mark.parametrize(("status", "word"), [("", ""), ("running", ""), ("planned", "geplant"), ("ended", "beendet"), ("uncertain", "unsicher")])
def test_only_links_that_do_not_run_say_their_status(app: Flask, call: str, item: object, status: str, word: str) -> None:
    with app.test_request_context("/de/"):
        html = render_template_string(
            '{% import "parts/macros.html" as m with context %}{{ ' + call + " }}",
            x=replace(item, status=status),  # type: ignore[type-var]
        )
    assert re.findall(r'<span class="tag">(\w+)</span>', html) == ([word] if word else [])
