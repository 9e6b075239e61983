"""What is understood of a newcomer's words: topics with the words that say so, place, language; and what is not."""

from __future__ import annotations

import time
from collections.abc import Iterator

import pytest

from graph.derive import Feed, build
from graph.derived import Derived
from graph.errors import UsageError
from graph.model import Kind
from graph.suggest import suggest
from ingest.newcomer import LONGEST, understand
from ingest.text.telling import telling

HYDROGEN, MATERIALS, WATER = "euroscivoc:1691", "euroscivoc:63", "euroscivoc:9999999"


@pytest.fixture(scope="module")
def derived(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Derived]:
    feed = Feed(
        organizations=[
            ("x:a", {"name": "Muster Wasserstoff GmbH", "country": "DE"}, Kind.COMPANY),
            ("x:b", {"name": "Institut für Werkstoffe Musterstadt", "country": "DE"}, Kind.RESEARCH),
            ("x:c", {"name": "Musterbäckerei GmbH", "country": "DE"}, Kind.COMPANY),
            ("x:d", {"name": "Beispiel Membranen AG", "country": "DE"}, Kind.COMPANY),
        ],
        projects=[("p:1", {"title": "NRW.Chance: Speicher für Wasserstoff"}), ("p:2", {"title": "Membranen aus Keramik"})],
        topics=[(HYDROGEN, {"label_de": "Wasserstoffenergie"}), (MATERIALS, {"label_de": "Werkstofftechnik"})],
        places=[("place:1", {"name": "Musterstadt", "lat": 51.0, "lon": 7.0}), ("place:2", {"name": "Nirgendheim"})],
        edges={
            "PARTICIPATES_IN": [("x:a", "p:1", {}), ("x:b", "p:1", {}), ("x:d", "p:2", {})],
            "WORKS_ON": [("x:a", HYDROGEN, {"weight": 1.0}), ("x:b", MATERIALS, {"weight": 1.0})],
        },
    )
    opened = Derived(build(tmp_path_factory.mktemp("derived"), "1", feed))
    yield opened
    opened.close()


@pytest.mark.parametrize(
    ("does", "seeks", "topics", "language"),
    [
        ("Wir erzeugen Wasserstoff aus Abwasser und speichern ihn in Tanks.", "", [HYDROGEN], "de"),
        ("We make hydrogen from waste water and store the hydrogen in tanks for the industry.", "", [HYDROGEN], "en"),
        ("Wir backen Brot und Brötchen für unser Dorf.", "Ein Labor für Werkstoffprüfung.", [MATERIALS], "de"),
        ("12345 67890 2026", "", [], None),
        ("!!! ??? ...", "", [], None),
        ("Wasserstoff und Werkstoffe", "", [HYDROGEN, MATERIALS], None),
        ("Produkujemy wodór ze ścieków i magazynujemy go w zbiornikach dla przemysłu chemicznego w regionie.", "", None, None),
    ],
)
def test_topics_of_a_text(derived: Derived, does: str, seeks: str, topics: list[str] | None, language: str | None) -> None:
    found = understand(derived, does, seeks)
    assert topics is None or {t.id for t in found.topics if t.words} == set(topics)
    assert language is None or found.language == language
    assert all(0 < t.weight <= 1 for t in found.topics)
    for t in found.topics:
        assert " ".join((seeks if t.sought else does).split()).find(t.words) >= 0
    suggest(derived, found.newcomer)  # whatever was understood can be asked


def test_what_is_looked_for_counts_more(derived: Derived) -> None:
    found = understand(derived, "Wir erzeugen Wasserstoff.", "Wir suchen Hilfe bei Werkstoffen.")
    by_id = {t.id: t for t in found.topics}
    assert by_id[MATERIALS].sought
    assert not by_id[HYDROGEN].sought
    assert by_id[MATERIALS].weight > by_id[HYDROGEN].weight
    assert next(s.id for s in suggest(derived, found.newcomer).suggestions) == "x:b"


def test_a_topic_that_was_taken_out_is_shown_and_does_not_count(derived: Derived) -> None:
    text = "Wasserstoff und Werkstoffe"
    found = understand(derived, text, dropped=[HYDROGEN])
    assert {t.id for t in found.topics} >= {HYDROGEN, MATERIALS}
    assert HYDROGEN not in dict(found.newcomer.topics)
    assert MATERIALS in dict(found.newcomer.topics)


def test_a_text_of_two_megabytes(derived: Derived) -> None:
    text = "Wir erzeugen Wasserstoff. " * 80_000
    start = time.perf_counter()
    found = understand(derived, text)
    assert found.cut
    assert HYDROGEN in dict(found.newcomer.topics)
    assert len(found.newcomer.text) <= LONGEST
    assert time.perf_counter() - start < 10


@pytest.mark.parametrize(("place", "name", "known"), [("", "", False), ("musterstadt", "Musterstadt", True), ("Nirgendheim", "Nirgendheim", False)])
def test_the_place(derived: Derived, place: str, name: str, known: bool) -> None:
    found = understand(derived, "Wasserstoff", place=place)
    assert found.place == name
    assert (found.newcomer.lat is not None) == known


def test_an_unknown_place_is_told(derived: Derived) -> None:
    with pytest.raises(UsageError, match="Atlantis"):
        understand(derived, "Wasserstoff", place="Atlantis")


def test_words_in_titles(derived: Derived) -> None:
    found = understand(derived, "Unsere Membranen filtern Blut.")
    first = suggest(derived, found.newcomer).suggestions[0]
    assert first.id == "x:d"
    assert next(r for r in first.reasons if r.feature == "text").items[0]["words"] == ["Membranen"]


@pytest.mark.parametrize(
    ("text", "language", "words"),
    [
        ("Wir bauen kleine Pumpen für das Institut.", "de", "Wir Pumpen"),
        ("pumpen und ventile", "de", "pumpen und ventile"),
        ("We build small pumps", "en", "build small pumps"),
        ("", "de", ""),
        ("42 %", "", ""),
    ],
)
def test_telling_words(text: str, language: str, words: str) -> None:
    assert telling(text, language) == words
