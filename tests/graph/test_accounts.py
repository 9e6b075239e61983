"""Users, sessions and the lock, with a clock that the tests turn."""

import datetime as dt
import sqlite3
import subprocess
import sys
import threading

import pytest
import sqlalchemy as sa
from argon2 import PasswordHasher

from graph.accounts import LOCKED, LOGINS_KEPT, TRIES, TRIES_OF_ADDRESS, Accounts, LockedError, LoginError
from graph.errors import UsageError
from graph.state import State

GOOD = "ein langes Passwort"


class Clock:
    def __init__(self):
        self.at = dt.datetime(2026, 11, 26, 8, 0, tzinfo=dt.UTC)

    def __call__(self):
        return self.at

    def turn(self, **by):
        self.at += dt.timedelta(**by)


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def state(tmp_path):
    with State(tmp_path) as found:
        yield found


@pytest.fixture
def accounts(state, clock):
    found = Accounts(state, clock)
    found.add("anna", GOOD, "editor", by="test")
    return found


def test_a_password_is_kept_as_a_hash(accounts, tmp_path):
    assert accounts.login("anna", GOOD, "::1").user.role == "editor"
    held = b"".join(p.read_bytes() for p in tmp_path.glob("state.sqlite*"))
    assert GOOD.encode() not in held
    assert b"$argon2id$" in held


@pytest.mark.parametrize(
    ("name", "password", "role"),
    [
        ("anna", GOOD, "reader"),  # exists
        (" anna ", GOOD, "reader"),
        ("", GOOD, "reader"),
        ("x" * 81, GOOD, "reader"),
        ("a\nb", GOOD, "reader"),
        ("bert", "kurz", "reader"),
        ("bert", "x" * 1001, "reader"),
        ("bert", "a\udcff" * 12, "reader"),  # bytes of a terminal that are no text
        ("a\udcff", GOOD, "reader"),
        ("bert", GOOD, "owner"),
    ],
)
def test_what_is_no_account(accounts, name, password, role):
    with pytest.raises(UsageError):
        accounts.add(name, password, role, by="test")
    assert [u.name for u in accounts.users()] == ["anna"]


@pytest.mark.parametrize(
    ("name", "password"), [("anna", "falsches Passwort"), ("niemand", GOOD), ("", ""), ("anna", ""), ("anna'--", GOOD), ("anna", "x" * 100_000)]
)
def test_a_wrong_login_says_the_same_whatever_is_wrong(accounts, name, password):
    with pytest.raises(LoginError, match="Name or password"):
        accounts.login(name, password, "::1")


def test_the_same_password_in_another_unicode_form(accounts):
    accounts.add("ümit", "schöne Grüße dort", "reader", by="test")
    assert accounts.login("u\u0308mit", "scho\u0308ne Gru\u0308ße dort", "::1").user.name == "ümit"


def test_a_name_is_locked_after_wrong_passwords_and_opens_again(accounts, clock):
    for _ in range(TRIES):
        with pytest.raises(LoginError):
            accounts.login("anna", "falsch", "::1")
    with pytest.raises(LockedError):
        accounts.login("anna", GOOD, "::2")
    clock.turn(seconds=LOCKED.total_seconds() + 1)
    assert accounts.login("anna", GOOD, "::1")


def test_the_last_wrong_password_begins_the_lock(accounts, clock):
    for _ in range(TRIES):
        with pytest.raises(LoginError):
            accounts.login("anna", "falsch", "::1")
        clock.turn(minutes=3)
    clock.turn(minutes=11)  # 14 after the last one, 26 after the first
    with pytest.raises(LockedError):
        accounts.login("anna", GOOD, "::1")
    clock.turn(minutes=1)
    assert accounts.login("anna", GOOD, "::1")


@pytest.mark.parametrize(
    ("addresses", "then", "locked"),
    [
        (["192.0.2.1"], "192.0.2.1", True),
        (["192.0.2.1"], "192.0.2.2", False),
        (["2001:db8::1", "2001:db8::2:3"], "2001:db8::ffff", True),  # one customer's network
        (["2001:db8::1"], "2001:db8:0:1::1", False),
        (["::ffff:192.0.2.1"], "192.0.2.1", True),
        (["::ffff:192.0.2.1"], "::ffff:192.0.2.2", False),
        ([""], "", True),
    ],
)
def test_an_address_that_tries_many_names_is_locked(accounts, state, addresses, then, locked):
    for n, address in enumerate(addresses):
        with pytest.raises(LoginError, match="Name or password"):
            accounts.login(f"niemand {n}", "falsch", address)
    with state.transaction() as c:  # the same again until it is enough but for one; each hash takes a tenth of a second
        again = sa.text("INSERT INTO failed_login (key, at) SELECT key, at FROM failed_login WHERE key LIKE 'address:%' LIMIT 1")
        for _ in range(TRIES_OF_ADDRESS - 1 - len(addresses)):
            c.execute(again)
    with pytest.raises(LoginError, match="Name or password"):
        accounts.login("noch jemand", "falsch", addresses[-1])
    if locked:
        with pytest.raises(LockedError):
            accounts.login("anna", GOOD, then)
    else:
        assert accounts.login("anna", GOOD, then)


def test_many_tries_at_once_get_no_further_than_one_after_the_other(accounts, state):
    said = []

    def attempt():
        try:
            accounts.login("anna", "falsch", "::1")
        except LoginError as e:
            said.append(type(e))

    threads = [threading.Thread(target=attempt) for _ in range(4 * TRIES)]
    for t in threads:
        t.start()
    for t in threads:
        t.join()
    assert (said.count(LoginError), said.count(LockedError)) == (TRIES, 3 * TRIES)
    assert [e.action for e in state.audit()].count("login failed") == TRIES


def test_an_old_hash_is_renewed_at_the_next_login_even_of_a_password_that_is_too_short_today(accounts, state):
    old = PasswordHasher(time_cost=1, memory_cost=8192).hash("kurz")
    with state.transaction() as c:
        c.execute(sa.text("UPDATE user SET password = :p"), {"p": old})
    accounts.login("anna", "kurz", "::1")
    with state.reading() as c:
        new = c.execute(sa.text("SELECT password FROM user")).scalar_one()
    assert new != old
    assert not PasswordHasher().check_needs_rehash(new)
    assert accounts.login("anna", "kurz", "::1")


def test_of_a_password_as_long_as_may_be_everything_counts(accounts):
    accounts.add("bert", "x" * 1000, "reader", by="test")
    assert accounts.login("bert", "x" * 1000, "::1")
    with pytest.raises(LoginError):
        accounts.login("bert", "x" * 1001, "::1")


def test_a_right_password_forgets_the_wrong_ones(accounts):
    for _ in range(3):
        for _ in range(TRIES - 1):
            with pytest.raises(LoginError):
                accounts.login("anna", "falsch", "::1")
        accounts.login("anna", GOOD, "::1")


def test_an_unknown_name_is_locked_as_well(accounts):
    for _ in range(TRIES):
        with pytest.raises(LoginError):
            accounts.login("niemand", "falsch", "::1")
    with pytest.raises(LockedError):
        accounts.login("niemand", "falsch", "::1")


@pytest.mark.parametrize(
    ("turns", "alive"),
    [([{"hours": 11}], True), ([{"hours": 13}], False), ([{"hours": 11}] * 15, True), ([{"hours": 11}] * 16, False)],
    ids=["used", "idle", "a week of use", "longer than a week"],
)
def test_a_session_runs_out(accounts, clock, turns, alive):
    token = accounts.login("anna", GOOD, "::1").token
    found = None
    for turn in turns:
        clock.turn(**turn)
        found = accounts.session(token)
    assert (found is not None) == alive


@pytest.mark.parametrize(
    "end",
    [
        lambda a, _token: a.set_password("anna", "ein anderes Passwort", by="test"),
        lambda a, _token: a.disable("anna", by="test"),
        lambda a, token: a.logout(token),
    ],
    ids=["password", "disabled", "logout"],
)
def test_what_ends_a_session(accounts, end):
    token = accounts.login("anna", GOOD, "::1").token
    assert accounts.session(token)
    end(accounts, token)
    assert accounts.session(token) is None


def test_a_disabled_user_stays_out_until_let_in_again(accounts):
    accounts.disable("anna", by="test")
    with pytest.raises(LoginError):
        accounts.login("anna", GOOD, "::1")
    accounts.disable("anna", by="test", disabled=False)
    assert accounts.login("anna", GOOD, "::1")


def test_a_role_holds_at_once(accounts):
    token = accounts.login("anna", GOOD, "::1").token
    accounts.set_role("anna", "admin", by="test")
    assert accounts.session(token).user.may("admin")


def test_tokens_are_not_kept(accounts, tmp_path):
    token = accounts.login("anna", GOOD, "::1").token
    assert token.encode() not in b"".join(p.read_bytes() for p in tmp_path.glob("state.sqlite*"))


def test_everything_is_on_record(accounts, state):
    accounts.login("anna", GOOD, "::1")
    with pytest.raises(LoginError):
        accounts.login("anna", "falsch", "::1")
    state.judge("a:1", "b:2", "yes", "anna", "gleiche Adresse")
    state.judge("b:2", "a:1", "no", "bert", "doch nicht")
    state.undo(who="anna")
    found = [(e.who, e.action, e.what, e.before, e.after) for e in reversed(state.audit())]
    assert found == [
        ("test", "user", "anna", "", "editor"),
        ("anna", "login", "::1", "", ""),
        ("anna", "login failed", "::1", "", ""),
        ("anna", "judge", "a:1 b:2", "", "yes"),
        ("bert", "judge", "a:1 b:2", "yes", "no"),
        ("anna", "undo", "a:1 b:2", "no", ""),
    ]


def test_what_was_typed_in_place_of_a_name_is_not_kept(accounts, tmp_path):
    for _ in range(TRIES + 1):
        with pytest.raises(LoginError):
            accounts.login("mein geheimes Passwort", "", "::1")
    assert b"geheimes" not in b"".join(p.read_bytes() for p in tmp_path.glob("state.sqlite*"))


def test_a_lock_is_on_record_once(accounts, state):
    for _ in range(TRIES + 3):
        with pytest.raises(LoginError):
            accounts.login("anna", "falsch", "192.0.2.1")
    found = [(e.who, e.action, e.what) for e in reversed(state.audit()) if e.action.startswith("login")]
    assert found == [("anna", "login failed", "192.0.2.1")] * TRIES + [("anna", "login locked", "192.0.2.1")]


@pytest.mark.parametrize(
    "statement", ["UPDATE audit SET who = 'x'", "DELETE FROM audit WHERE action = 'judge'", "DELETE FROM audit", "UPDATE audit SET what = '' WHERE 1"]
)
def test_what_is_on_record_stays(accounts, state, tmp_path, statement):
    state.judge("a:1", "b:2", "yes", "anna", "")
    before = state.audit()
    c = sqlite3.connect(tmp_path / "state.sqlite")
    try:
        with pytest.raises(sqlite3.IntegrityError, match="append-only"):
            c.execute(statement)
    finally:
        c.close()
    assert state.audit() == before


def test_logins_are_forgotten_after_a_while_and_changes_never(accounts, state, clock):
    accounts.login("anna", GOOD, "192.0.2.1")
    clock.turn(days=LOGINS_KEPT.days + 1)
    with pytest.raises(LoginError):
        accounts.login("niemand", "falsch", "192.0.2.2")
    assert [(e.who, e.action, e.what) for e in state.audit()] == [("", "login failed", "192.0.2.2"), ("test", "user", "anna")]


def test_nobody_else_on_the_machine_reads_the_hashes(tmp_path):
    (tmp_path / "state.sqlite").touch(0o644)
    with State(tmp_path) as state:
        state.judge("a", "b", "yes", "anna", "")
        assert {p.name: p.stat().st_mode & 0o777 for p in tmp_path.glob("state.sqlite*")} == dict.fromkeys(
            ("state.sqlite", "state.sqlite-wal", "state.sqlite-shm"), 0o600
        )


def test_one_certain_judgement_is_taken_back(state):
    numbers = [state.judge("a", b, "yes", "anna", "").number for b in "xyz"]
    assert state.undo(0) is None
    assert state.undo(99) is None
    taken = state.undo(numbers[1], who="bert")
    assert taken is not None
    assert taken.b == "y"
    assert state.undo(numbers[1]) is None
    assert [j.b for j in state.judgements()] == ["x", "z"]
    assert [(j.b, undone) for j, undone in state.history()] == [("z", False), ("y", True), ("x", False)]
    assert [(j.b, undone) for j, undone in state.history(["y"])] == [("y", True)]


def test_two_people_judge_at_the_same_time(tmp_path):
    """Twenty threads and two other processes write at once; nothing is lost and nobody is refused."""
    with State(tmp_path) as state:
        script = (
            "import sys, pathlib\nfrom graph.state import State\n"
            "with State(pathlib.Path(sys.argv[1])) as s:\n    for i in range(25): s.judge('a', f'{sys.argv[2]}{i}', 'yes', sys.argv[2], '')"
        )
        others = [subprocess.Popen([sys.executable, "-c", script, str(tmp_path), who]) for who in ("p", "q")]
        threads = [threading.Thread(target=lambda n=n: [state.judge("a", f"t{n}-{i}", "no", "t", "") for i in range(5)]) for n in range(20)]
        for t in threads:
            t.start()
        for t in threads:
            t.join()
        assert [o.wait(60) for o in others] == [0, 0]
        judgements = state.judgements()
        assert len(judgements) == 150
        assert len({j.number for j in judgements}) == 150
        assert len(state.audit(limit=1000)) == 150
