"""Opinions about suggestions and the Merkliste: whose word counts, what it does to suggestions, and that it survives loads and merges."""

from __future__ import annotations

import gc
import math
import weakref
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

import pytest
import small_graph

from graph.derive import Feed, build
from graph.derived import Derived
from graph.errors import UsageError
from graph.opinions import HIDING, NEWCOMER, VERDICTS, Opinion, Opinions, deciding, nodes, precision, said_for, standing, suggest_judged, training_pairs, wilson
from graph.questions import Questions
from graph.state import State
from graph.suggest import suggest
from graph.suggest.explain import JUDGED
from graph.suggest.pair import partners_already, suggestion_of
from graph.tabular import render
from graph.watchlist import LONGEST_NOTE, STATES, Watchlist
from ingest.base import FileError
from ingest.opinion_sheet import COLUMNS, sheet, take_sheet

ME, OTHER = "ror:umsicht", "x:newcomer"
"""OTHER is suggested to ME."""


@pytest.fixture(scope="module")
def derived(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Derived]:
    opened = Derived(build(tmp_path_factory.mktemp("derived"), "1", small_graph.feed()))
    yield opened
    opened.close()


@pytest.fixture
def state(tmp_path: Path) -> Iterator[State]:
    with State(tmp_path) as opened:
        yield opened


@pytest.fixture
def opinions(state: State) -> Opinions:
    return Opinions(state)


def ids(state: State, derived: Derived, org: str = ME, **options: object) -> list[str]:
    return [s.id for s in suggest_judged(state, derived, org, **options).suggestions]


def test_nothing_said_changes_nothing(state: State, derived: Derived) -> None:
    assert suggest_judged(state, derived, ME) == suggest(derived, ME)


@pytest.mark.parametrize("verdict", VERDICTS)
def test_what_a_verdict_does(state: State, opinions: Opinions, derived: Derived, verdict: str) -> None:
    before = ids(state, derived)
    last = before[-1]
    opinions.judge(ME, last, verdict, "anna", "", shown=len(before))
    after = suggest_judged(state, derived, ME).suggestions
    if verdict in HIDING:
        assert [s.id for s in after] == before[:-1]
    elif verdict == "fits":
        found = next(s for s in after if s.id == last)
        assert JUDGED in {r.feature for r in found.reasons}
        plain = next(s for s in suggest(derived, ME).suggestions if s.id == last)
        assert found.score > plain.score  # without the reason the score is lower
        assert [s.id for s in after].index(last) < before.index(last)
        assert all(JUDGED not in {r.feature for r in s.reasons} for s in after if s.id != last)
    else:
        assert [s.id for s in after] == before
    # for another organisation nothing changed
    assert suggest_judged(state, derived, "x:hrw") == suggest(derived, "x:hrw")
    taken = opinions.undo(1, who="anna")
    assert taken is not None
    assert ids(state, derived) == before
    assert opinions.undo(1, who="anna") is None
    assert [(e.action, e.what, e.before, e.after) for e in state.audit()] == [
        ("opinion undone", f"{ME} {last}", verdict, ""),
        ("opinion", f"{ME} {last}", "", verdict),
    ]


def test_a_lift_overrules_no_rule(state: State, opinions: Opinions, derived: Derived) -> None:
    for never in ("x:pumpen", "ror:fhg", "x:gone", "x:nameless"):  # partner, same group, dissolved, without a name
        opinions.judge(ME, never, "fits", "anna")
    assert not {"x:pumpen", "ror:fhg", "x:gone", "x:nameless"} & set(ids(state, derived))
    opinions.judge(ME, OTHER, "fits", "anna")
    assert OTHER not in ids(state, derived, suppressed=[OTHER])  # the suppression list of the site


def test_the_bonus_is_half_of_the_best_score(state: State, opinions: Opinions, derived: Derived) -> None:
    plain = {s.id: s.score for s in suggest(derived, ME).suggestions}
    opinions.judge(ME, OTHER, "fits", "anna")
    lifted = {s.id: s.score for s in suggest_judged(state, derived, ME).suggestions}
    assert math.isclose(lifted[OTHER] - plain[OTHER], max(plain.values()) / 2, rel_tol=1e-3)
    assert all(lifted[i] == plain[i] for i in plain if i != OTHER)


@pytest.mark.parametrize(
    ("said", "hidden"),
    [
        ([("anna", "does_not_fit")], True),
        ([("anna", "does_not_fit"), ("anna", "fits")], False),
        ([("anna", "fits"), ("bert", "known")], True),
        ([("anna", "known"), ("bert", "fits")], False),
        ([("anna", "known"), ("bert", "unclear")], True),  # unclear changes nothing, not even another's word
        ([("anna", "known"), ("anna", "unclear")], False),  # but it takes the place of one's own
        ([("anna", "unclear")], False),
        ([("anna", "competitor"), ("bert", "fits"), ("anna", "unclear")], False),
    ],
)
def test_whose_word_counts(state: State, opinions: Opinions, derived: Derived, said: list[tuple[str, str]], hidden: bool) -> None:
    for who, verdict in said:
        opinions.judge(ME, OTHER, verdict, who)
    assert (OTHER not in ids(state, derived)) == hidden


def test_an_undone_word_gives_way_to_the_one_before(state: State, opinions: Opinions, derived: Derived) -> None:
    opinions.judge(ME, OTHER, "known", "anna")
    second = opinions.judge(ME, OTHER, "fits", "anna")
    assert OTHER in ids(state, derived)
    opinions.undo(second.number, who="bert")
    assert OTHER not in ids(state, derived)
    assert [(o.verdict, o.undone) for o in opinions.all()] == [("fits", True), ("known", False)]
    assert [(e.who, e.before, e.after) for e in state.audit()] == [("bert", "fits", ""), ("anna", "known", "fits"), ("anna", "", "known")]


@pytest.mark.parametrize(("asker", "about", "verdict"), [(ME, OTHER, "yes"), (ME, ME, "fits"), (ME, "", "fits"), (ME, OTHER, "")])
def test_what_is_no_opinion(opinions: Opinions, asker: str, about: str, verdict: str) -> None:
    with pytest.raises(UsageError):
        opinions.judge(asker, about, verdict, "anna")
    assert opinions.all() == []


# ---------------------------------------------------------------------------------------------------------------- loads and merges


def other_graph(tmp_path: Path, *, gone: str = "", merged: tuple[str, str] | None = None) -> Derived:
    """The small network, without an organisation, or with one record joined to another node (its id becomes an alias)."""
    feed = small_graph.feed()
    dropped = gone or (merged[0] if merged else "")
    edges = {}
    for t, rows in feed.edges.items():
        moved = [(merged[1] if merged and a == merged[0] else a, merged[1] if merged and b == merged[0] else b, p) for a, b, p in rows]
        edges[t] = [(a, b, p) for a, b, p in moved if dropped not in (a, b) and a != b]
    aliases = [*feed.aliases, *([merged] if merged else [])]
    return Derived(
        build(tmp_path / "derived", "2", Feed([o for o in feed.organizations if o[0] != dropped], feed.projects, feed.topics, feed.places, edges, aliases))
    )


def test_an_organisation_that_vanished_and_came_back(state: State, opinions: Opinions, derived: Derived, tmp_path: Path) -> None:
    opinions.judge(ME, OTHER, "does_not_fit", "anna", shown=3)
    without = other_graph(tmp_path, gone=OTHER)
    assert OTHER not in ids(state, without)
    assert said_for(state, without, ME) == {}
    assert training_pairs(state, without) == []
    assert precision(opinions.all(), nodes(without)).judged == 1  # what was judged was judged
    assert [o.about for o in opinions.all()] == [OTHER]
    assert OTHER not in ids(state, derived)  # it is back, and so is the word about it
    without.close()


@pytest.mark.parametrize("end", ["about", "asker"])
def test_a_record_that_was_merged(state: State, opinions: Opinions, derived: Derived, tmp_path: Path, end: str) -> None:
    """The record that was judged, or that asked, is now one of several of another node; the word follows it."""
    record, node = "x:bare", "x:hrw"
    if end == "about":
        opinions.judge(ME, record, "competitor", "anna")
    else:
        opinions.judge(record, "x:stahl", "competitor", "anna")
    joined = other_graph(tmp_path, merged=(record, node))
    asker, hidden = (ME, node) if end == "about" else (node, "x:stahl")
    assert {k: o.verdict for k, o in said_for(state, joined, asker).items()} == {hidden: "competitor"}
    assert hidden not in ids(state, joined, asker)
    assert hidden in ids(state, derived, asker)  # before the merge it was not about this node
    joined.close()


def test_two_words_about_one_node_after_a_merge(state: State, opinions: Opinions, tmp_path: Path) -> None:
    opinions.judge(ME, "x:bare", "does_not_fit", "anna", shown=1)
    opinions.judge(ME, "x:hrw", "fits", "anna", shown=2)
    joined = other_graph(tmp_path, merged=("x:bare", "x:hrw"))
    assert {k: o.verdict for k, o in said_for(state, joined, ME).items()} == {"x:hrw": "fits"}  # the same person's later word
    assert [o.verdict for o in standing(opinions.all(), nodes(joined))] == ["fits"]
    assert precision(opinions.all(), nodes(joined)).judged == 1
    assert precision(opinions.all()).judged == 2
    joined.close()


def test_asker_and_candidate_become_one(state: State, opinions: Opinions, tmp_path: Path) -> None:
    opinions.judge("x:hrw", "x:bare", "fits", "anna")
    joined = other_graph(tmp_path, merged=("x:bare", "x:hrw"))
    assert said_for(state, joined, "x:hrw") == {}
    assert training_pairs(state, joined) == []
    joined.close()


def test_a_text_of_a_newcomer_hides_nothing(state: State, opinions: Opinions, derived: Derived) -> None:
    opinions.judge(NEWCOMER, OTHER, "does_not_fit", "anna", shown=1)
    assert ids(state, derived) == [s.id for s in suggest(derived, ME).suggestions]
    assert said_for(state, derived, NEWCOMER) == {}
    assert training_pairs(state, derived) == []
    assert precision(opinions.all()).judged == 1
    assert [e.what for e in state.audit()] == [f"- {OTHER}"]


# ---------------------------------------------------------------------------------------------------------------- figures


def said(verdict: str, shown: int | None, number: int, about: str = "") -> Opinion:
    return Opinion("a", about or f"b{number}", verdict, "", "anna", "2026-01-01T00:00:00+00:00", shown, number)


@pytest.mark.parametrize(
    ("opinions", "fits", "judged"),
    [
        ([], 0, 0),
        ([said("fits", 1, 1), said("does_not_fit", 10, 2)], 1, 2),
        ([said("fits", 11, 1), said("fits", None, 2)], 0, 0),
        ([said("known", 1, 1), said("competitor", 2, 2), said("unclear", 3, 3)], 0, 0),
        ([said("fits", 1, 1, "b"), said("does_not_fit", 2, 2, "b")], 0, 1),
    ],
)
def test_precision_counts_pairs_that_were_shown_first(opinions: list[Opinion], fits: int, judged: int) -> None:
    found = precision(opinions)
    assert (found.fits, found.judged) == (fits, judged)
    assert found.low <= found.share <= found.high


@pytest.mark.parametrize(
    # R 4: prop.test(..., correct = FALSE)
    ("hits", "n", "low", "high"),
    [(0, 0, 0.0, 1.0), (0, 10, 0.0, 0.2775), (10, 10, 0.7225, 1.0), (5, 10, 0.2366, 0.7634), (12, 20, 0.3866, 0.7812), (81, 263, 0.2553, 0.3662)],
)
def test_wilson(hits: int, n: int, low: float, high: float) -> None:
    assert wilson(hits, n) == pytest.approx((low, high), abs=1e-4)


def test_pairs_to_learn_from(state: State, opinions: Opinions, derived: Derived) -> None:
    for about, verdict in ((OTHER, "fits"), ("x:hrw", "does_not_fit"), ("x:bare", "known"), ("x:double1", "competitor"), ("x:double2", "unclear")):
        opinions.judge(ME, about, verdict, "anna")
    opinions.judge("nicht:da", OTHER, "fits", "anna")
    row = derived.index
    assert training_pairs(state, derived) == sorted([(row(ME), row(OTHER), 1), (row(ME), row("x:hrw"), -1)])


def test_many_words(state: State, opinions: Opinions, derived: Derived) -> None:
    with state.transaction() as c:
        c.exec_driver_sql(
            """WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 5000)
            INSERT INTO opinion (asker, about, verdict, why, who, at) SELECT 'x:hrw', 'y:' || i, 'known', '', 'anna', '' FROM n"""
        )
    opinions.judge(ME, OTHER, "known", "anna")
    assert OTHER not in ids(state, derived)
    assert deciding(opinions.all())[ME, OTHER].verdict == "known"


@pytest.mark.parametrize(("a", "b", "already"), [(ME, "x:pumpen", True), (ME, "x:stahl", True), (ME, OTHER, False), (ME, "nicht:da", False)])
def test_one_pair(derived: Derived, a: str, b: str, already: bool) -> None:
    assert partners_already(derived, a, b) is already
    found = suggestion_of(derived, a, b)
    assert (found is None) == (b == "nicht:da")
    if b == OTHER:
        assert found == next(s for s in suggest(derived, a).suggestions if s.id == b)  # the same as in the list
        assert found is not None
        lifted = suggestion_of(derived, a, b, lifted=[b])
        assert lifted is not None
        assert JUDGED in {r.feature for r in lifted.reasons}
    assert suggestion_of(derived, a, a) is None


# ---------------------------------------------------------------------------------------------------------------- spreadsheet


@pytest.mark.parametrize(
    ("rows", "kept", "known", "empty", "problems"),
    [
        ([f"{ME},{OTHER},passt,gutes Gespräch,3"], 1, 0, 0, 0),
        ([f"{ME},{OTHER},PASST NICHT,,"], 1, 0, 0, 0),
        ([f"{ME},{OTHER},kennen wir schon,,", f"{ME},x:hrw,Konkurrent,,", f"{ME},x:bare,unklar,,"], 3, 0, 0, 0),
        ([f",{OTHER},passt,,"], 1, 0, 0, 0),  # for a text
        ([f"{ME},{OTHER},,,"], 0, 0, 1, 0),
        ([f"{ME},{OTHER},vielleicht,,"], 0, 0, 0, 1),
        ([f"{ME},,passt,,"], 0, 0, 0, 1),
        ([f"{ME},{ME},passt,,"], 0, 0, 0, 1),
        ([f"{ME},{OTHER},passt,,", f"{ME},{OTHER},passt nicht,,"], 1, 0, 0, 1),
        ([f"{ME},{OTHER},passt,,", f"{ME},{OTHER},fits,,"], 1, 1, 0, 0),
        ([f"{ME},{OTHER}", f"{ME},x:hrw,passt,,"], 1, 0, 0, 1),
        ([f"'{ME},{OTHER},'passt,'=böse,'4"], 1, 0, 0, 0),
        (["gibt:es:nicht,y:1,passt,Quelle kommt wieder,"], 1, 0, 0, 0),
    ],
)
def test_a_table_comes_in(state: State, opinions: Opinions, tmp_path: Path, rows: list[str], kept: int, known: int, empty: int, problems: int) -> None:
    file = tmp_path / "vorschlaege.csv"
    file.write_text("asker,about,verdict,why,shown\n" + "\n".join(rows) + "\n", encoding="utf-8")
    taken = take_sheet(state, file, "anna")
    assert (len(taken.kept), taken.known, taken.empty, len(taken.problems)) == (kept, known, empty, problems)
    assert all("vorschlaege.csv:" in de for de, _ in taken.problems)
    again = take_sheet(state, file, "anna")
    assert (len(again.kept), again.known) == (0, kept + known)
    assert len(opinions.all()) == kept


@pytest.mark.parametrize("form", ["csv", "csv-excel"])
def test_what_goes_out_comes_in(state: State, opinions: Opinions, derived: Derived, tmp_path: Path, form: str) -> None:
    opinions.judge(ME, OTHER, "fits", "anna", '=HYPERLINK("http://x.invalid")', shown=2)
    opinions.judge(ME, "nicht:da", "known", "bert", "Zeile\nzwei; drei", shown=None)
    rows = list(sheet(state, derived, ask_for=ME, top=5))
    assert [(r["asker"], r["about"]) for r in rows[-2:]] == [(ME, OTHER), (ME, "nicht:da")]
    open_ = [r for r in rows if not r.get("verdict")]
    assert open_
    assert all(r["about"] != OTHER for r in open_)  # what is judged is not asked again
    text = render(rows, COLUMNS, form)
    assert "'=HYPERLINK" in text
    file = tmp_path / f"{form}.csv"
    file.write_text(text, encoding="utf-8", newline="")
    with State(tmp_path / "other") as fresh:
        taken = take_sheet(fresh, file, "carla")
        assert (taken.empty, taken.problems) == (len(open_), [])
        found = {(o.about, o.verdict, o.why, o.shown, o.who) for o in Opinions(fresh).all()}
    assert found == {(OTHER, "fits", '=HYPERLINK("http://x.invalid")', 2, "carla"), ("nicht:da", "known", "Zeile\nzwei; drei", None, "carla")}


def test_a_file_that_is_no_table(state: State, tmp_path: Path) -> None:
    file = tmp_path / "x.csv"
    file.write_text("a,b\n1,2\n", encoding="utf-8")
    with pytest.raises(FileError):
        take_sheet(state, file, "anna")


# ---------------------------------------------------------------------------------------------------------------- Merkliste


def test_a_list_of_ones_own(state: State) -> None:
    anna, bert = Watchlist(state, "anna"), Watchlist(state, "bert")
    first = anna.note(ME, OTHER)
    assert anna.note(ME, OTHER) == first
    assert first.state == "noted"
    assert bert.entries() == []
    for other in (bert.change, bert.remove, bert.put_back):
        assert (other(first.number, "talking", "x") if other == bert.change else other(first.number)) is None
    for s in STATES[1:]:
        changed = anna.change(first.number, s, f"  Notiz {s} ")
        assert changed is not None
        assert (changed.state, changed.note) == (s, f"Notiz {s}")
    assert anna.change(first.number, STATES[-1], f"Notiz {STATES[-1]}") == changed  # nothing new: nothing on record
    assert anna.remove(first.number) is not None
    assert anna.remove(first.number) is None
    assert anna.entries() == []
    back = anna.put_back(first.number)
    assert back is not None
    assert (back.state, back.note) == (STATES[-1], f"Notiz {STATES[-1]}")
    actions = [(e.who, e.action, e.before, e.after) for e in reversed(state.audit())]
    assert actions == [
        ("anna", "watch", "", "noted"),
        *(x for a, b in pairwise(STATES) for x in (("anna", "watch", a, b), ("anna", "watch note", "", ""))),
        ("anna", "watch", STATES[-1], ""),
        ("anna", "watch", "", STATES[-1]),
    ]


def test_what_was_taken_off_is_forgotten_with_the_next(state: State) -> None:
    anna = Watchlist(state, "anna")
    a, b = anna.note(ME, OTHER), anna.note(ME, "x:hrw")
    anna.change(a.number, "talking", "Frau Muster anrufen")
    anna.remove(a.number)
    anna.remove(b.number)
    assert anna.put_back(a.number) is None
    assert anna.put_back(b.number) is not None
    again = anna.note(ME, OTHER)
    assert (again.state, again.note) == ("noted", "")
    assert "Muster" not in "".join(e.before + e.after + e.what for e in state.audit())


@pytest.mark.parametrize(("asker", "noted"), [(ME, ME), (ME, "")])
def test_what_cannot_be_noted(state: State, asker: str, noted: str) -> None:
    with pytest.raises(UsageError):
        Watchlist(state, "anna").note(asker, noted)


def test_a_long_note_is_cut_and_a_wrong_state_refused(state: State) -> None:
    anna = Watchlist(state, "anna")
    n = anna.note("", OTHER).number
    found = anna.change(n, "noted", "x" * (LONGEST_NOTE + 5))
    assert found is not None
    assert len(found.note) == LONGEST_NOTE
    with pytest.raises(UsageError):
        anna.change(n, "married", "")


def test_a_database_of_the_version_before_is_taken_along(tmp_path: Path) -> None:
    with State(tmp_path) as state, state.transaction() as c:
        for t in ("opinion", "watched", "job", "correction", "asked", "question", "seen", "news", "suppressed"):
            c.exec_driver_sql(f"DROP TABLE {t}")
        c.exec_driver_sql("DELETE FROM schema_version WHERE number >= 4")
    with State(tmp_path) as state:
        Opinions(state).judge(ME, OTHER, "fits", "anna")
        Watchlist(state, "anna").note(ME, OTHER)
        Questions(state, "anna").save("a", "cypher", "RETURN 1", "")
        assert len(state.audit()) == 2


def test_files_of_an_old_version_are_let_go(state: State, opinions: Opinions, tmp_path: Path) -> None:
    opinions.judge(ME, OTHER, "known", "anna")
    opened = other_graph(tmp_path, gone="x:bare")
    assert said_for(state, opened, ME)
    watcher = weakref.ref(opened)
    opened.close()
    del opened
    gc.collect()
    assert watcher() is None
