"""Suggestion: who is never suggested, what the modes and filters do, and that every reason is what made the score."""

from __future__ import annotations

import random
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import small_graph
from hypothesis import given, settings
from hypothesis import strategies as st

from graph.derive import Feed, build
from graph.derived import DISSOLVED, NAMED, Derived
from graph.errors import UsageError
from graph.model import Kind, Suggestion
from graph.suggest import MODES, NOTES, REASONS, Mode, suggest
from graph.suggest.explain import LEAST_SHARE, MAX_ITEMS
from graph.suggest.features import FEATURES, Question
from graph.suggest.rank import score, weights


@pytest.fixture(scope="module")
def derived(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Derived]:
    opened = Derived(build(tmp_path_factory.mktemp("derived"), "1", small_graph.feed()))
    yield opened
    opened.close()


@pytest.fixture(scope="module")
def larger(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Derived]:
    opened = Derived(build(tmp_path_factory.mktemp("derived"), "1", random_feed(7)))
    yield opened
    opened.close()


def random_feed(seed: int, orgs: int = 120, projects: int = 80) -> Feed:
    """A network by chance: some without name, dissolved, in groups, without projects."""
    r = random.Random(seed)
    kinds = [*Kind, None]
    nodes: list[tuple[str, dict[str, Any], Kind | None]] = []
    for i in range(orgs):
        props: dict[str, Any] = {"country": r.choice(["DE", "NL", "FR"])}
        if r.random() < 0.85:
            props["name"] = f"Org {i}"
        if r.random() < 0.1:
            props["status"] = "dissolved"
        if r.random() < 0.6:
            props |= {"lat": 51 + r.random(), "lon": 6 + r.random()}
        nodes.append((f"o{i}", props, r.choice(kinds)))
    edges: dict[str, list[tuple[str, str, dict[str, Any]]]] = {"PARTICIPATES_IN": [], "ABOUT": [], "COOPERATES_WITH": [], "PART_OF": []}
    for p in range(projects):
        edges["PARTICIPATES_IN"] += [(f"o{i}", f"p{p}", {"roles": ["participant"]}) for i in r.sample(range(orgs - 20), r.randint(1, 6))]
        edges["ABOUT"] += [(f"p{p}", f"t{t}", {}) for t in r.sample(range(10), r.randint(0, 3))]
    for _ in range(15):
        a, b = sorted(r.sample(range(orgs), 2))
        edges["COOPERATES_WITH"].append((f"o{a}", f"o{b}", {}))
        a, b = r.sample(range(orgs), 2)
        edges["PART_OF"].append((f"o{a}", f"o{b}", {}))
    return Feed(
        nodes,
        [(f"p{p}", {"start": f"{r.randint(2012, 2024)}-01-01"}) for p in range(projects)],
        [(f"t{t}", {"label_en": f"topic {t}"}) for t in range(10)],
        [],
        edges,
    )


def ids(derived: Derived, org: str, **options: Any) -> list[str]:
    return [s.id for s in suggest(derived, org, **options).suggestions]


@pytest.mark.parametrize(
    ("org", "never"),
    [
        ("ror:umsicht", {"ror:umsicht", "x:pumpen", "x:uni", "x:delft"}),  # itself and its partners
        ("ror:umsicht", {"x:stahl"}),  # a stated cooperation
        ("ror:umsicht", {"ror:fhg"}),  # its group
        ("ror:fhg", {"ror:umsicht"}),
        ("x:pumpen", {"x:gone", "x:nameless"}),
        ("x:newcomer", {"x:gone", "x:nameless"}),
    ],
)
@pytest.mark.parametrize("mode", MODES)
def test_never_suggested(derived: Derived, org: str, never: set[str], mode: Mode) -> None:
    found = ids(derived, org, mode=mode, top=50)
    assert found
    assert not never & set(found)


def test_shared_partner_and_topic_come_first(derived: Derived) -> None:
    assert ids(derived, "x:pumpen")[0] == "x:hrw"  # both know the university, both work on hydrogen and pumps


def test_reasons_name_the_way(derived: Derived) -> None:
    first = suggest(derived, "x:pumpen").suggestions[0]
    reasons = {r.feature: r for r in first.reasons}
    (partner,) = reasons["shared_partner"].items
    assert (partner["id"], partner["name"], partner["label"]) == ("x:uni", "Universität Duisburg-Essen", "Organization")
    assert [p["id"] for p in partner["projects"]] == ["cordis:grant:101000001", "x:p3"]  # type: ignore[attr-defined]
    assert {t["name"] for t in reasons["topic"].items} == {"Wasserstoff", "Pumpen"}
    (place,) = reasons["place"].items
    assert place["name"] == "Mülheim an der Ruhr"
    assert place["distance_km"] == pytest.approx(4.9, abs=0.5)
    assert first.distance_km == place["distance_km"]


def test_a_stated_cooperation_is_a_way_too(derived: Derived) -> None:
    found = {s.id: s for s in suggest(derived, "x:delft", top=20).suggestions}
    shared = next(r for r in found["x:stahl"].reasons if r.feature == "shared_partner")
    (partner,) = shared.items
    assert (partner["id"], [p and p["id"] for p in partner["projects"]]) == ("ror:umsicht", ["cordis:grant:101000002", None])  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("org", "notes"),
    [("ror:umsicht", set()), ("x:newcomer", {"no_links"}), ("x:bare", {"no_links", "thin"}), ("x:lost", {"no_links", "thin"})],
)
def test_what_a_suggestion_rests_on(derived: Derived, org: str, notes: set[str]) -> None:
    answer = suggest(derived, org, top=3)
    assert set(answer.notes) == notes
    assert len(answer.suggestions) == 3
    assert notes <= NOTES.keys()


def test_a_newcomer_is_served_from_topics_and_place(derived: Derived) -> None:
    answer = suggest(derived, "x:newcomer", top=3)
    assert {s.id for s in answer.suggestions} <= {"ror:umsicht", "x:pumpen", "x:uni", "x:hrw"}
    assert {r.feature for s in answer.suggestions for r in s.reasons} <= {"topic", "place", "kind", "activity", "country"}


def test_without_a_topic_place_decides(derived: Derived) -> None:
    near = [s.distance_km for s in suggest(derived, "x:bare", top=4).suggestions]
    assert near == [0.0] * 4


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        ({"kinds": [Kind.UNIVERSITY]}, {"x:hrw", "x:delft"}),
        ({"kinds": [Kind.UNIVERSITY], "within_km": 50.0}, {"x:hrw"}),
        ({"kinds": [Kind.UNIVERSITY], "within_km": 1.0}, set()),
        ({"kinds": [Kind.UNIVERSITY], "suppressed": ["x:hrw", "x:nowhere"]}, {"x:delft"}),
        ({"kinds": [Kind.ASSOCIATION]}, set()),
        ({"top": 0}, set()),
    ],
)
def test_filters(derived: Derived, options: dict[str, Any], expected: set[str]) -> None:
    assert set(ids(derived, "x:pumpen", **options)) == expected


def test_a_radius_needs_a_position(derived: Derived) -> None:
    answer = suggest(derived, "x:lost", within_km=20)
    assert answer.suggestions == ()
    assert "no_position" in answer.notes


def test_measuring_keeps_those_without_a_name(derived: Derived) -> None:
    assert "x:nameless" in ids(derived, "x:pumpen", exclude_unnamed=False, top=50)


@pytest.mark.parametrize(("org", "mode"), [("x:unknown", "mixed"), ("cordis:grant:101000001", "mixed"), ("x:uni", "clever")])
def test_refused(derived: Derived, org: str, mode: Any) -> None:
    with pytest.raises(UsageError):
        suggest(derived, org, mode=mode)


def test_the_modes_differ(derived: Derived) -> None:
    similar, complementary = (suggest(derived, "x:pumpen", mode=m).suggestions[0] for m in ("similar", "complementary"))
    assert complementary.kind in (Kind.UNIVERSITY, Kind.RESEARCH)
    assert {r.feature for r in similar.reasons} >= {"topic"}


def test_weights_name_features_and_are_not_negative() -> None:
    assert set(weights()) == {*MODES, "newcomer"}
    for table in weights().values():
        assert table.keys() <= FEATURES.keys()
        assert all(w >= 0 for w in table.values())
    assert {f.reason for f in FEATURES.values()} <= REASONS.keys()


# ---------------------------------------------------------------------------------------------------------------- properties


@given(st.integers(0, 119), st.sampled_from(MODES), st.sampled_from([None, 20.0, 80.0]), st.sets(st.sampled_from(list(Kind))))
@settings(max_examples=150, deadline=None)
def test_every_answer_keeps_the_rules(larger: Derived, i: int, mode: Mode, within_km: float | None, kinds: set[Kind]) -> None:
    d, org = larger, f"o{i}"
    row = d.index(org)
    assert row is not None
    answer = suggest(d, org, mode=mode, within_km=within_km, kinds=kinds, top=20)
    assert answer == suggest(d, org, mode=mode, within_km=within_km, kinds=kinds, top=20)
    scores = [s.score for s in answer.suggestions]
    assert scores == sorted(scores, reverse=True)
    for s in answer.suggestions:
        other = d.index(s.id)
        assert other is not None
        assert other != row
        assert other not in d.partners.row(row)
        assert other not in d.coop.row(row)
        assert d.group[other] != d.group[row]
        assert d.flags[other] & NAMED
        assert not d.flags[other] & DISSOLVED
        assert not kinds or s.kind in kinds
        assert within_km is None or (s.distance_km is not None and s.distance_km <= within_km + 0.05)
        check_reasons(s)


def check_reasons(s: Suggestion) -> None:
    shares = [r.contribution for r in s.reasons]
    assert shares == sorted(shares, reverse=True)
    assert sum(shares) <= 1.001
    assert all(x >= LEAST_SHARE for x in shares)
    for r in s.reasons:
        assert r.feature in REASONS
        assert len(r.items) <= MAX_ITEMS
        assert all(item["label"] in ("Organization", "Project", "Topic", "Place") and "evidence" in item for item in r.items)
        if r.feature in ("shared_partner", "topic"):
            assert r.items


@given(st.integers(0, 119), st.sampled_from(MODES))
@settings(max_examples=60, deadline=None)
def test_without_the_feature_of_a_reason_the_score_is_lower(larger: Derived, i: int, mode: Mode) -> None:
    row = larger.index(f"o{i}")
    assert row is not None
    q = Question(larger, row)
    others = np.setdiff1d(np.arange(len(larger)), [row])
    full = score(q, others, weights()[mode])
    for k, name in enumerate(full.features):
        less = score(q, others, {n: w for n, w in weights()[mode].items() if n != name})
        used = full.parts[:, k] > 0
        assert (less.scores[used] < full.scores[used]).all()
        assert less.scores[~used] == pytest.approx(full.scores[~used])


@pytest.mark.parametrize("name", list(FEATURES))
def test_a_feature_is_finite_and_not_negative(larger: Derived, name: str) -> None:
    everyone = np.arange(len(larger))
    for row in range(len(larger)):
        values = FEATURES[name].function(Question(larger, row), everyone)
        assert values.shape == (len(larger),)
        assert np.isfinite(values).all()
        assert (values >= 0).all()


def test_the_walk_is_a_probability(larger: Derived) -> None:
    for row in range(len(larger)):
        assert float(Question(larger, row).walk.sum()) == pytest.approx(1.0, abs=1e-3) or not len(larger.org_project.row(row))


def test_adamic_adar_by_hand(derived: Derived) -> None:
    pumpen, hrw = derived.index("x:pumpen"), derived.index("x:hrw")
    assert pumpen is not None
    assert Question(derived, pumpen).adamic_adar[hrw] == pytest.approx(1 / np.log(6))  # the university is shared; it has six partners


def test_names_cities_and_addresses_do_not_count(tmp_path: Path) -> None:
    """What is filled in must not decide: it often says what happened later."""
    feed = random_feed(3)
    bare = [(i, {k: v for k, v in p.items() if k in ("country", "status")}, kind) for i, p, kind in feed.organizations]
    named = [(i, {**p, "name": f"Name of {i}", "names": [f"N{i}"], "city": "X" * 20, "website": "https://example.org", "postcode": "1"}, k) for i, p, k in bare]
    answers = []
    for number, organizations in enumerate((bare, named)):
        d = Derived(build(tmp_path / str(number), "1", Feed(organizations, list(feed.projects), list(feed.topics), [], feed.edges)))
        answers.append([(s.id, s.score) for s in suggest(d, "o1", top=30, exclude_unnamed=False).suggestions])
        feed = random_feed(3)
    assert answers[0] == answers[1]


# ---------------------------------------------------------------------------------------------------------------- evidence


def test_every_item_leads_to_its_evidence(derived: Derived) -> None:
    answer = suggest(derived, "x:pumpen", mode="mixed", top=10)
    first = answer.suggestions[0]
    by_feature = {r.feature: r for r in first.reasons}
    assert by_feature["shared_partner"].items[0]["evidence"] == [
        "proof:x:pumpen:cordis:grant:101000001",
        "proof:x:uni:cordis:grant:101000001",
        "proof:x:hrw:x:p3",
        "proof:x:uni:x:p3",
    ]
    topics = {t["id"]: t["evidence"] for t in by_feature["topic"].items}
    assert topics == {
        "t:h2": ["proof:cordis:grant:101000001:t:h2", "proof:x:p3:t:h2"],
        "t:pumps": ["proof:x:pumpen:t:pumps", "proof:x:p3:t:pumps"],  # the firm's own topic is stated, not by a project
    }
    assert by_feature["place"].items[0]["evidence"] == ["proof:x:hrw:place:05117", "proof:x:pumpen:place:05119"]
    cooperation = next(s for s in suggest(derived, "x:delft", top=20).suggestions if s.id == "x:stahl")
    shared = next(r for r in cooperation.reasons if r.feature == "shared_partner")
    assert "proof:ror:umsicht:x:stahl" in shared.items[0]["evidence"]  # type: ignore[operator]
    for s in answer.suggestions:
        for r in s.reasons:
            assert all(item["evidence"] for item in r.items)
