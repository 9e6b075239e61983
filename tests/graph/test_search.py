"""Search: spellings, beginnings, typing errors, ids, order, filters; and no text ever breaks it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import small_graph
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from graph.derive import build
from graph.derived import Derived
from graph.model import Kind, Label
from graph.search import resolve_id, resolve_who, search
from graph.text import fold, words


@pytest.fixture(scope="module")
def derived(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Derived]:
    opened = Derived(build(tmp_path_factory.mktemp("derived"), "1", small_graph.feed()))
    yield opened
    opened.close()


def found(derived: Derived, text: str, **filters: object) -> list[str]:
    return [h.id for h in search(derived, text, **filters).hits]  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("text", "first"),
    [
        ("Fraunhofer UMSICHT", "ror:umsicht"),
        ("fraunhofer umsicht", "ror:umsicht"),
        ("umsicht", "ror:umsicht"),
        ("Fraun", "ror:umsicht"),  # active before inactive
        ("sicherheits energietechnik", "ror:umsicht"),  # another of its names
        ("Müller Pumpen", "x:pumpen"),
        ("Mueller Pumpen", "x:pumpen"),
        ("MULLER PUMPEN", "x:pumpen"),
        ("Müller Pumpen GmbH & Co. KG", "x:pumpenco"),  # exact name before more projects
        ("pumpen müller", "x:pumpen"),
        ("Mühlheim", "place:05117"),  # one letter too many
        ("Muelheim an der Ruhr", "place:05117"),
        ("Frauenhofer", "ror:umsicht"),
        ("Univresität", "x:uni"),
        ("Universtität Duisburg", "x:uni"),
        ("University of Duisburg", "x:uni"),
        ("Wasserstoff", "t:h2"),
        ("hydrogen", "t:h2"),
        ("HYSALT", "cordis:grant:101000001"),
        ("salt caverns", "cordis:grant:101000001"),
        ("101000001", "cordis:grant:101000001"),
        ("1010000", "cordis:grant:101000001"),
        ("230001", "cordis:grant:101000001"),  # the rcn is an alias
        ("cordis:rcn:230001", "cordis:grant:101000001"),
        ("cordis:org:900000002", "x:uni"),
        ("00nj8ry09", "ror:umsicht"),
        ("https://ror.org/00nj8ry09", "ror:umsicht"),
        (" ROR:00NJ8RY09 ", "ror:umsicht"),
        ("900000009", "x:nameless"),
        ("x:nameless", "x:nameless"),
        ("46047", "place:05119"),
        ("28.13", "t:pumps"),
        ("Germany", "place:DE"),
        ("Oberhausen", "place:05119"),
    ],
)
def test_found_first(derived: Derived, text: str, first: str) -> None:
    assert found(derived, text)[:1] == [first]


@pytest.mark.parametrize("text", ["", "   ", "xylophon", "umsicht xylophon", "*", '"', "AND", "name:", "-", "%", "\x00"])
def test_nothing_found(derived: Derived, text: str) -> None:
    result = search(derived, text)
    assert (result.hits, result.total) == ([], 0)


def test_the_city_is_a_word_too(derived: Derived) -> None:
    assert found(derived, "fraunhofer oberhausen") == ["ror:umsicht"]


def test_what_has_no_name_is_shown_by_its_id(derived: Derived) -> None:
    (hit,) = search(derived, "900000009").hits
    assert (hit.name, hit.label, hit.kind) == ("x:nameless", Label.ORGANIZATION, None)


def test_hits_say_what_they_are(derived: Derived) -> None:
    (hit,) = search(derived, "HYSALT").hits
    assert (hit.name, hit.label, hit.detail) == ("Hydrogen storage in salt caverns", Label.PROJECT, "HYSALT · Horizon Europe · 2021")
    topic = search(derived, "Wasserstoff", labels=(Label.TOPIC,)).hits[0]
    assert (topic.name, topic.name_en) == ("Wasserstoff", "Hydrogen")


@pytest.mark.parametrize(
    ("filters", "expected"),
    [
        ({"labels": (Label.TOPIC,)}, {"t:h2", "t:polymer", "t:steel", "t:pumps", "t:machines"}),
        ({"kind": Kind.UNIVERSITY}, {"x:uni", "x:hrw", "x:delft"}),
        ({"kind": Kind.UNIVERSITY, "city": "place:05113"}, {"x:uni"}),
        ({"kind": Kind.UNIVERSITY, "city": "place:region:ruhr"}, {"x:uni", "x:hrw"}),
        ({"city": "place:nowhere"}, set()),
        ({"topic": "t:polymer"}, {"ror:umsicht", "x:delft", "cordis:grant:101000002"}),
        ({"topic": "t:polymer", "labels": (Label.PROJECT,)}, {"cordis:grant:101000002"}),
        ({"topic": "t:nothing"}, set()),
    ],
)
def test_filters_without_text_list_all_that_pass(derived: Derived, filters: dict[str, object], expected: set[str]) -> None:
    assert set(found(derived, "", **filters)) == expected


def test_a_filter_and_a_text(derived: Derived) -> None:
    assert found(derived, "müller", city="place:05113") == ["x:pumpenco"]


def test_facets_count_without_their_own_filter(derived: Derived) -> None:
    result = search(derived, "", kind=Kind.UNIVERSITY, city="place:region:ruhr")
    assert result.total == 2
    assert result.facets["city"] == {"place:05113": 1, "place:05117": 1}
    assert result.facets["kind"] == {"Company": 7 - 1, "University": 2, "PublicBody": 2, "ResearchInstitute": 1}
    assert result.facets["topic"]["t:h2"] == 2


def test_pages_follow_each_other(derived: Derived) -> None:
    everything = found(derived, "", kind=Kind.COMPANY, limit=100)
    pages = [found(derived, "", kind=Kind.COMPANY, limit=2, offset=at) for at in range(0, len(everything), 2)]
    assert [i for page in pages for i in page] == everything
    assert search(derived, "", kind=Kind.COMPANY, limit=2).total == len(everything)


@pytest.mark.parametrize(
    ("text", "ids"),
    [
        ("Müller Pumpen GmbH", ["x:pumpen"]),  # exactly one has this name, though another one begins so
        ("900000001", ["x:pumpen"]),
        ("00nj8ry09", ["ror:umsicht"]),
        ("cordis:org:900000002", ["x:uni"]),
        ("Stadtwerke", ["x:double1", "x:double2"]),
        ("fraunhofer", ["ror:umsicht", "ror:fhg"]),
        ("xylophon", []),
    ],
)
def test_who_is_meant(derived: Derived, text: str, ids: list[str]) -> None:
    assert sorted(h.id for h in resolve_who(derived, text)) == sorted(ids)


@pytest.mark.parametrize(("text", "id_"), [("x:uni", "x:uni"), ("cordis:org:900000002", "x:uni"), ("230001", None), ("", None), ("Stadtwerke", None)])
def test_ids_lead_to_their_organisation(derived: Derived, text: str, id_: str | None) -> None:
    assert resolve_id(derived, text) == id_


@given(st.text())
@example('" OR name MATCH "')
@example("name : ^ NEAR(a b) * -c")
@example("\ud800")
@example("\u0000")
@example("'; DROP TABLE words; --")
@example("ﷺ" * 100)
@example("a" * 10_000)
@example("*")
@settings(max_examples=300, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
def test_no_text_breaks_the_search(derived: Derived, text: str) -> None:
    search(derived, text)
    search(derived, text, city=text, topic=text)
    resolve_who(derived, text)
    resolve_id(derived, text)


@given(st.text(alphabet=st.characters(exclude_categories=["Cs"])), st.integers(0, 20))
@settings(max_examples=300, deadline=None)
def test_a_beginning_folds_to_a_beginning(text: str, n: int) -> None:
    """Not for every script (a letter may combine with the next), but for all that Latin keyboards write."""
    latin = "".join(c for c in text if ord(c) < 0x180)
    assert fold(latin).startswith(fold(latin[:n]))


@pytest.mark.parametrize("same", [("Mülheim", "Muelheim", "MULHEIM"), ("Straße", "STRASSE", "strasse"), ("Ångström", "Angstrom"), ("Køge", "Koge")])
def test_spellings_that_are_equal(same: tuple[str, ...]) -> None:
    assert len({tuple(words(x)) for x in same}) == 1
