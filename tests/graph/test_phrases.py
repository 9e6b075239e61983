"""The phrase book: every question answered on both engines on a network made by hand, and on the demo data."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from conftest import ENGINES, Engines
from phrase_graph import phrase_claims

from graph.querybook import QueryBookError, load_book
from graph.settings import Settings
from graph.store import Store, open_store
from ingest import claims, load
from ingest.base import Context, Release
from ingest.sources import SOURCES

BOOK = load_book()
PHRASES = [q.name for q in BOOK.phrases()]
OBERHAUSEN, ESSEN, RUHR = "place:05119", "place:05113", "place:region:ruhr"

# phrase, parameters, columns that are looked at, rows expected in this order
CASES: list[tuple[str, dict[str, Any], tuple[str, ...], list[tuple[Any, ...]]]] = [
    (
        "hidden_innovators",
        {"place": OBERHAUSEN},
        ("organization_id", "projects", "research_partners", "partners", "known", "topics", "last_year", "project_id"),
        [("x:beta", 2, 1, 2, 4, ["Wasserstoff"], "2020", "p:5"), ("x:alpha", 1, 1, 1, 1, ["Wasser"], "2010", "p:1")],
    ),
    ("hidden_innovators", {"place": OBERHAUSEN, "partners": 1}, ("organization_id",), [("x:alpha",)]),
    ("hidden_innovators", {"place": OBERHAUSEN, "known": 3}, ("organization_id",), [("x:alpha",)]),
    ("hidden_innovators", {"place": OBERHAUSEN, "topic": "t:energy", "language": "en"}, ("organization_id", "topics"), [("x:beta", ["hydrogen"])]),
    ("hidden_innovators", {"place": "place:05315"}, ("organization_id",), []),  # Sigma is dissolved
    (
        "firms_without_research",
        {"place": OBERHAUSEN},
        ("organization_id", "projects", "topics", "research_ids", "research"),
        [("x:gamma", 0, ["Speicher"], ["x:u"], ["Institut U"])],
    ),
    ("firms_without_research", {"place": OBERHAUSEN, "topic": "t:energy"}, ("organization_id",), [("x:gamma",)]),
    ("firms_without_research", {"place": OBERHAUSEN, "topic": "t:water"}, ("organization_id",), []),
    ("research_within_km", {"place": OBERHAUSEN, "km": 30, "topic": "t:energy"}, ("organization_id", "km", "projects"), [("x:u", 0.0, 1)]),
    (
        "research_within_km",
        {"place": OBERHAUSEN, "km": 200, "topic": "t:energy"},
        ("organization_id", "km", "projects", "topics"),
        [("x:koeln", 62.7, 2, ["Wasserstoff"]), ("x:u", 0.0, 1, ["Speicher"]), ("x:delft", 180.2, 1, ["Energie"])],
    ),
    (
        "topic_strength",
        {"place": OBERHAUSEN, "region": RUHR, "least": 1},
        ("topic_id", "local", "regional", "share_percent", "quotient"),
        [("t:energy", 3, 6, 50.0, 1.25), ("t:hydrogen", 3, 6, 50.0, 1.25), ("t:storage", 1, 2, 50.0, 1.25), ("t:water", 1, 4, 25.0, 0.63)],
    ),
    ("topic_strength", {"place": OBERHAUSEN, "region": RUHR, "least": 2}, ("topic",), [("Energie",), ("Wasserstoff",)]),
    (
        "research_topics_without_common_project",
        {"place": OBERHAUSEN},
        ("topic_id", "topic", "firm_ids", "research_ids", "research"),
        [
            ("t:hydrogen", "Wasserstoff", ["x:beta"], ["x:u"], ["Institut U"]),
            ("t:storage", "Speicher", ["x:gamma"], ["x:u"], ["Institut U"]),
        ],
    ),
    (
        "bridges_to_cities",
        {"place": OBERHAUSEN},
        ("organization_id", "cities", "countries", "partners"),
        [("x:beta", 2, 1, 2), ("x:alpha", 1, 1, 1), ("x:u", 1, 1, 1)],
    ),
    (
        "funding_per_topic_and_year",
        {"place": OBERHAUSEN},
        ("year", "topic_id", "funding_eur", "projects", "organizations", "without_amount"),
        [("2020", "t:hydrogen", 500, 1, 1, 0), ("2019", "t:storage", 300, 1, 1, 0), ("2018", "t:hydrogen", 0, 1, 1, 1), ("2010", "t:water", 1000, 1, 1, 0)],
    ),
    (
        "funding_per_topic_and_year",
        {"place": OBERHAUSEN, "topic": "t:hydrogen", "since": 2019},
        ("year", "topic_id"),
        [("2020", "t:hydrogen"), ("2019", "t:storage")],
    ),
    ("newcomers", {"place": OBERHAUSEN, "years": 3}, ("organization_id", "first_year", "project_id", "project"), [("x:beta", "2018", "p:2", "Zweites")]),
    ("newcomers", {"place": "place:05315", "years": 20}, ("organization_id",), []),
    ("newcomers", {"place": OBERHAUSEN, "years": 20}, ("organization_id",), [("x:beta",), ("x:alpha",)]),
    (
        "who_works_with",
        {"organization": "x:u"},
        ("relation", "via_id", "city", "partner_id", "projects", "last_year", "evidence_ids"),
        [
            ("selbst", "x:u", "Essen", "x:delta", 1, "2019", ["e:p:3:x:u", "e:p:3:x:delta"]),
            ("Teil", "x:lab", "Essen", "x:due", 1, "2012", ["e:p:6:x:lab", "e:p:6:x:due"]),
            ("übergeordnet", "x:f", "Delft", "x:delft", 1, "2019", ["e:p:4:x:f", "e:p:4:x:delft"]),
        ],
    ),
    ("who_works_with", {"organization": "x:u", "parents": False, "language": "en"}, ("relation", "partner_id"), [("itself", "x:delta"), ("part", "x:due")]),
    ("who_works_with", {"organization": "x:u", "parts": False, "parents": False}, ("relation", "partner_id"), [("selbst", "x:delta")]),
    (
        "projects_of_organization",
        {"organization": "x:f"},
        ("year", "project_id", "project", "via_ids", "via", "evidence_ids"),
        [
            ("2019", "p:3", "Drittes", ["x:u"], ["Institut U"], ["e:p:3:x:u"]),
            ("2019", "p:4", "Viertes", ["x:f"], ["Gesellschaft F"], ["e:p:4:x:f"]),
            ("2012", "p:6", "Sechstes", ["x:lab"], ["Labor U"], ["e:p:6:x:lab"]),
        ],
    ),
    ("projects_of_organization", {"organization": "x:f", "parts": False}, ("project_id",), [("p:4",)]),
    ("projects_of_organization", {"organization": "x:f", "since": 2019}, ("project_id",), [("p:3",), ("p:4",)]),
    (
        "partners_of_organization",
        {"organization": "x:f"},
        ("partner_id", "projects", "last_year", "via_ids", "evidence_ids"),
        [
            ("x:delft", 1, "2019", ["x:f"], ["e:p:4:x:f", "e:p:4:x:delft"]),
            ("x:delta", 1, "2019", ["x:u"], ["e:p:3:x:u", "e:p:3:x:delta"]),
            ("x:due", 1, "2012", ["x:lab"], ["e:p:6:x:lab", "e:p:6:x:due"]),
        ],
    ),
    ("partners_of_organization", {"organization": "x:f", "parts": False}, ("partner_id",), [("x:delft",)]),
    ("partners_of_organization", {"organization": "x:delft", "country": "DE"}, ("partner_id", "projects"), [("x:f", 1), ("x:delta", 0)]),
    (
        "who_works_on_topic",
        {"topic": "t:energy"},
        ("organization_id", "projects", "via_ids"),
        [
            ("x:delta", 3, ["x:delta"]),
            ("x:beta", 2, ["x:beta"]),
            ("x:f", 2, ["x:f", "x:u"]),
            ("x:koeln", 2, ["x:koeln"]),
            ("x:delft", 1, ["x:delft"]),
            ("x:gamma", 0, ["x:gamma"]),
        ],
    ),
    (
        "who_works_on_topic",
        {"topic": "t:energy", "parts": False, "country": "DE"},
        ("organization_id", "projects"),
        [("x:delta", 3), ("x:beta", 2), ("x:koeln", 2), ("x:f", 1), ("x:u", 1), ("x:gamma", 0)],
    ),
    ("who_works_with", {"organization": "x:delta", "country": "NL"}, ("partner_id", "projects", "last_year"), [("x:delft", 0, "2016")]),
    (
        "shortest_paths",
        {"start": "x:alpha", "end": "x:lab"},
        ("steps", "path_ids", "path", "evidence_ids"),
        [
            (
                4,
                ["x:alpha", "p:1", "x:due", "p:6", "x:lab"],
                ["Alpha GmbH", "Klares Nass", "Universität E", "Sechstes", "Labor U"],
                ["e:p:1:x:alpha", "e:p:1:x:due", "e:p:6:x:due", "e:p:6:x:lab"],
            )
        ],
    ),
    ("shortest_paths", {"start": "x:delta", "end": "x:koeln"}, ("steps", "path_ids"), [(2, ["x:delta", "p:2", "x:koeln"]), (2, ["x:delta", "p:7", "x:koeln"])]),
    ("shortest_paths", {"start": "x:alpha", "end": "x:gamma"}, ("steps",), []),
    (
        "joint_application_topics",
        {"place": OBERHAUSEN, "firms": 2},
        ("topic_id", "count", "firm_ids", "experienced", "together"),
        [("t:hydrogen", 2, ["x:beta", "x:gamma"], 1, 0)],
    ),
    (
        "joint_application_topics",
        {"place": RUHR, "firms": 2, "most": 3},
        ("topic_id", "count", "firm_ids", "experienced", "together"),
        [("t:hydrogen", 3, ["x:beta", "x:delta", "x:gamma"], 2, 1), ("t:storage", 2, ["x:delta", "x:gamma"], 1, 0)],
    ),
    (
        "consortium_gaps",
        {"members": ["x:alpha", "x:u"]},
        ("missing", "gap_id", "gap", "projects", "of", "organization_ids"),
        [("Art", "University", "Hochschule", 2, 3, ["x:due"])],
    ),
    (
        "consortium_gaps",
        {"members": ["x:alpha", "x:u"], "topic": "t:energy", "language": "en"},
        ("missing", "gap_id", "gap", "projects", "of", "organization_ids"),
        [("kind", "University", "university", 3, 4, ["x:koeln", "x:delft"]), ("topic", "t:hydrogen", "hydrogen", 2, 4, ["x:delta", "x:koeln", "x:beta"])],
    ),
    (
        "old_or_thin_cooperations",
        {"place": OBERHAUSEN, "before": 2012},
        ("organization_id", "partner_id", "occasions", "last_year", "old", "single", "evidence_ids"),
        [
            ("x:alpha", "x:due", 1, "2010", True, True, ["e:p:1:x:alpha", "e:p:1:x:due"]),
            ("x:beta", "x:delta", 1, "2018", False, True, ["e:p:2:x:beta", "e:p:2:x:delta"]),
            ("x:beta", "x:koeln", 1, "2018", False, True, ["e:p:2:x:beta", "e:p:2:x:koeln"]),
            ("x:u", "x:delta", 1, "2019", False, True, ["e:p:3:x:u", "e:p:3:x:delta"]),
        ],
    ),
    (
        "old_or_thin_cooperations",
        {"place": ESSEN, "before": 2012, "participants": 2},
        ("organization_id", "partner_id", "last_year"),
        [("x:due", "x:alpha", "2010"), ("x:due", "x:lab", "2012"), ("x:delta", "x:delft", "2016"), ("x:delta", "x:koeln", "2017"), ("x:delta", "x:u", "2019")],
    ),
    (
        "projects_per_programme_topic_year",
        {"place": OBERHAUSEN},
        ("programme", "topic_id", "year", "projects", "organizations"),
        [
            ("Neuprogramm", "t:hydrogen", "2020", 1, 1),
            ("Neuprogramm", "t:storage", "2019", 1, 1),
            ("Neuprogramm", "t:hydrogen", "2018", 1, 1),
            ("Altprogramm", "t:water", "2010", 1, 1),
        ],
    ),
    (
        "lookalike_pairs",
        {"place": OBERHAUSEN},
        ("firm_id", "research_id", "common_partners", "partner_ids", "common_topics", "topics"),
        [("x:alpha", "x:lab", 1, ["x:due"], 1, ["Wasser"])],
    ),
    ("lookalike_pairs", {"place": OBERHAUSEN, "least": 2}, ("firm_id",), []),
]


@pytest.fixture(scope="module", params=ENGINES)
def asked(request: pytest.FixtureRequest, engines: Engines) -> Iterator[Store]:
    """The network made by hand, loaded once for all cases, through the reader's rights."""
    config: Settings = engines.empty(request.param)
    meta = next(s.meta for s in SOURCES if s.meta.id == "cordis")
    ctx = Context(meta, Release("a", "2024-01-01", "a"))
    claims.write_set(ctx, phrase_claims(), claims.set_path(config.home, "cordis", "a"), [], "1")
    with load.write_lock(config), open_store(config, write=True) as store:
        load.load(config, store)
    with open_store(config) as store:
        yield store


def test_every_question_is_asked_here() -> None:
    assert len(PHRASES) == 18
    assert {name for name, _, _, _ in CASES} == set(PHRASES)


@pytest.mark.parametrize(("name", "values", "columns", "rows"), CASES, ids=[f"{i}-{c[0]}" for i, c in enumerate(CASES)])
def test_answer(asked: Store, name: str, values: dict[str, Any], columns: tuple[str, ...], rows: list[tuple[Any, ...]]) -> None:
    answer = asked.run_phrase(BOOK[name], values, limit=100)
    assert [tuple(row[c] for c in columns) for row in answer.dicts()] == rows
    assert not answer.truncated
    if rows:  # ArcadeDB names no columns where there are no rows
        assert answer.columns == list(BOOK[name].columns)


@pytest.mark.parametrize("name", PHRASES)
def test_a_place_or_an_organisation_that_is_not_there_answers_nothing(asked: Store, name: str) -> None:
    unknown = {p.name: "no:such" for p in BOOK[name].params if p.type in ("place", "organization")}
    unknown |= {p.name: ["no:such"] for p in BOOK[name].params if p.type == "organizations"}  # type: ignore[misc]
    assert asked.run_phrase(BOOK[name], unknown, limit=10).rows == []


@pytest.mark.parametrize("name", PHRASES)
def test_every_column_has_headings_and_every_parameter_a_label_and_a_default(name: str) -> None:
    q = BOOK[name]
    assert all(de and en for de, en in q.columns.values())
    assert all(p.de and p.en and not p.required for p in q.params)
    assert any(c.endswith(("_id", "_ids")) for c in q.columns)


def test_a_limit_says_that_something_was_cut(asked: Store) -> None:
    answer = asked.run_phrase(BOOK["old_or_thin_cooperations"], {"place": RUHR}, limit=2)
    assert len(answer.rows) == 2
    assert answer.truncated


def test_a_wrong_parameter_is_named(asked: Store) -> None:
    with pytest.raises(QueryBookError, match="partners"):
        asked.run_phrase(BOOK["hidden_innovators"], {"partners": "many"}, limit=1)
