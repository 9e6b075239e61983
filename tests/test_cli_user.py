"""Accounts on the command line: what it makes, what it refuses, and that no password is shown or kept."""

import json
import os
import pty
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

import innonet
from graph.accounts import Accounts, LoginError
from graph.settings import Settings
from graph.state import State
from ingest.safekeeping import backup, restore

ROOT = Path(__file__).resolve().parent.parent
GOOD = "ein langes Passwort"


def run(home, *arguments, given=None, language="de"):
    return CliRunner().invoke(innonet.main, ["user", *arguments], input=given, env={"INNONET_HOME": str(home), "INNONET_LANGUAGE": language})


@pytest.fixture
def home(tmp_path):
    done = run(tmp_path, "add", "anna", "--password-stdin", given=f"{GOOD}\n")
    assert done.exit_code == 0, done.output
    return tmp_path


def users(home):
    return {r["name"]: (r["role"], r["disabled"]) for r in json.loads(run(home, "list", "--format", "json").stdout)}


def logs_in(home, name, password):
    with State(home) as state:
        try:
            return Accounts(state).login(name, password, "::1").user.role
        except LoginError:
            return None


@pytest.mark.parametrize("command", sorted(innonet.user.commands))
def test_every_command_explains_itself_in_both_languages(command):
    done = run("/nowhere", command, "--help")
    assert done.exit_code == 0
    assert " / " in done.output


@pytest.mark.parametrize(
    ("arguments", "given", "role"),
    [
        (["--password-stdin"], f"{GOOD}\n".encode(), "editor"),
        (["--password-stdin"], f"{GOOD}\r\nand a second line\n".encode(), "editor"),
        (["--password-stdin"], GOOD.encode(), "editor"),
        (["--role", "admin", "--password-stdin"], f"{GOOD}\n".encode(), "admin"),
        (["--role", "reader"], f"{GOOD}\n{GOOD}\n".encode(), "reader"),
    ],
)
def test_an_account_is_made(tmp_path, arguments, given, role):
    done = run(tmp_path, "add", "bert", *arguments, given=given)
    assert done.exit_code == 0, done.output
    assert users(tmp_path) == {"bert": (role, False)}
    assert logs_in(tmp_path, "bert", GOOD) == role
    assert GOOD not in done.output


@pytest.mark.parametrize(
    ("arguments", "given", "says"),
    [
        (["add", "bert", "--password-stdin"], b"kurz\n", "12 bis 1000"),
        (["add", "bert", "--password-stdin"], b"", "12 bis 1000"),
        (["add", "bert", "--password-stdin"], b"\xff" * 20, "UTF-8"),
        (["add", "anna", "--password-stdin"], f"{GOOD}\n".encode(), "gibt es schon"),
        (["add", "", "--password-stdin"], f"{GOOD}\n".encode(), "druckbare Zeichen"),
        (["add", "bert", "--role", "owner", "--password-stdin"], f"{GOOD}\n".encode(), "owner"),
        (["role", "bert", "admin"], None, "gibt es nicht"),
        (["role", "anna", "owner"], None, "owner"),
        (["password", "bert", "--password-stdin"], f"{GOOD}\n".encode(), "gibt es nicht"),
        (["password", "anna", "--password-stdin"], b"kurz\n", "12 bis 1000"),
        (["disable", "bert"], None, "gibt es nicht"),
        (["add"], None, "NAME"),
    ],
)
def test_what_is_refused_changes_nothing(home, arguments, given, says):
    done = run(home, *arguments, given=given)
    said = done.output + getattr(done.exception, "de", "")
    assert getattr(done.exception, "exit_code", done.exit_code) == 2
    assert says in said
    assert users(home) == {"anna": ("editor", False)}
    assert logs_in(home, "anna", GOOD) == "editor"


def test_a_role_a_password_and_the_lock(home):
    assert run(home, "role", "anna", "admin").exit_code == 0
    assert run(home, "password", "anna", "--password-stdin", given="ein anderes Passwort\n").exit_code == 0
    assert logs_in(home, "anna", GOOD) is None
    assert logs_in(home, "anna", "ein anderes Passwort") == "admin"
    assert "locked out" in run(home, "disable", "anna", language="en").stderr
    assert users(home) == {"anna": ("admin", True)}
    assert logs_in(home, "anna", "ein anderes Passwort") is None
    assert run(home, "disable", "anna", "--undo").exit_code == 0
    assert logs_in(home, "anna", "ein anderes Passwort") == "admin"


def test_who_changed_what_is_on_record(home):
    run(home, "role", "anna", "admin")
    run(home, "disable", "anna")
    with State(home) as state:
        found = [(e.action, e.what, e.before, e.after) for e in reversed(state.audit())]
        assert all(e.who.endswith(" (innonet user)") for e in state.audit())
    assert found == [("user", "anna", "", "editor"), ("user", "anna", "editor", "admin"), ("user", "anna", "enabled", "disabled")]


@pytest.mark.parametrize(("second", "code"), [(GOOD, 0), ("ein anderes Passwort", 1)])
def test_at_a_terminal_the_password_is_asked_twice_and_not_shown(tmp_path, second, code):
    """In a terminal of its own; the second time counts."""
    parent, child = pty.openpty()
    env = {**os.environ, "INNONET_HOME": str(tmp_path), "INNONET_LANGUAGE": "de"}
    process = subprocess.Popen(
        [sys.executable, "-m", "innonet", "user", "add", "bert"], stdin=child, stdout=child, stderr=child, env=env, cwd=ROOT, start_new_session=True
    )
    os.close(child)
    shown = b""

    def until(text):
        nonlocal shown
        while not shown.endswith(text):
            shown += os.read(parent, 1)

    until(b"Passwort: ")
    os.write(parent, GOOD.encode() + b"\n")
    until(b"Noch einmal: ")
    os.write(parent, second.encode() + b"\n")
    if code:
        until(b"Passwort: ")  # they differ: it asks again
        process.terminate()
        process.wait(30)
    else:
        assert process.wait(30) == 0
    os.close(parent)
    assert GOOD.encode() not in shown
    assert users(tmp_path) == ({} if code else {"bert": ("editor", False)})


def test_a_backup_brings_the_accounts_along_and_is_its_owners_alone(home, tmp_path_factory):
    other = tmp_path_factory.mktemp("other")
    file = other / "backup.tar.gz"
    backup(Settings(home=home), file)
    assert file.stat().st_mode & 0o777 == 0o600
    restore(Settings(home=other), file)
    assert logs_in(other, "anna", GOOD) == "editor"
    assert (other / "state.sqlite").stat().st_mode & 0o777 == 0o600
