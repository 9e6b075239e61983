"""The phrase book on the demo data in the embedded engine: every question answers, and the answers that are known are there."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from graph.querybook import load_book
from graph.settings import Settings
from graph.store import Store, open_store

BOOK = load_book()
PHRASES = [q.name for q in BOOK.phrases()]

# phrase, parameters, values that one of the first rows has
KNOWN: list[tuple[str, dict[str, Any], int, dict[str, Any]]] = [
    ("bridges_to_cities", {}, 1, {"organization_id": "ror:04tsk2644"}),
    ("hidden_innovators", {}, 10, {"organization": "GELSENWASSER AG", "research_partners": 1}),
    ("firms_without_research", {}, 5, {"organization": "Gasometer Oberhausen GmbH", "projects": 1}),
    ("research_within_km", {}, 10, {"organization_id": "ror:04mz5ra38", "km": 11.9}),
    ("research_topics_without_common_project", {}, 5, {"topic_id": "cordis:part:SC4", "firm_ids": ["cordis:org:937523334"]}),
    ("topic_strength", {}, 10, {"topic": "Krankenpflege", "local": 1}),
    ("funding_per_topic_and_year", {}, 20, {"year": "2016", "topic_id": "cordis:part:LEIT", "funding_eur": 310400.0}),
    ("newcomers", {}, 10, {"organization": "SECUNET SECURITY NETWORKS AG", "first_year": "2019"}),
    ("who_works_with", {"country": "DE"}, 3, {"relation": "selbst", "via_id": "ror:00nj8ry09", "partner": "Klinikum Duisburg GmbH"}),
    ("projects_of_organization", {}, 20, {"via": ["RWTH Aachen - Institut für Eisenhüttenkunde"]}),
    ("partners_of_organization", {}, 3, {"partner": "Forschungsgesellschaft Kraftfahrwesen mbH Aachen", "projects": 9}),
    ("who_works_on_topic", {}, 3, {"organization_id": "ror:04xfq0f34", "projects": 26}),
    ("shortest_paths", {}, 10, {"steps": 4}),
    ("old_or_thin_cooperations", {}, 10, {"organization": "reelport GmbH", "single": True}),
    ("consortium_gaps", {}, 5, {"gap_id": "University", "missing": "Art"}),
    ("projects_per_programme_topic_year", {}, 20, {"programme": "H2020", "year": "2016", "projects": 1}),
    ("joint_application_topics", {}, 40, {"topic": "Erneuerbare Energien"}),
    ("lookalike_pairs", {}, 10, {"firm": "IMST GmbH", "research_id": "ror:04tsk2644"}),
]


@pytest.fixture(scope="module")
def demo(demo_home: Settings) -> Iterator[Store]:
    """The demo data, to be read."""
    with open_store(demo_home) as store:
        yield store


@pytest.mark.parametrize("name", PHRASES)
def test_every_question_answers_with_its_defaults(demo: Store, name: str) -> None:
    answer = demo.run_phrase(BOOK[name], {}, limit=500)
    assert answer.rows
    assert answer.columns == list(BOOK[name].columns)


@pytest.mark.parametrize(("name", "values", "first", "row"), KNOWN, ids=[k[0] for k in KNOWN])
def test_what_is_known_is_among_the_first_rows(demo: Store, name: str, values: dict[str, Any], first: int, row: dict[str, Any]) -> None:
    found = demo.run_phrase(BOOK[name], values, limit=first).dicts()
    assert row in [{k: r[k] for k in row} for r in found]


def test_all_are_known() -> None:
    assert {k[0] for k in KNOWN} == set(PHRASES)
