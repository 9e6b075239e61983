"""The command line as a person uses it: what it prints where, how it ends, and that every command explains itself."""

import csv
import io
import json
from pathlib import Path

import pytest
from click.testing import CliRunner

import innonet
from graph.engine import stop
from graph.settings import Settings

ROOT = Path(__file__).resolve().parent.parent
LIST = ROOT / "examples" / "adressbuch.csv"


@pytest.fixture(scope="module")
def home(tmp_path_factory):
    """A home with the example list loaded, and its engine."""
    path = tmp_path_factory.mktemp("cli") / "a home"
    done = run(path, "ingest", "csv", str(LIST))
    assert done.exit_code == 0, done.output
    yield path
    stop(Settings(home=path))


def run(home, *arguments, language="de"):
    env = {"INNONET_HOME": str(home), "INNONET_LANGUAGE": language, "INNONET_ENGINE_MEMORY": "256m", "NEO4J_URI": None}
    return CliRunner().invoke(innonet.main, list(arguments), env=env)


def names(home):
    done = run(home, "query", "--cypher", "MATCH (o:Organization) RETURN o.name AS name ORDER BY name", "--format", "jsonl")
    assert done.exit_code == 0, done.output
    return [json.loads(line)["name"] for line in done.stdout.splitlines()]


@pytest.mark.parametrize("command", sorted(innonet.main.commands))
def test_every_command_explains_itself_in_both_languages(command):
    done = run("/nowhere", command, "--help")
    assert done.exit_code == 0
    assert " / " in done.output


def test_what_is_loaded(home):
    rows = json.loads(run(home, "sources", "--format", "json").stdout)
    assert [r["source"] for r in rows] == ["csv-adressbuch"]
    assert rows[0]["organizations"] > 2
    assert rows[0]["licence"]


def test_a_second_load_says_that_nothing_changed(home):
    done = run(home, "ingest", "csv", str(LIST))
    assert "schon so" in done.stderr


def test_a_dry_run_stores_nothing(home, tmp_path):
    other = tmp_path / "other.csv"
    other.write_bytes(LIST.read_bytes())
    other.with_suffix(".toml").write_text(LIST.with_suffix(".toml").read_text().replace('dataset = "', 'dataset = "other-'))
    before = names(home)
    done = run(home, "ingest", "csv", str(other), "--dry-run")
    assert done.exit_code == 0, done.output
    assert names(home) == before
    assert [p.parent.name for p in (home / "claims").glob("*/*.gz")] == ["csv-adressbuch"]


@pytest.mark.parametrize(
    ("arguments", "code", "german", "english"),
    [
        (["ingest", "nothing", "x"], 2, "Quelle 'nothing' gibt es nicht", "There is no source 'nothing'"),
        (["ingest", "ror"], 2, "Welche Datei", "Which file"),
        (["ingest", "ror", "/does/not/exist"], 1, "gibt es nicht", "does not exist"),
        (["ingest", "ror", str(LIST)], 1, "adressbuch.csv", "adressbuch.csv"),
        (["remove", "ror"], 2, "nichts geladen", "Nothing is loaded"),
        (["suggest", "Gibt es gewiss nicht 123"], 2, "nicht bekannt", "not known"),
        (["suggest"], 2, "Für wen", "For whom"),
        (["query"], 2, "Welche Frage", "Which question"),
        (["query", "nothing"], 2, "gibt es nicht", "There is no question"),
        (["query", "--cypher", "CREATE (n:Project {id: 'x'})"], 1, "", ""),
        (["query", "--cypher", "MATCH (n RETURN n"], 1, "", ""),
        (["undo"], 2, "kein Urteil", "no judgement"),
        (["restore", str(LIST)], 1, "nicht lesbar", "cannot be read"),
        (["judge", "a", "a", "yes", "--why", "x"], 2, "sich selbst", "with itself"),
    ],
)
def test_what_goes_wrong_is_said_in_both_languages(home, arguments, code, german, english):
    for language, text in (("de", german), ("en", english)):
        done = run(home, *arguments, language=language)
        assert done.exit_code == code, done.output
        assert text in done.stderr
        assert done.stdout == ""
        assert "Traceback" not in done.output


def test_an_engine_that_is_not_there_ends_with_3(tmp_path):
    env = {"INNONET_HOME": str(tmp_path), "NEO4J_URI": "bolt://127.0.0.1:1", "NEO4J_PASSWORD": "secret-word"}
    done = CliRunner().invoke(innonet.main, ["query", "--cypher", "RETURN 1"], env=env)
    assert done.exit_code == 3
    assert "127.0.0.1:1" in done.stderr
    assert "secret-word" not in done.output


def test_csv_for_german_excel(home):
    done = run(home, "query", "--cypher", "MATCH (o:Organization) RETURN o.name AS name, 1.5 AS value ORDER BY name LIMIT 1", "--format", "csv-excel")
    assert done.stdout.startswith("\ufeffname;value")
    assert "1,5" in done.stdout


@pytest.mark.parametrize("form", ["json", "jsonl", "csv"])
def test_machine_readable_forms_agree(home, form):
    text = run(home, "query", "--cypher", "MATCH (o:Organization) RETURN o.id AS id, o.name AS name ORDER BY id", "--format", form).stdout
    rows = {
        "json": lambda: json.loads(text),
        "jsonl": lambda: [json.loads(x) for x in text.splitlines()],
        "csv": lambda: list(csv.DictReader(io.StringIO(text))),
    }[form]()
    assert [r["name"] for r in rows]
    assert set(rows[0]) == {"id", "name"}


def test_judge_and_undo(home):
    found = json.loads(run(home, "query", "--cypher", "MATCH (o:Organization) RETURN o.id AS id ORDER BY id", "--format", "json").stdout)
    a, b = found[0]["id"], found[1]["id"]
    before = names(home)
    assert run(home, "judge", a, b, "yes", "--why", "Test").exit_code == 0
    assert len(names(home)) == len(before) - 1
    assert run(home, "undo").exit_code == 0
    assert names(home) == before


def test_remove_backup_restore_check(home, tmp_path):
    before = names(home)
    saved = tmp_path / "save.tar.gz"
    assert run(home, "backup", str(saved)).exit_code == 0
    assert run(home, "remove", "csv-adressbuch").exit_code == 0
    assert names(home) == []
    assert run(home, "restore", str(saved)).exit_code == 0
    assert names(home) == before
    done = run(home, "check")
    assert done.exit_code == 0, done.output


def test_suggestions_carry_reasons_and_evidence(home):
    who = names(home)[0]
    rows = json.loads(run(home, "suggest", who, "--format", "json").stdout)
    for r in rows:
        assert r["why"]


def test_template_for_ones_own_list(home):
    done = run(home, "ingest", "csv", str(LIST), "--template")
    assert done.exit_code == 0
    assert "[columns]" in done.stdout or "columns" in done.stdout


def test_opinions_go_out_and_come_in(home, tmp_path):
    who = json.loads(run(home, "query", "--cypher", "MATCH (o:Organization) RETURN o.id AS id ORDER BY id LIMIT 1", "--format", "json").stdout)[0]["id"]
    done = run(home, "opinions", "export", "--for", who, "--top", "3", "--format", "csv")
    assert done.exit_code == 0, done.output
    rows = list(csv.DictReader(io.StringIO(done.stdout)))
    assert rows
    assert [(r["asker"], r["verdict"], r["shown"]) for r in rows] == [(who, "", str(n)) for n in range(1, len(rows) + 1)]
    sheet = tmp_path / "vorschlaege.csv"
    out = io.StringIO()
    table = csv.DictWriter(out, rows[0], delimiter=";")
    table.writeheader()
    table.writerows([{**rows[0], "verdict": "passt nicht", "why": "zu weit"}, *rows[1:]])
    sheet.write_text("\ufeff" + out.getvalue(), encoding="utf-8")
    before = {r["id"] for r in json.loads(run(home, "suggest", who, "--format", "json").stdout)}
    done = run(home, "opinions", "import", str(sheet), "--who", "anna")
    assert done.exit_code == 0, done.output
    assert done.stderr.startswith("1 Urteile übernommen, 0 standen schon")
    after = {r["id"] for r in json.loads(run(home, "suggest", who, "--format", "json").stdout)}
    assert before - after == {rows[0]["about"]}
    assert run(home, "opinions", "import", str(sheet), "--who", "anna", language="en").stderr.startswith("0 opinions taken, 1 stood already")
    sheet.write_text("asker,about,verdict\nx,x,passt\n", encoding="utf-8")
    done = run(home, "opinions", "import", str(sheet))
    assert done.exit_code == 1
    assert "vorschlaege.csv:2" in done.stderr
    assert run(home, "opinions", "export", "--for", "gibt es nicht").exit_code == 2


def test_a_newcomer_asks_with_a_text(home, tmp_path):
    text = tmp_path / "wir.txt"
    text.write_text("Wir entwickeln Pumpen.", encoding="utf-8")
    done = run(home, "suggest", "--text", str(text), "--format", "json")
    assert done.exit_code == 0, done.output
    assert json.loads(done.stdout)
    assert run(home, "suggest", "--text", str(text), names(home)[0]).exit_code == 2
    assert run(home, "suggest").exit_code == 2


def test_why_somebody_is_not_suggested(home):
    a, b = names(home)[:2]
    done = run(home, "why-not", a, b)
    assert done.exit_code == 0, done.output
    assert "Platz" in done.output


def test_what_a_consortium_lacks(home):
    done = run(home, "consortium", names(home)[0], "--kind", "Association", "--format", "json")
    assert done.exit_code == 0, done.output
    assert run(home, "consortium").exit_code == 2


def test_an_organisation_is_taken_out_and_let_back_in(home):
    before = names(home)
    rows = json.loads(run(home, "query", "--cypher", f"MATCH (o:Organization {{name: '{before[0]}'}}) RETURN o.id AS id", "--format", "json").stdout)
    id_ = (rows["rows"] if isinstance(rows, dict) else rows)[0]["id"]
    assert run(home, "suppress", "nobody", "--why", "x").exit_code != 0
    assert run(home, "suppress", id_).exit_code != 0  # without a reason
    assert run(home, "suppress", id_, "--why", "auf Wunsch").exit_code == 0
    assert names(home) == before[1:]
    assert "auf Wunsch" in run(home, "suppress").stdout
    assert run(home, "suppress", id_, "--lift").exit_code == 0
    assert names(home) == before
    assert run(home, "suppress").stdout == ""


@pytest.mark.parametrize("command", ["untapped", "gaps"])
def test_lists_for_transfer_offices_as_tables(home, command):
    done = run(home, command, names(home)[0], "--csv")
    assert done.exit_code == 0, done.output
    assert next(csv.reader(io.StringIO(done.stdout)))[:2] == ["Kennung", "Name"]
    assert run(home, command, "niemand, den es gibt").exit_code != 0
