"""Suggestion: who is never suggested, what the modes and filters do, and that every reason is what made the score."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import orjson
import pytest
import small_graph
from hypothesis import given, settings
from hypothesis import strategies as st

from graph.derive import Feed, build
from graph.derived import CIRCLE, DISSOLVED, FORMAT, NAMED, Derived
from graph.errors import UsageError
from graph.model import Kind, Suggestion
from graph.suggest import MODES, NOTES, REASONS, Filters, Mode, Newcomer, pair, rank, suggest, training
from graph.suggest import model as models
from graph.suggest.explain import LEAST_SHARE, MAX_ITEMS
from graph.suggest.features import FEATURES, Question
from graph.suggest.filters import allowed_mask
from graph.suggest.model import Model
from graph.suggest.rank import at_reach, candidates, score, weights


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
        ({"filters": Filters(kinds=(Kind.UNIVERSITY,))}, {"x:hrw", "x:delft"}),
        ({"filters": Filters(kinds=(Kind.UNIVERSITY,), within_km=50.0)}, {"x:hrw"}),
        ({"filters": Filters(kinds=(Kind.UNIVERSITY,), within_km=1.0)}, set()),
        ({"filters": Filters(kinds=(Kind.UNIVERSITY,)), "suppressed": ["x:hrw", "x:nowhere"]}, {"x:delft"}),
        ({"filters": Filters(kinds=(Kind.ASSOCIATION,))}, set()),
        ({"filters": Filters(countries=("NL",))}, {"x:delft"}),
        ({"filters": Filters(countries=("XX",))}, set()),
        ({"filters": Filters(topics=("t:machines",))}, {"x:hrw"}),  # works on pumps, which are machines
        ({"filters": Filters(topics=("t:pumps", "t:polymer"))}, {"x:hrw", "x:delft"}),
        ({"filters": Filters(kinds=(Kind.RESEARCH,))}, {"ror:fhg"}),
        ({"filters": Filters(kinds=(Kind.RESEARCH,), without=("ror:umsicht",))}, set()),  # the institute's whole group
        ({"top": 0}, set()),
    ],
)
def test_filters(derived: Derived, options: dict[str, Any], expected: set[str]) -> None:
    assert set(ids(derived, "x:pumpen", **options)) == expected


@pytest.mark.parametrize(
    ("filters", "loosen"),
    [
        (Filters(kinds=(Kind.UNIVERSITY,), within_km=1.0), {"within", "kind"}),
        (Filters(countries=("NL",), topics=("t:steel",)), {"country", "topic"}),
        (Filters(countries=("XX",)), {"country"}),
        (Filters(kinds=(Kind.UNIVERSITY,)), set()),
    ],
)
def test_filters_that_leave_nobody_say_which_to_loosen(derived: Derived, filters: Filters, loosen: set[str]) -> None:
    answer = suggest(derived, "x:pumpen", filters=filters)
    assert {name for name, _ in answer.loosen} == loosen
    assert ("filtered" in answer.notes) == bool(loosen)
    for name, count in answer.loosen:
        field = {"within": "within_km", "kind": "kinds", "country": "countries", "topic": "topics"}[name]
        assert suggest(derived, "x:pumpen", filters=replace(filters, **{field: None if name == "within" else ()})).candidates == count


@pytest.mark.parametrize("filters", [Filters(topics=("t:nowhere",)), Filters(without=("x:nowhere",))])
def test_a_filter_that_names_nothing_is_refused(derived: Derived, filters: Filters) -> None:
    with pytest.raises(UsageError):
        suggest(derived, "x:pumpen", filters=filters)


def test_pages_follow_each_other(derived: Derived) -> None:
    everyone = ids(derived, "x:pumpen", top=50)
    assert [i for skip in range(0, len(everyone), 2) for i in ids(derived, "x:pumpen", top=2, skip=skip)] == everyone


HERE = Newcomer((("t:h2", 1.0),), "Pumpen", Kind.COMPANY, "DE", 51.47, 6.85)


@pytest.mark.parametrize(
    ("newcomer", "first", "reasons"),
    [
        (HERE, "x:uni", {"topic", "text", "place", "kind"}),
        (Newcomer((("t:polymer", 1.0),)), "x:delft", {"topic"}),
        (Newcomer(text="Steel"), None, {"text"}),
        (Newcomer((("t:nowhere", 1.0), ("t:polymer", 0.4)), "", None, "XX"), "x:delft", {"topic"}),
    ],
)
def test_a_newcomer_without_an_entry(derived: Derived, newcomer: Newcomer, first: str | None, reasons: set[str]) -> None:
    answer = suggest(derived, newcomer, top=20)
    best = answer.suggestions[0]
    assert answer.id == ""
    assert set(answer.notes) <= {"newcomer", "few"}
    assert first is None or best.id == first
    assert reasons <= {r.feature for r in best.reasons}
    assert not {"shared_partner", "network", "circle"} & {r.feature for s in answer.suggestions for r in s.reasons}
    assert sum(r.contribution for r in best.reasons) == pytest.approx(1, abs=0.05)


def test_what_a_newcomer_said_is_a_reason_that_counts(derived: Derived) -> None:
    told, silent = ({s.id: s.score for s in suggest(derived, n, top=50).suggestions} for n in (HERE, replace(HERE, text="")))
    assert told["x:hrw"] > silent["x:hrw"]
    (project,) = next(r for s in suggest(derived, HERE).suggestions if s.id == "x:hrw" for r in s.reasons if r.feature == "text").items
    assert (project["id"], project["words"]) == ("x:p3", ["Pumpen"])


def test_nothing_said_is_told(derived: Derived) -> None:
    assert {"newcomer", "no_topic"} <= set(suggest(derived, Newcomer()).notes)


@pytest.mark.parametrize(
    ("org", "other", "options", "against", "filtered"),
    [
        ("x:pumpen", "x:uni", {}, ("partner",), ()),
        ("x:pumpen", "x:pumpen", {}, ("itself",), ()),
        ("ror:umsicht", "ror:fhg", {}, ("group",), ()),
        ("ror:umsicht", "ror:fhg", {"parts": True}, ("group",), ()),
        ("ror:fhg", "ror:umsicht", {"parts": True}, ("itself",), ()),
        ("x:pumpen", "x:gone", {}, ("dissolved",), ()),
        ("x:pumpen", "x:nameless", {}, ("nameless",), ()),
        ("x:pumpen", "x:hrw", {"suppressed": {"x:hrw"}}, ("said",), ()),
        ("x:pumpen", "x:hrw", {"filters": Filters(countries=("NL",), within_km=1)}, (), ("within", "country")),
        ("x:pumpen", "x:hrw", {}, (), ()),
        ("x:lost", "x:hrw", {}, (), ()),
    ],
)
def test_why_not(derived: Derived, org: str, other: str, options: dict[str, Any], against: tuple[str, ...], filtered: tuple[str, ...]) -> None:
    found = pair.why_not(derived, org, other, **options)
    assert (found.against, found.filtered) == (against, filtered)
    assert found.suggestion.id == other
    if not against and not filtered:
        assert ids(derived, org, top=found.rank)[-1] == other
    assert set(against) <= pair.AGAINST.keys()


def test_why_this_one_stands_above_that_one(larger: Derived) -> None:
    order = ids(larger, "o3", top=200)
    found = pair.why_not(larger, "o3", order[-1])
    assert (found.rank, found.of) == (len(order), len(order))
    assert found.last is not None
    assert found.last.id == order[pair.SHOWN - 1]
    assert sum(c.first for c in found.compared) == pytest.approx(1, abs=1e-3)
    assert sum(c.second for c in found.compared) == pytest.approx(found.suggestion.score / found.last.score, abs=1e-3)
    lacks = [c.second - c.first for c in found.compared]
    assert lacks == sorted(lacks)
    assert pair.why_not(larger, "o3", order[2]).last is None


@pytest.mark.parametrize(("org", "other"), [("x:nowhere", "x:uni"), ("x:pumpen", "x:nowhere")])
def test_why_not_of_nobody(derived: Derived, org: str, other: str) -> None:
    with pytest.raises(UsageError):
        pair.why_not(derived, org, other)


def test_a_radius_needs_a_position(derived: Derived) -> None:
    answer = suggest(derived, "x:lost", filters=Filters(within_km=20))
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
    assert set(weights()) == {*MODES, "no_links", "newcomer"}
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
    answer = suggest(d, org, mode=mode, filters=Filters(within_km, tuple(kinds)), top=20)
    assert answer == suggest(d, org, mode=mode, filters=Filters(within_km, tuple(kinds)), top=20)
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


def fitted() -> Model:
    found = models.model()
    assert found is not None
    return found


TABLES = {**{f"first {name}": table for name, table in weights().items()}, "fitted": fitted().weights, "far": at_reach(fitted().weights, fitted().reach, 0.9)}


@given(st.integers(0, 119), st.sampled_from(sorted(TABLES)))
@settings(max_examples=80, deadline=None)
def test_without_the_feature_of_a_reason_the_score_is_lower(larger: Derived, i: int, table: str) -> None:
    row = larger.index(f"o{i}")
    assert row is not None
    q = Question(larger, row)
    others = np.setdiff1d(np.arange(len(larger)), [row])
    full = score(q, others, TABLES[table])
    assert (full.parts >= 0).all()
    for k, name in enumerate(full.features):
        less = score(q, others, {n: w for n, w in TABLES[table].items() if n != name})
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


# ---------------------------------------------------------------------------------------------------------------- the model


def test_the_parts_make_the_score(larger: Derived) -> None:
    """What is shown as a reason adds up to the score: nothing else is in it."""
    for i in range(0, 100, 9):
        q = Question(larger, i)
        for s in suggest(larger, larger.ids[i], top=5).suggestions:
            shares = {r.feature: r.contribution for r in s.reasons}
            assert sum(shares.values()) == pytest.approx(1, abs=LEAST_SHARE * len(FEATURES))
            row = larger.index(s.id)
            assert row is not None
            values = {n: FEATURES[n].function(q, np.array([row]))[0] for n in FEATURES}
            for shown in shares:
                behind = ("shared_partner", "network") if shown in ("shared_partner", "network") else (shown,)
                assert any(values[n] > 0 for n in FEATURES if FEATURES[n].reason in behind)


def test_the_fitted_weights_rank_who_has_links(derived: Derived, monkeypatch: pytest.MonkeyPatch) -> None:
    with_model = suggest(derived, "x:pumpen")
    assert "no_model" not in with_model.notes
    monkeypatch.setattr(rank, "model", lambda: None)
    without = suggest(derived, "x:pumpen")
    assert without.notes[0] == "no_model"
    assert [s.score for s in without.suggestions] != [s.score for s in with_model.suggestions]
    assert {s.id for s in without.suggestions} == {s.id for s in with_model.suggestions}
    for org, mode in (("x:pumpen", "similar"), ("x:newcomer", "mixed")):
        assert "no_model" not in suggest(derived, org, mode=mode).notes  # type: ignore[arg-type]


WHOLE: dict[str, Any] = {
    "shape": 1,
    "derived": FORMAT,
    "features": {"network": True, "topic": False},
    "weights": {"network": 0.5, "topic": 1},
    "reach": 0.3,
}


@pytest.mark.parametrize(
    "content",
    [
        None,
        b"",
        b"{",
        b"[]",
        b"\xff\xfe",
        b"null",
        {**WHOLE, "shape": 2},
        {**WHOLE, "derived": FORMAT - 1},
        {**WHOLE, "features": {"network": True}},
        {**WHOLE, "features": {"network": False, "topic": False}},
        {**WHOLE, "features": {"network": True, "topic": False, "fortune": True}, "weights": {"network": 0.5, "topic": 1, "fortune": 1}},
        {**WHOLE, "features": {}, "weights": {}},
        {**WHOLE, "weights": {"network": -0.5, "topic": 1}},
        {**WHOLE, "weights": {"network": "much", "topic": 1}},
        {**WHOLE, "weights": {"network": None, "topic": 1}},
        {**WHOLE, "weights": [1, 2]},
        {**WHOLE, "reach": 1},
        {**WHOLE, "reach": None},
        {n: x for n, x in WHOLE.items() if n != "reach"},
    ],
)
def test_a_model_that_does_not_fit_is_not_used(tmp_path: Path, content: Any) -> None:
    path = tmp_path / "model.json"
    if content is not None:
        path.write_bytes(content if isinstance(content, bytes) else orjson.dumps(content))
    assert models.read(path) is None


def test_a_model_is_read_as_it_was_written(tmp_path: Path) -> None:
    path = tmp_path / "model.json"
    path.write_bytes(orjson.dumps(WHOLE))
    assert models.read(path) == Model({"network": 0.5, "topic": 1.0}, 0.3)
    made = Model({"network": 0.123, "circle": 0.0}, 0.25)
    models.write(path, made, {"source": "x"})
    assert models.read(path) == made
    assert models.read(models.MODEL_FILE) is not None


# ---------------------------------------------------------------------------------------------------------------- reach


def test_the_farther_the_reach_the_less_fame_counts(larger: Derived) -> None:
    assert at_reach(fitted().weights, fitted().reach, None) == at_reach(fitted().weights, fitted().reach, fitted().reach) == fitted().weights
    assert all(w == 0 for n, w in at_reach(fitted().weights, fitted().reach, 1).items() if FEATURES[n].fame)
    degree = larger.partners.degree()

    def known(reach: float) -> float:
        rows = [larger.index(s.id) for i in range(60) for s in suggest(larger, larger.ids[i], top=5, reach=reach).suggestions]
        return float(np.mean([degree[r] for r in rows if r is not None]))

    assert known(0) > known(0.5) > known(1)
    at_end = suggest(larger, "o3", reach=1).suggestions
    assert not {"well_connected", "activity"} & {r.feature for s in at_end for r in s.reasons}


@pytest.mark.parametrize("reach", [-0.1, 1.1, float("nan")])
def test_a_reach_out_of_range_is_refused(derived: Derived, reach: float) -> None:
    with pytest.raises(UsageError):
        suggest(derived, "x:pumpen", reach=reach)


# ---------------------------------------------------------------------------------------------------------------- circle


def two_circles() -> Feed:
    """a0..a9 work among themselves in groups of three, b0..b9 too; x works with nobody."""
    edges = [(f"{side}{(p + i) % 10}", f"{side}p{p}", {"roles": ["participant"]}) for side in "ab" for p in range(10) for i in (0, 1, 3)]
    nodes: list[tuple[str, dict[str, Any], Kind | None]] = [(f"{side}{i}", {"name": "N"}, None) for side in "ab" for i in range(10)]
    return Feed([*nodes, ("x", {"name": "N"}, None)], [(f"{side}p{p}", {}) for side in "ab" for p in range(10)], edges={"PARTICIPATES_IN": edges})


def test_who_works_in_the_same_circle_points_the_same_way(tmp_path: Path) -> None:
    first, second = (Derived(build(tmp_path / n, "1", two_circles())) for n in "12")
    place = first.circle
    assert np.array_equal(place, second.circle)
    assert place.shape == (21, CIRCLE)
    length = np.linalg.norm(place, axis=1)
    assert length[:20] == pytest.approx(np.ones(20), abs=1e-3)
    assert length[20] == 0
    q = Question(first, 0)
    assert q.circle[1:10].mean() > q.circle[10:20].mean() + 0.2
    assert not Question(first, 20).circle.any()
    assert len(candidates(q, np.ones(21, np.bool_))) == 21


# ---------------------------------------------------------------------------------------------------------------- fitting


def test_figures_by_hand() -> None:
    rows = np.arange(10, dtype=np.int64)
    q = training.measured([rows], [np.array([0, 2, 99])], [np.array([2])], [(3, 2)])
    ideal = 1 + 1 / np.log2(3) + 1 / 2
    assert (q.ndcg[0], q.hits[0], q.recall[0], q.rank[0], q.little[0]) == pytest.approx(((1 + 1 / 2) / ideal, 1, 2 / 3, 1, 1 / 2))
    assert np.isnan(training.measured([rows], [rows[:1]], [rows[:0]], [(1, 0)]).little[0])


def test_the_interval_of_a_difference() -> None:
    a = np.random.default_rng(3).random(400)
    low, high = training.interval(a + 0.1, a)
    assert low == pytest.approx(0.1)
    assert high == pytest.approx(0.1)
    low, high = training.interval(a, a[::-1].copy())
    assert low < 0 < high


def test_fitting_finds_what_decided(larger: Derived) -> None:
    """New partners are drawn from the nearest in the network: the walk gets the weight; twice the same."""
    truth = {}
    for i in range(100):
        q = Question(larger, i)
        others = np.setdiff1d(np.arange(len(larger)), [i, *q.partners.tolist()])
        best = others[np.argsort(-q.walk[others], kind="stable")[:3]]
        if len(q.projects) and (q.walk[best] > 0).all():
            truth[i] = set(best.tolist())
    made = training.cases(larger, truth, training.MIXED, training.sample(truth))
    w = training.fit(made, range(len(training.MIXED)))
    assert np.array_equal(w, training.fit(made, range(len(training.MIXED))))
    assert (w >= 0).all()
    assert w[training.MIXED.index("network")] > 1
    ours = training.quality(made, [c.values @ w for c in made]).means()
    assert ours["ndcg"] > training.by_one_feature(larger, truth, "topic", sorted(truth)).means()["ndcg"]


def test_what_people_say_moves_the_weights(larger: Derived) -> None:
    """Whoever says that those who work on the same topics do not fit, and others do, is followed."""
    r = random.Random(3)
    truth = {row: {r.randrange(len(larger)) for _ in range(4)} - {row} for row in range(100)}
    pairs = []
    for row in range(0, 60, 2):
        q = Question(larger, row)
        order = sorted(candidates(q, allowed_mask(q)).tolist(), key=lambda i, q=q: float(q.topic_cosine[i]))  # type: ignore[misc]
        if len(order) > 6 and q.topic_cosine[order[-1]] > q.topic_cosine[order[0]]:
            pairs += [(row, i, 1) for i in order[:3]] + [(row, i, -1) for i in order[-3:]]
    said = training.opinion_cases(larger, pairs, training.FITTED_ON)
    assert len(pairs) > 60
    silent, figures = training.train(larger, truth)
    told, with_opinions = training.train(larger, truth, said)
    assert "opinions_in_order" not in figures
    order_of = with_opinions["opinions_in_order"]
    assert order_of["with_them"] > order_of["without_them"]
    assert told.weights != silent.weights


@pytest.mark.parametrize("pairs", [[], [(3, 4, 1)], [(3, 4, -1), (3, 5, -1)]])
def test_one_sided_opinions_say_nothing_about_an_order(larger: Derived, pairs: list[tuple[int, int, int]]) -> None:
    assert training.opinion_cases(larger, pairs, training.FITTED_ON) == []


def test_a_website_is_the_next_step(tmp_path: Path) -> None:
    nodes = [("o:1", {"name": "A"}, None), ("o:2", {"name": "B", "website": "https://b.invalid/"}, None), ("o:3", {"name": "C"}, None)]
    with_site = Derived(build(tmp_path, "1", Feed(nodes)))
    assert {s.id: s.website for s in suggest(with_site, "o:1").suggestions} == {"o:2": "https://b.invalid/", "o:3": ""}
    with_site.close()
