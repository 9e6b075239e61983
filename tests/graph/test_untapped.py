"""Who works on a house's topics without contact, and what the data of a house does not say: tables of cases on small graphs."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from graph.compare import compare
from graph.derive import Feed, build
from graph.derived import Derived
from graph.errors import UsageError
from graph.gaps import GAPS, Records, gaps_of, rows_of
from graph.model import Kind
from graph.suggest import Filters
from graph.untapped import units, untapped

# uni with two institutes; firms: met (partner of an institute), deep, broad, payer (same programme only), gone, abroad, lost (no place)
PART_OF = [("inst:h2", "uni"), ("inst:steel", "uni"), ("spinoff", "uni")]
MEMBERS = {
    "p1": ["uni"],
    "p2": ["inst:h2", "met"],
    "p3": ["inst:h2"],
    "p4": ["inst:steel"],
    "p5": ["deep"],
    "p6": ["broad"],
    "p7": ["payer"],
    "p8": ["gone"],
    "p9": ["abroad"],
    "p10": ["lost"],
    "p11": ["centre"],
}
ABOUT = {
    "p1": ["cordis:part:energy", "efre-nrw:energie"],
    "p2": ["t:h2"],
    "p3": ["t:h2"],
    "p4": ["t:steel"],
    "p5": ["t:h2", "t:steel"],
    "p6": ["t:steel", "t:other"],
    "p7": ["cordis:part:energy", "efre-nrw:energie"],
    "p8": ["t:h2"],
    "p9": ["t:h2"],
    "p10": ["t:steel"],
    "p11": ["t:h2"],
}
STARTS = {"p5": "2012-01-01", "p9": "2012-01-01"}
PLACED = {"uni": "place:1", "deep": "place:2", "broad": "place:1", "abroad": "place:3"}
MORE: dict[str, dict[str, Any]] = {
    "deep": {"website": "https://tief.beispiel.invalid/"},
    "gone": {"status": "dissolved"},
    "abroad": {"country": "NL"},
}
KINDS = {"uni": Kind.UNIVERSITY, "inst:h2": Kind.RESEARCH, "inst:steel": Kind.RESEARCH, "centre": Kind.RESEARCH, "plain": None}
NAMES = sorted({o for m in MEMBERS.values() for o in m} | {a for a, _ in PART_OF} | {"plain"})


def _works_on() -> list[tuple[str, str, dict[str, Any]]]:
    out: dict[tuple[str, str], int] = {}
    total: dict[str, int] = {}
    for project, members in MEMBERS.items():
        for org in members:
            total[org] = total.get(org, 0) + 1
            for topic in ABOUT[project]:
                out[org, topic] = out.get((org, topic), 0) + 1
    return sorted((o, t, {"weight": n / total[o], "evidence": [f"{o}~{t}"]}) for (o, t), n in out.items())


@pytest.fixture(scope="module")
def d(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Derived]:
    feed = Feed(
        organizations=[(n, {"name": n.title(), "country": "DE", **MORE.get(n, {})}, KINDS.get(n, Kind.COMPANY)) for n in NAMES],
        projects=[(p, {"title": p, "start": STARTS.get(p, "2019-01-01")}) for p in sorted(MEMBERS)],
        topics=[(t, {"label_de": t}) for t in sorted({t for ts in ABOUT.values() for t in ts})],
        places=[
            ("place:1", {"name": "Eins", "lat": 51.4, "lon": 7.0}),
            ("place:2", {"name": "Zwei", "lat": 51.7, "lon": 7.0}),
            ("place:3", {"name": "Drei", "lat": 52.4, "lon": 5.0}),
        ],
        edges={
            "PART_OF": sorted((a, b, {"evidence": [f"{a}<{b}"]}) for a, b in PART_OF),
            "ABOUT": sorted((p, t, {}) for p, ts in ABOUT.items() for t in ts),
            "PARTICIPATES_IN": sorted((o, p, {"evidence": [f"{o}-{p}"]}) for p, ms in MEMBERS.items() for o in ms),
            "WORKS_ON": _works_on(),
            "LOCATED_IN": sorted((o, p, {}) for o, p in PLACED.items()),
        },
    )
    found = Derived(build(Path(tmp_path_factory.mktemp("untapped")), "1", feed))
    yield found
    found.close()


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        # never: the partner of an institute, a part, who only shares the payer, who is dissolved
        ({}, {"deep", "broad", "abroad", "lost", "centre"}),
        ({"filters": Filters(kinds=(Kind.COMPANY,))}, {"deep", "broad", "abroad", "lost"}),
        ({"filters": Filters(kinds=(Kind.COMPANY,), countries=("DE",))}, {"deep", "broad", "lost"}),
        ({"filters": Filters(within_km=50)}, {"deep", "broad"}),
        ({"filters": Filters(within_km=10)}, {"broad"}),
        ({"filters": Filters(topics=("t:h2",))}, {"deep", "abroad", "centre"}),
        ({"suppressed": ["deep", "nobody"]}, {"broad", "abroad", "lost", "centre"}),
    ],
)
def test_who_is_on_the_list(d: Derived, options: dict[str, Any], expected: set[str]) -> None:
    found = untapped(d, "uni", **{"filters": Filters(), **options})
    assert {u.organization.id for u in found.items} == expected
    assert found.total == len(expected)


@pytest.mark.parametrize(("order", "first"), [("topics", "deep"), ("distance", "broad"), ("activity", "broad")])
def test_orders(d: Derived, order: Any, first: str) -> None:
    found = untapped(d, "uni", filters=Filters(kinds=(Kind.COMPANY,), countries=("DE",)), order=order)
    assert found.items[0].organization.id == first
    assert found.items[-1].organization.id == "lost" or order != "distance"


def test_one_firm_with_all_that_is_said(d: Derived) -> None:
    found = untapped(d, "uni", filters=Filters(kinds=(Kind.COMPANY,)), limit=1)
    best = found.items[0]
    assert (best.organization.id, best.overlap, best.website, best.latest) == ("deep", 1.0, "https://tief.beispiel.invalid/", 2012)
    assert {t.id for t in best.shared} == {"t:h2", "t:steel"}
    assert {t.id: t.projects for t in best.shared} == {"t:h2": 2, "t:steel": 1}
    assert best.fits[0] in ("inst:h2", "inst:steel")
    h2 = next(t for t in best.shared if t.id == "t:h2")
    assert (h2.theirs, h2.ours) == (("deep~t:h2",), ("inst:h2~t:h2",))
    assert best.distance is not None
    assert 30 < best.distance < 37
    broad = next(u for u in untapped(d, "uni", filters=Filters()).items if u.organization.id == "broad")
    assert broad.fits == ("inst:steel", "Inst:Steel")


def test_pages_of_the_list_and_unknown_places(d: Derived) -> None:
    whole = [u.organization.id for u in untapped(d, "uni", filters=Filters()).items]
    assert [untapped(d, "uni", filters=Filters(), skip=n, limit=1).items[0].organization.id for n in range(len(whole))] == whole
    assert untapped(d, "uni", filters=Filters(within_km=10)).nowhere == 2
    assert untapped(d, "uni", filters=Filters(kinds=(Kind.COMPANY,), within_km=10)).nowhere == 1


@pytest.mark.parametrize("options", [{"id_": "nobody"}, {"order": "size"}, {"filters": Filters(topics=("t:none",))}])
def test_refused(d: Derived, options: dict[str, Any]) -> None:
    with pytest.raises(UsageError):
        untapped(d, **{"id_": "uni", "filters": Filters(), **options})


def test_units_with_topics(d: Derived) -> None:
    found = units(d, "uni")
    assert [u.organization.id for u in found] == ["uni", "inst:h2", "inst:steel", "spinoff"]
    assert [[t[0] for t in u.topics] for u in found] == [[], ["t:h2"], ["t:steel"], []]
    assert units(d, "nobody") == ()


TODAY = dt.date(2026, 11, 27)


@pytest.mark.parametrize(
    ("org", "records", "expected"),
    [
        ("deep", Records(2, "2026-01-01"), {"partner"}),
        ("deep", Records(1, "2026-01-01"), {"partner", "single"}),
        ("deep", Records(2, "2023-11-26"), {"partner", "old"}),
        ("deep", Records(2, "2023-11-27"), {"partner"}),
        ("deep", Records(2, "2023-10"), {"partner", "old"}),
        ("deep", Records(2, "2023-11"), {"partner"}),
        ("deep", Records(2, ""), {"partner"}),
        ("met", Records(2, "2026"), {"website", "place"}),
        ("plain", Records(2, "2026"), {"website", "place", "topic", "kind", "partner"}),
        ("lost", None, {"website", "place", "partner"}),
    ],
)
def test_what_is_missing(d: Derived, org: str, records: Records | None, expected: set[str]) -> None:
    row = d.index(org)
    found = gaps_of(d, rows_of(d, org)[:1], {org: records} if records else {}, today=TODAY)
    assert row is not None
    assert found.looked_at == 1
    assert found.items[0].gaps == tuple(c for c in GAPS if c in expected)
    assert found.counts == {c: int(c in expected) for c in GAPS}


@pytest.mark.parametrize(
    ("id_", "partners", "expected"),
    [
        ("uni", False, {"uni", "inst:h2", "inst:steel", "spinoff"}),
        ("uni", True, {"met"}),
        ("place:1", False, {"uni", "broad"}),
        ("met", True, {"inst:h2"}),
    ],
)
def test_whose_gaps(d: Derived, id_: str, partners: bool, expected: set[str]) -> None:
    assert {d.ids[r] for r in rows_of(d, id_, partners=partners).tolist()} == expected


def test_filter_by_gaps_and_nobody_mends_the_dissolved(d: Derived) -> None:
    found = gaps_of(d, rows_of(d, "uni"), {}, today=TODAY)
    assert {g.organization.id for g in found.only(["topic"])} == {"spinoff"}
    assert found.only(["topic", "single"]) == ()
    assert gaps_of(d, rows_of(d, "gone"), {}, today=TODAY).looked_at == 0
    with pytest.raises(UsageError):
        rows_of(d, "nobody")


def test_topics_to_narrow_the_list(d: Derived) -> None:
    found = untapped(d, "uni", filters=Filters())
    assert {(id_, n) for id_, _, _, n in found.by_topic} == {("t:h2", 3), ("t:steel", 3)}
    assert found.topics == 2


@pytest.mark.parametrize(
    ("ids", "topics", "connectors", "together"),
    [
        (["uni", "met"], ["t:h2"], [], {(0, 1): 1}),
        (["deep", "broad"], ["t:steel"], [], {(0, 1): 0}),
        (["uni", "broad", "deep"], ["t:steel", "t:h2"], [], {(0, 1): 0, (0, 2): 0, (1, 2): 0}),
        (["met", "plain"], [], [], {(0, 1): 0}),
    ],
)
def test_side_by_side(d: Derived, ids: list[str], topics: list[str], connectors: list[str], together: dict[tuple[int, int], int]) -> None:
    found = compare(d, ids)
    assert [t.id for t in found.topics] == topics
    assert [c.id for c in found.connectors] == connectors
    assert found.together == together
    assert [s.organization.id for s in found.sides] == ids


def test_one_side(d: Derived) -> None:
    uni, broad = compare(d, ["uni", "broad"]).sides
    assert (uni.parts, uni.projects, uni.partners, uni.topics, uni.own_topics, uni.own_partners, uni.years) == (3, 4, 1, 2, 1, 1, {2019: 4})
    assert uni.place is not None
    assert (uni.place.name, [t.id for t in uni.best_own], [t.projects for t in broad.best_own]) == ("Eins", ["t:h2"], [(None, 1)])


@pytest.mark.parametrize("ids", [["uni"], ["uni", "uni"], ["uni", "nobody"], ["uni", "met", "deep", "broad", "lost"]])
def test_what_cannot_be_compared(d: Derived, ids: list[str]) -> None:
    with pytest.raises(UsageError):
        compare(d, ids)
