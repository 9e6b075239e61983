"""What the reader answers about a small network, on both engines."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "web"))

import small_documents as texts
import small_network as n

from graph.model import Kind, Label
from graph.reader import DocumentPage, EvidenceView, Gone, Moved, OrganizationPage, PlacePage, ProjectPage, Reader, Through, TopicPage, quoted_columns
from graph.store import open_store

REMOVED = "cordis:org:4711"


@pytest.fixture(scope="module", params=["arcadedb", "neo4j"])
def reader(request: pytest.FixtureRequest, engines: Any, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Reader]:
    """A reader over the small network, loaded once an engine."""
    settings = engines.settings(request.param)
    settings = replace(settings, home=settings.home if settings.embedded else tmp_path_factory.mktemp("home"))
    with open_store(settings, write=True) as writing:
        writing.apply_schema()
        assert writing._access.writer is not None
        with writing._access.writer.session("WRITE") as session:
            session.run("MATCH (n) DETACH DELETE n").consume()
        n.fill(settings, writing)
    with open_store(settings) as store:
        yield Reader(store, lambda id_: id_ == REMOVED)


@pytest.mark.parametrize(
    ("id_", "label", "found"),
    [
        ("efre-nrw:org:00aa", Label.ORGANIZATION, Moved(n.CENTRE, Label.ORGANIZATION)),
        (n.OLD_PROJECT_ID, Label.PROJECT, Moved(n.TITLED, Label.PROJECT)),
        (n.OLD_PROJECT_ID, Label.ORGANIZATION, Moved(n.TITLED, Label.PROJECT)),
        (n.TITLED, Label.ORGANIZATION, Moved(n.TITLED, Label.PROJECT)),
        (texts.REPORT, Label.ORGANIZATION, Moved(texts.REPORT, Label.DOCUMENT)),
        (n.CENTRE, Label.DOCUMENT, Moved(n.CENTRE, Label.ORGANIZATION)),
        (n.TOPIC, Label.PLACE, Moved(n.TOPIC, Label.TOPIC)),
        (REMOVED, Label.ORGANIZATION, Gone(REMOVED)),
        ("nie:dagewesen", Label.ORGANIZATION, None),
        ("", Label.ORGANIZATION, None),
        ("nie", Label.EVIDENCE, None),
        (n.CENTRE, Label.EVIDENCE, None),
    ],
)
def test_every_id_leads_somewhere(reader: Reader, id_: str, label: Label, found: object) -> None:
    assert reader.locate(id_, label) == found


def test_organization_with_facts_down_to_the_release(reader: Reader) -> None:
    page = reader.organization(n.CENTRE)
    assert isinstance(page, OrganizationPage)
    e = page.entity
    assert (e.kind, e.text("name"), e.count("projects")) == (Kind.COMPANY, "Wasserstofftechnik Ruhr GmbH", 3)
    facts = {f.property: f for f in e.facts}
    assert facts["website"].value == "https://www.beispiel.invalid/"
    proof = facts["website"].evidence
    assert proof
    assert (proof.source.id, proof.release, proof.retrieved, proof.file, proof.row) == ("cordis", "2020-12", "2026-11-01", "organization.csv", "2")
    assert dict(proof.columns)["ecContribution"] == "1000,50"
    assert [s.id for s in e.sources] == ["cordis", "efre-nrw"]
    assert [p.id for p in page.projects] == [n.TITLED, "efre-nrw:op:00bb", n.NAMELESS]
    assert page.projects[0].evidence == (n.EVIDENCE,)
    assert page.projects[0].roles == ("participant",)
    assert page.projects[0].funding_eur == 1000.5
    assert n.TOPIC in [t.id for t in page.topics]
    assert page.other_ids == ("efre-nrw:org:00aa",)


def test_document(reader: Reader) -> None:
    page = reader.document(texts.REPORT)
    assert isinstance(page, DocumentPage)
    assert (page.entity.text("title"), page.entity.text("language"), page.retrieved) == ("Wasserstofftechnik Ruhr sucht Partner", "de", "2026-11-01")
    assert [(m.id, m.label) for m in page.mentions] == [(n.CENTRE, Label.ORGANIZATION), (n.TITLED, Label.PROJECT), (n.TOPIC, Label.TOPIC)]
    assert page.mentions[0].kind is Kind.COMPANY
    assert page.mentions[2].name_en == "hydrogen energy"
    places = [e.place for e in page.sentences]
    assert places == sorted(places)
    assert texts.documents()[0].statements[1].evidence in [e.id for e in page.sentences]
    assert reader.document("text:nie") is None
    assert reader.document(REMOVED) == Gone(REMOVED)
    few = reader.document(texts.REPORT, mentions=1)
    assert isinstance(few, DocumentPage)
    assert (len(few.mentions), few.mentions_more) == (1, True)


def test_documents_are_listed_newest_first(reader: Reader) -> None:
    whole, total = reader.documents(limit=100)
    assert len(whole) == total > 3
    assert [(d.date, d.id) for d in whole] == sorted(((d.date, d.id) for d in whole), key=lambda x: ([-ord(c) for c in x[0]] or [0], x[1]))
    assert reader.documents(skip=1, limit=2)[0] == whole[1:3]


def test_documents_of_what_they_mention(reader: Reader) -> None:
    organization, project, topic = reader.organization(n.CENTRE), reader.project(n.TITLED), reader.topic(n.TOPIC)
    assert isinstance(organization, OrganizationPage)
    assert isinstance(project, ProjectPage)
    assert isinstance(topic, TopicPage)
    assert [d.id for d in organization.documents] == [texts.REPORT, texts.FOREIGN, texts.LONG, texts.HOSTILE]
    assert [(d.id, d.at is not None) for d in project.documents] == [(texts.REPORT, True)]
    assert [(d.id, d.at) for d in topic.documents] == [(texts.REPORT, None)]
    assert [(c.id, c.status) for c in organization.cooperations] == [(texts.RESEARCHERS, "planned")]


def test_organization_without_any_link(reader: Reader) -> None:
    page = reader.organization(n.LONELY)
    assert isinstance(page, OrganizationPage)
    assert (page.projects, page.topics, page.parents, page.children, page.cooperations) == ((), (), (), (), ())
    assert page.entity.evidence[0].row == "900"


@pytest.mark.parametrize(("skip", "limit", "ids"), [(0, 1, [n.TITLED]), (1, 1, ["efre-nrw:op:00bb"]), (2, 5, [n.NAMELESS]), (9, 5, [])])
def test_projects_by_pages(reader: Reader, skip: int, limit: int, ids: list[str]) -> None:
    assert [p.id for p in reader.projects_of(n.CENTRE, skip=skip, limit=limit)] == ids


def test_projects_of_several_come_once_and_say_through_whom(reader: Reader) -> None:
    found = reader.projects_of_all([n.CENTRE, n.INSTITUTE, n.BRANCH])
    assert [p.id for p in found] == [n.ACRONYM_ONLY, n.TITLED, n.BRANCH_PROJECT, "efre-nrw:op:00bb", n.NAMELESS]
    titled, branch = found[1], found[2]
    assert set(titled.roles) == {"coordinator", "participant"}
    assert titled.funding_eur == pytest.approx(2001)
    assert len(titled.through) == len(titled.evidence) == 2
    assert (branch.through, branch.funding_eur, branch.evidence) == ((Through(n.BRANCH, "Außenstelle Lirich"),), None, ("efre-nrw:row:2",))
    assert [p.id for p in reader.projects_of_all([n.INSTITUTE, n.BRANCH], skip=2, limit=1)] == [n.BRANCH_PROJECT]


def test_project(reader: Reader) -> None:
    page = reader.project(n.TITLED)
    assert isinstance(page, ProjectPage)
    assert page.entity.props["funding_eur"] == 1234567.0
    assert page.participants[0].id == n.INSTITUTE  # the coordinator first
    assert len(page.participants) == 16
    assert all(o.evidence for o in page.participants)
    assert n.TOPIC in [t.id for t in page.topics]


def test_topic(reader: Reader) -> None:
    page = reader.topic(n.TOPIC)
    assert isinstance(page, TopicPage)
    assert (page.ref.name("de"), page.ref.name("en")) == ("Wasserstoffenergie", "hydrogen energy")
    assert [t.id for t in page.broader] == [n.TOPIC_ABOVE]
    assert {p.id for p in page.projects} >= {n.TITLED, n.ACRONYM_ONLY}
    above = reader.topic(n.TOPIC_ABOVE)
    assert isinstance(above, TopicPage)
    assert [t.id for t in above.narrower] == [n.TOPIC]


def test_place(reader: Reader) -> None:
    page = reader.place(n.RUHR)
    assert isinstance(page, PlacePage)
    assert {p.name for p in page.below} == {"Oberhausen", "Essen"}


def test_evidence(reader: Reader) -> None:
    found = reader.evidence(n.EVIDENCE)
    assert isinstance(found, EvidenceView)
    assert found.columns[0] == ("projectID", "1")
    assert found.source.publisher
    assert [e.id for e in reader.evidences([n.EVIDENCE, "nie", "geonames:05119", n.EVIDENCE])] == [n.EVIDENCE, "geonames:05119"]
    assert reader.evidences([]) == ()


def test_sources(reader: Reader) -> None:
    found = {s.id: s for s in reader.sources()}
    assert set(found) >= {"cordis", "efre-nrw", "geonames"}
    assert [(r.release, r.retrieved) for r in found["cordis"].releases] == [("2020-12", "2026-11-01")]


def test_common_projects_with_the_evidence_of_both(reader: Reader) -> None:
    found = reader.connection(n.CENTRE, n.INSTITUTE)
    assert [(p.id, p.evidence, p.evidence_other) for p in found.shared] == [
        (n.TITLED, ("cordis:1:1001",), ("cordis:1:1002",)),
        (n.NAMELESS, ("cordis:3:1001",), ("cordis:3:1002",)),
    ]


@pytest.mark.parametrize(("a", "b", "steps"), [(n.CENTRE, "cordis:org:2020", 5), (n.CENTRE, n.LONELY, 0), (n.CENTRE, n.CENTRE, 0), (n.CENTRE, "nie", 0)])
def test_shortest_way(reader: Reader, a: str, b: str, steps: int) -> None:
    way = reader.connection(a, b).way
    assert len(way) == steps
    if way:
        assert (way[0].id, way[-1].id) == (a, b)
        assert [x.label for x in way] == [Label.ORGANIZATION, Label.PROJECT] * (steps // 2) + [Label.ORGANIZATION]


@pytest.mark.parametrize(
    ("quote", "columns"),
    [
        ('{"a": "1", "b": 2, "c": ["x"]}', (("a", "1"), ("b", "2"), ("c", '["x"]'))),
        ("{kein JSON", ()),
        ("Ein Satz.", ()),
        ("", ()),
        ("[1]", ()),
    ],
)
def test_quoted_columns(quote: str, columns: tuple[tuple[str, str], ...]) -> None:
    assert quoted_columns(quote) == columns
