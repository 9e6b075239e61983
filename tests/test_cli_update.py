"""`innonet update`: says what a newer release changes before it changes it, asks, and knows the same and an older one."""

import json
import shutil
from pathlib import Path

import pytest
from click.testing import CliRunner

import innonet
from graph.engine import stop
from graph.settings import Settings
from graph.state import State

LIST = Path(__file__).resolve().parent.parent / "examples" / "adressbuch.csv"


@pytest.fixture(scope="module")
def home(tmp_path_factory):
    path = tmp_path_factory.mktemp("update")
    done = run(path, "ingest", "csv", str(LIST))
    assert done.exit_code == 0, done.output
    yield path
    stop(Settings(home=path))


def run(home, *arguments):
    env = {"INNONET_HOME": str(home), "INNONET_LANGUAGE": "de", "INNONET_ENGINE_MEMORY": "256m", "NEO4J_URI": None}
    return CliRunner().invoke(innonet.main, list(arguments), env=env)


def state_of(folder, release, change=lambda text: text):
    """The list in another state, with its mapping."""
    folder.mkdir()
    mapping = LIST.with_suffix(".toml").read_text(encoding="utf-8")
    lines = [f'release = "{release}"' if line.startswith("release") else line for line in mapping.splitlines()]
    (folder / "adressbuch.toml").write_text("\n".join(lines), encoding="utf-8")
    (folder / "adressbuch.csv").write_text(change(LIST.read_text(encoding="utf-8")), encoding="utf-8")
    return str(folder / "adressbuch.csv")


def names(home):
    done = run(home, "query", "--cypher", "MATCH (o:Organization) RETURN o.name AS name ORDER BY name", "--format", "jsonl")
    return [json.loads(line)["name"] for line in done.stdout.splitlines()]


def with_one_more(text):
    return text.rstrip("\n") + "\n5;Fünfte Werkstatt GmbH;Weg 5;46045;Oberhausen;Unternehmen;;;;0208 000005\n"


def test_a_newer_release_is_shown_then_loaded(home, tmp_path):
    before = names(home)
    newer = state_of(tmp_path / "newer", "2027-03", with_one_more)
    done = run(home, "update", "csv", newer)
    assert done.exit_code == 2
    assert "--yes" in done.output
    assert names(home) == before  # nothing without a yes
    done = run(home, "update", "csv", newer, "--yes")
    assert done.exit_code == 0, done.output
    assert "Organisationen: 1 neu, 0 geändert, 0 weg" in done.output
    assert "neu: Fünfte Werkstatt GmbH" in done.output
    assert set(names(home)) - set(before) == {"Fünfte Werkstatt GmbH"}
    with State(home) as state:
        assert [(e.action, e.what, e.after) for e in state.audit(limit=1)] == [("update", "csv-adressbuch/adressbuch", "2027-03")]
    # the same again, and one that is older
    done = run(home, "update", "csv", newer)
    assert done.exit_code == 0
    assert "schon geladen" in done.output
    done = run(home, "update", "csv", state_of(tmp_path / "older", "2020-01"), "--yes")
    assert done.exit_code == 1
    assert "2020-01" in done.output
    assert "--older" in done.output
    done = run(home, "update", "csv", state_of(tmp_path / "old", "2020-02"), "--yes", "--older")
    assert done.exit_code == 0, done.output
    assert "weg: Fünfte Werkstatt GmbH" in done.output
    assert names(home) == before
    assert not list(home.glob(".update-*"))


def test_what_is_not_loaded_cannot_be_renewed(home, tmp_path):
    other = tmp_path / "verein.csv"
    shutil.copy(LIST, other)
    other.with_suffix(".toml").write_text(LIST.with_suffix(".toml").read_text(encoding="utf-8").replace('dataset = "adressbuch"', 'dataset = "verein"'))
    done = run(home, "update", "csv", str(other), "--yes")
    assert done.exit_code == 2
    assert "innonet ingest" in done.output
    assert run(home, "update", "text", str(tmp_path), "--yes").exit_code == 2
