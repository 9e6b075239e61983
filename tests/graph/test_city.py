"""A city and its region, the goals of a master plan, and what a load brought: cases on small graphs."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from graph import masterplan, news
from graph.city import City
from graph.derive import Feed, build
from graph.derived import Derived, open_derived
from graph.errors import UsageError
from graph.model import Kind
from graph.state import State

MEMBERS = {"p1": ["known", "uni"], "p2": ["quiet"], "p3": ["uni", "institute"], "p4": ["known", "away"], "p5": ["known", "gone"]}
ABOUT = {"p1": ["t:steel"], "p2": ["t:h2"], "p3": ["t:h2", "t:laser"], "p4": ["efre-nrw:theme"], "p5": []}
PLACES = {"known": "place:town", "quiet": "place:town", "named": "place:part", "idle": "place:town", "gone": "place:town", "office": "place:town"}
PLACES |= {"uni": "place:near", "institute": "place:near", "laser1": "place:near", "laser2": "place:near", "away": "place:far"}
KINDS = {"uni": Kind.UNIVERSITY, "institute": Kind.RESEARCH, "office": Kind.PUBLIC}
WORKS = {"named": ["t:laser"], "idle": [], "laser1": ["t:laser"], "laser2": ["t:laser"]}
WHERE = {"place:town": (51.47, 6.85), "place:part": (51.49, 6.86), "place:near": (51.45, 7.01), "place:far": (48.1, 11.6)}


def feed(members: dict[str, list[str]], names: dict[str, str], aliases: list[tuple[str, str]] = []) -> Feed:  # noqa: B006  never changed
    works = {o: {t for p, m in members.items() if o in m for t in ABOUT.get(p, [])} | set(WORKS.get(o, [])) for o in names}
    return Feed(
        organizations=[
            (n, {"name": n.title(), "country": "DE", **({"status": "dissolved"} if n == "gone" else {})}, KINDS.get(n, Kind.COMPANY)) for n in sorted(names)
        ],
        projects=[(p, {"title": p, "start": f"201{k}-01-01"}) for k, p in enumerate(sorted(members))],
        topics=[(t, {"label_de": t}) for t in sorted(("t:h2", "t:laser", "t:steel", "t:energy", "efre-nrw:theme"))],
        places=[(p, {"name": p[6:].title(), "lat": lat, "lon": lon}) for p, (lat, lon) in sorted(WHERE.items())],
        edges={
            "PARTICIPATES_IN": sorted((o, p, {}) for p, m in members.items() for o in m),
            "ABOUT": sorted((p, t, {}) for p in members for t in ABOUT.get(p, [])),
            "WORKS_ON": sorted((o, t, {"weight": 1.0}) for o, found in works.items() for t in found),
            "LOCATED_IN": sorted((o, p, {}) for o, p in names.items()),
            "WITHIN": [("place:part", "place:town", {})],
            "BROADER": [("t:h2", "t:energy", {})],
        },
        aliases=aliases,
    )


@pytest.fixture(scope="module")
def d(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Derived]:
    folder = tmp_path_factory.mktemp("city")
    build(folder, "v1", feed(MEMBERS, PLACES))
    found = open_derived(folder)
    yield found
    found.close()


def test_the_city_in_numbers(d: Derived) -> None:
    f = City(d, "place:town").figures()
    assert (f.organizations, f.firms, f.firms_with_science, f.region) == (5, 4, 1, 4)  # the dissolved one counts nowhere, the part's one does
    assert f.partnered == 1
    assert (f.inside, f.outside) == (0, 3)
    assert f.projects == 4
    assert dict(f.kinds) == {Kind.COMPANY: 4, Kind.PUBLIC: 1}
    assert f.by_year == ((2010, 1), (2011, 1), (2013, 1), (2014, 1))


@pytest.mark.parametrize(("place", "radius", "region"), [("place:town", 30, 4), ("place:town", 5, 0), ("place:town", 2000, 5), ("place:none", 30, 0)])
def test_who_is_the_region(d: Derived, place: str, radius: int, region: int) -> None:
    assert City(d, place, radius=radius).figures().region == region


def test_hidden_innovations_say_why(d: Derived) -> None:
    found = City(d, "place:town").hidden()
    assert [h.organization.id for h in found] == ["quiet", "named"]  # works with science: known; no sign at all: idle; no firm: office
    quiet, named = found
    assert (quiet.projects, quiet.partners, [t.id for t in quiet.topics], [s.id for s in quiet.science]) == (1, 0, ["t:h2"], ["institute", "uni"])
    assert (named.projects, [t.id for t in named.topics]) == (0, ["t:laser"])


def test_gaps_need_science_near_by(d: Derived) -> None:
    found = {g.topic.id: g for g in City(d, "place:town").gaps()}
    assert set(found) == {"t:laser"}  # four of the region against one of the city; on t:h2 there are only two
    laser = found["t:laser"]
    assert (laser.city, laser.region, laser.expected, laser.science, [h.id for h in laser.helpers]) == (1, 4, 5.0, 2, ["uni", "institute"])


def test_goals_count_narrower_topics(d: Derived, tmp_path: Path) -> None:
    (tmp_path / "goals.csv").write_text("goal,parent,de,en\na,,Innovativ,Innovative\na.e,a,Energie,Energy\nb,,Smart,Smart\n", encoding="utf-8")
    (tmp_path / "topics.csv").write_text("goal,topic\na.e,t:energy\nb,t:none\n", encoding="utf-8")
    a, b = City(d, "place:town").goals(masterplan.load(tmp_path))
    assert (a.city, a.projects, a.region, [o.id for o in a.first]) == (1, 1, 2, ["quiet"])
    assert (a.below[0].goal.name("en"), a.below[0].city) == ("Energy", 1)
    assert (b.city, b.projects, b.region, b.first) == (0, 0, 0, ())


def test_the_shipped_goals() -> None:
    goals = masterplan.load()
    assert [g.id for g in goals] == ["wirtschaftsfreundlich", "qualifiziert", "innovativ", "smart"]
    assert all(g.topics and g.below for g in goals)


@pytest.mark.parametrize(
    ("goals", "topics", "said"),
    [
        ("goal,parent,de,en\na,,A,A\na,,B,B\n", "goal,topic\n", "goals.csv, Zeile 3"),
        ("goal,parent,de,en\na,x,A,A\n", "goal,topic\n", "«x» ist kein Oberziel"),
        ("goal,parent,de,en\na,,A,\n", "goal,topic\n", "eine Bezeichnung fehlt"),
        ("goal,parent,de,en\na,,A,A\n", "goal,topic\nz,t:1\n", "topics.csv, Zeile 2"),
        ("goal,de\n", "goal,topic\n", "goals.csv, Zeile 1"),
        ("goal,parent,de,en\na,,\udce4,A\n", "goal,topic\n", "kein UTF-8"),
        (None, "goal,topic\n", "diese Datei fehlt"),
    ],
)
def test_a_wrong_table_is_named_with_its_row(tmp_path: Path, goals: str | None, topics: str, said: str) -> None:
    for name, text in (("goals.csv", goals), ("topics.csv", topics)):
        if text is not None:
            (tmp_path / name).write_text(text, encoding="utf-8", errors="surrogateescape")
    with pytest.raises(UsageError) as wrong:
        masterplan.load(tmp_path)
    assert said in wrong.value.text("de")


def test_news_are_what_the_version_before_did_not_have(tmp_path: Path) -> None:
    folder, state = tmp_path / "derived", State(tmp_path)

    def load(version: str, day: str, *args: Any) -> None:
        build(folder, version, feed(*args))
        news.note(state, folder, f"{day}T08:00:00+00:00")

    load("v1", "2026-01-01", MEMBERS, PLACES)
    assert news.loads(state) == []  # the first load is the ground
    more = {**MEMBERS, "p6": ["quiet", "institute"], "p7": ["away", "fresh"]}
    load("v2", "2026-02-01", more, {**PLACES, "fresh": "place:far"})
    news.note(state, folder, "2026-02-02T08:00:00+00:00")  # the same version again is no load
    # quiet gets another id, and its old one leads to it: nothing new in that
    renamed = {p: ["quiet:new" if o == "quiet" else o for o in m] for p, m in more.items()}
    places = {("quiet:new" if o == "quiet" else o): p for o, p in {**PLACES, "fresh": "place:far"}.items()}
    load("v3", "2026-03-01", renamed, places, [("quiet", "quiet:new")])
    assert [(s.organizations, s.projects, s.pairs) for s in news.loads(state)] == [(0, 0, 0), (1, 2, 1)]
    found = [(i.what, i.id, i.other) for i in news.since(state, "2026-01-01")]
    assert sorted(found) == [("organization", "fresh", ""), ("pair", "institute", "quiet"), ("project", "p6", ""), ("project", "p7", "")]
    assert list(news.since(state, "2026-02-03")) == []
    d = open_derived(folder)
    here = [(i.what, i.id, i.other) for i in news.at_place(d, news.since(state, "2026-01-01"), City(d, "place:town").inside)]
    assert here == [("pair", "institute", "quiet:new"), ("project", "p6", "")]  # under the id of today; what happened far away is not the city's
    d.close()
