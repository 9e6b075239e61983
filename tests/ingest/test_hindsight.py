"""Hindsight: nothing of what came after the day may be in what was known before it, and the new partners are those of the years asked for."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from graph.derive import Feed, build
from graph.derived import Derived
from graph.errors import UsageError
from graph.model import Label
from graph.opinions import DOES_NOT_FIT, FITS, Opinions
from graph.state import State
from graph.suggest.model import read
from graph.suggest.training import GIVEN, MIXED
from ingest import hindsight
from ingest.hindsight import image_from, known_before, new_partners, train_suggestions

HEAD = "projectID;projectAcronym;organisationID;vatNumber;name;activityType;city;country;geolocation;role;ecContribution;netEcContribution\n"
PROJECTS = "id;acronym;title;startDate;endDate;totalCost;ecMaxContribution;rcn;grantDoi\n"
SMALL = {"101000001": ("2015-01-01", "abc"), "101000002": ("2016-12-31", "cd"), "101000003": ("2017-01-01", "abd"), "101000004": ("2019-01-01", "bde")}


def folder(path: Path, projects: dict[str, tuple[str, str]]) -> Path:
    rows = [
        f"{p};;{900000000 + ord(c)};;Org {c};PRC;Essen;DE;;{'coordinator' if k == 0 else 'participant'};;\n"
        for p, (_, who) in projects.items()
        for k, c in enumerate(who)
    ]
    (path / "organization.csv").write_text(HEAD + "".join(rows), encoding="utf-8")
    starts = [f"{p};A{p};Title {p};{day};2022-12-31;;;;\n" for p, (day, _) in projects.items()]
    (path / "project.csv").write_text(PROJECTS + "".join(starts), encoding="utf-8")
    return path


def letters(derived: Derived, rows: set[int]) -> str:
    return "".join(sorted(chr(int(derived.ids[r].rpartition(":")[2]) - 900000000) for r in rows))


@pytest.mark.parametrize(
    ("day", "until", "known", "met"),
    [
        ("2017-01-01", "2019-01-01", "abcd", {"a": "d", "b": "d", "d": "ab"}),
        ("2017-01-01", "9999", "abcd", {"a": "d", "b": "d", "d": "ab"}),  # e was not known before
        ("2016-12-31", "2017-01-01", "abc", {}),  # d was not known before
        ("2018-01-01", "9999", "abcd", {}),  # b and d had met
    ],
)
def test_what_was_known_and_who_met(tmp_path: Path, day: str, until: str, known: str, met: dict[str, str]) -> None:
    image = image_from("cordis", folder(tmp_path, SMALL), "identifiers")
    derived = Derived(build(tmp_path / "derived", "past", known_before(image, day)))
    assert letters(derived, set(range(len(derived)))) == known
    assert derived.counts[Label.PROJECT] == sum(start < day for start, _ in SMALL.values())
    found = new_partners(image, derived, day, until)
    assert {letters(derived, {row}): letters(derived, others) for row, others in found.items()} == met
    derived.close()


@pytest.mark.parametrize(("start", "day"), [("2012", "2012-01-01"), ("2012-05", "2012-05-01"), ("2012-05-06", "2012-05-06"), (None, ""), ("", "")])
def test_a_year_begins_on_its_first_day(start: str | None, day: str) -> None:
    assert hindsight._started({"start": start}) == day


def test_too_little_to_learn_from(tmp_path: Path) -> None:
    out = tmp_path / "model.json"
    with pytest.raises(UsageError):
        train_suggestions("cordis", folder(tmp_path, SMALL), "2017-01-01", "9999", out)
    assert not out.exists()


def test_training_twice_gives_the_same_file(tmp_path: Path) -> None:
    r = random.Random(5)
    people = [chr(33 + i) for i in range(260) if chr(33 + i) not in ';"']
    many = {str(101000000 + p): (f"{r.choice((2015, 2016, 2017, 2018))}-03-01", "".join(r.sample(people, 5))) for p in range(400)}
    source = folder(tmp_path, many)
    files = [tmp_path / "1.json", tmp_path / "2.json"]
    for out in files:
        model, origin = train_suggestions("cordis", source, "2018-01-01", "2019-01-01", out)
        assert model.weights.keys() == {*MIXED, *GIVEN}
        assert origin["known_before"] == "2018-01-01"
        assert origin["queries"] >= hindsight.LEAST_QUERIES
        assert read(out) is not None
    assert files[0].read_bytes() == files[1].read_bytes()


def test_a_home_without_opinions_says_nothing(tmp_path: Path) -> None:
    assert hindsight.said_at(tmp_path / "nowhere") == []
    build(tmp_path / "derived", "1", Feed())
    assert hindsight.said_at(tmp_path) == []


def test_fifty_opinions_are_taken(tmp_path: Path) -> None:
    source = folder(tmp_path, {str(101000000 + p): ("2015-01-01", "".join(chr(65 + (p + k) % 26) for k in range(3))) for p in range(26)})
    build(tmp_path / "derived", "1", known_before(image_from("cordis", source, "identifiers"), "2020-01-01"))
    org = "cordis:org:9000000{}".format
    with State(tmp_path) as state:
        said = Opinions(state)
        for n in range(49):
            said.judge(org(65 + n % 5), org(75 + n // 5), FITS if n % 2 else DOES_NOT_FIT, "Muster")
        assert hindsight.said_at(tmp_path) == []
        said.judge(org(65), org(86), FITS, "Muster")
    assert sum(len(c.found) for c in hindsight.said_at(tmp_path)) == 50
    assert len(hindsight.said_at(tmp_path)) == 5
