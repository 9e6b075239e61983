"""Users, their sessions and the lock after wrong passwords.  Passwords are kept as Argon2id hashes, tokens as SHA-256 sums.

Lengths and times follow OWASP's cheat sheets on authentication and sessions (https://cheatsheetseries.owasp.org).
"""

from __future__ import annotations

import datetime as dt
import hashlib
import ipaddress
import secrets
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from typing import Final, TypeAlias

import sqlalchemy as sa
from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from graph.errors import InnonetError, UsageError
from graph.state import State, write_audit

ROLES: Final = ("reader", "editor", "admin")
"""Each may do what those before it may."""
LEAST_PASSWORD: Final = 12
LONGEST_PASSWORD: Final = 1000
LONGEST_NAME: Final = 80
IDLE: Final = dt.timedelta(hours=12)
LONGEST: Final = dt.timedelta(days=7)
LOCKED: Final = dt.timedelta(minutes=15)
TRIES: Final = 5
"""Wrong passwords for a name before it is locked."""
TRIES_OF_ADDRESS: Final = 50
"""Wrong passwords from one address, whatever the name; behind one address may be a whole office."""
LOGINS_KEPT: Final = dt.timedelta(days=90)
"""How long logins stay on record with their network address; changes stay for good."""


_Row: TypeAlias = sa.Row[tuple[str, str, str, str, bool]]


class LoginError(InnonetError):
    """Name or password are wrong; which of them is not said."""


class LockedError(LoginError):
    """Too many wrong passwords."""


@dataclass(frozen=True, slots=True)
class User:
    """Somebody who may log in."""

    name: str
    role: str
    created: str
    disabled: bool

    def may(self, role: str) -> bool:
        """Whether this user may do what that role may."""
        return ROLES.index(self.role) >= ROLES.index(role)


@dataclass(frozen=True, slots=True)
class Session:
    """A user who is logged in.  ``token`` is what the browser holds, ``csrf`` what its forms must bring along."""

    token: str
    user: User
    csrf: str


@dataclass(frozen=True, slots=True)
class _Attempt:
    """A try to log in: the user's row (None: no such user), its rows in failed_login, and the keys that it locks if it fails."""

    row: _Row | None
    numbers: tuple[int, ...]
    locks: tuple[str, ...]


@cache
def _hasher() -> PasswordHasher:
    return PasswordHasher()


@cache
def _nobody() -> str:
    """A hash for names that do not exist, so that they take as long as others."""
    return _hasher().hash(secrets.token_hex())


def _sum(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


def _key(name: str) -> str:
    """Under which wrong passwords for a name are counted.  A sum: somebody may have typed a password there."""
    return _sum(f"name:{name}")


def network_of(address: str) -> str:
    """The address that counts for locks and limits; of IPv6 the network (/64), in which one customer has all addresses."""
    try:
        found = ipaddress.ip_address(address)
    except ValueError:
        return address
    if isinstance(found, ipaddress.IPv6Address):
        return str(found.ipv4_mapped or ipaddress.ip_network((found, 64), strict=False))
    return str(found)


def _clock() -> dt.datetime:
    return dt.datetime.now(dt.UTC)


class Accounts:
    """The users of one state database.  ``clock`` tells the time (UTC)."""

    def __init__(self, state: State, clock: Callable[[], dt.datetime] = _clock) -> None:
        self._state = state
        self._clock = clock

    def _now(self) -> str:
        return self._clock().isoformat(timespec="seconds")

    def add(self, name: str, password: str, role: str, *, by: str) -> User:
        """A new user.  Raises UsageError for a name that exists or a password that is too short."""
        name, at = _name(name), self._now()
        hashed = _hash(password)
        with self._state.transaction() as c:
            if _find(c, name) is not None:
                raise UsageError(f"Den Zugang {name!r} gibt es schon.", f"The account {name!r} exists already.")
            c.execute(sa.text("INSERT INTO user (name, password, role, created) VALUES (:n, :p, :r, :t)"), {"n": name, "p": hashed, "r": _role(role), "t": at})
            write_audit(c, at, by, "user", name, "", role)
        return User(name, role, at, disabled=False)

    def users(self) -> list[User]:
        """All users by name."""
        with self._state.reading() as c:
            return [
                User(r.name, r.role, r.created, bool(r.disabled)) for r in c.execute(sa.text("SELECT name, role, created, disabled FROM user ORDER BY name"))
            ]

    def set_role(self, name: str, role: str, *, by: str) -> None:
        """Give a user another role."""
        with self._state.transaction() as c:
            user = _existing(c, name)
            c.execute(sa.text("UPDATE user SET role = :r WHERE name = :n"), {"r": _role(role), "n": user.name})
            write_audit(c, self._now(), by, "user", user.name, user.role, role)

    def set_password(self, name: str, password: str, *, by: str) -> None:
        """Give a user another password; all sessions end."""
        hashed = _hash(password)
        with self._state.transaction() as c:
            user = _existing(c, name)
            c.execute(sa.text("UPDATE user SET password = :p WHERE name = :n"), {"p": hashed, "n": user.name})
            _end_sessions(c, user.name)
            c.execute(sa.text("DELETE FROM failed_login WHERE key = :k"), {"k": _key(user.name)})
            write_audit(c, self._now(), by, "password", user.name, "", "")

    def disable(self, name: str, *, by: str, disabled: bool = True) -> None:
        """Lock a user out for good (or let them in again); all sessions end."""
        with self._state.transaction() as c:
            user = _existing(c, name)
            c.execute(sa.text("UPDATE user SET disabled = :d WHERE name = :n"), {"d": disabled, "n": user.name})
            _end_sessions(c, user.name)
            write_audit(c, self._now(), by, "user", user.name, "disabled" if user.disabled else "enabled", "disabled" if disabled else "enabled")

    def login(self, name: str, password: str, address: str) -> Session:
        """A new session.  Raises LoginError for a wrong name or password (both take equally long), LockedError after too many."""
        name = unicodedata.normalize("NFKC", name).strip()[:LONGEST_NAME]
        attempt = self._attempt(name, address)
        # hashing takes a tenth of a second and must not hold the database
        nobody = _nobody()
        # who only comes through single sign-on has no password; that takes as long as a wrong one
        hashed = (attempt.row.password if attempt.row is not None else "") or nobody
        right = _matches(hashed, password)
        renewed = _hasher().hash(unicodedata.normalize("NFKC", password)) if right and _hasher().check_needs_rehash(hashed) else hashed
        with self._state.transaction() as c:
            row = _find(c, name)
            # the password may have been changed and the user disabled while the hash was made
            if right and row is not None and row.password == hashed and not row.disabled:
                c.execute(sa.text("UPDATE user SET password = :p WHERE name = :n"), {"p": renewed, "n": name})
                self._forgive(c, name, attempt)
                return self._begin(c, User(row.name, row.role, row.created, disabled=False), address)
            self._count(c, attempt, row.name if row is not None else "", address)
        raise LoginError("Name oder Passwort stimmt nicht.", "Name or password is wrong.")

    def _attempt(self, name: str, address: str) -> _Attempt:
        """Count a try as failed before it is made, so that many at the same moment get no further than one after the other."""
        at, since = self._now(), (self._clock() - LOCKED).isoformat(timespec="seconds")
        most = {_key(name): TRIES, f"address:{network_of(address)}": TRIES_OF_ADDRESS}
        with self._state.transaction() as c:
            c.execute(sa.text("DELETE FROM failed_login WHERE at <= :s"), {"s": since})
            c.execute(
                sa.text("DELETE FROM audit WHERE action IN ('login', 'login failed', 'login locked') AND at < :t"),
                {"t": (self._clock() - LOGINS_KEPT).isoformat(timespec="seconds")},
            )
            count = {k: c.execute(sa.text("SELECT count(*) FROM failed_login WHERE key = :k"), {"k": k}).scalar() or 0 for k in most}
            if any(count[k] >= most[k] for k in most):
                minutes = int(LOCKED.total_seconds() // 60)
                raise LockedError(
                    f"Zu viele falsche Versuche. Bitte in {minutes} Minuten noch einmal.", f"Too many wrong tries. Please try again in {minutes} minutes."
                )
            add = sa.text("INSERT INTO failed_login (key, at) VALUES (:k, :t) RETURNING number")
            numbers = tuple(int(c.execute(add, {"k": k, "t": at}).scalar_one()) for k in most)
            return _Attempt(_find(c, name), numbers, tuple(k for k in most if count[k] + 1 >= most[k]))

    def _forgive(self, c: sa.Connection, name: str, attempt: _Attempt) -> None:
        """A right password: earlier wrong ones of this name are forgotten, and this try did not fail."""
        c.execute(sa.text("DELETE FROM failed_login WHERE key = :k"), {"k": _key(name)})
        c.execute(sa.text("DELETE FROM failed_login WHERE number = :n"), [{"n": n} for n in attempt.numbers])

    def _count(self, c: sa.Connection, attempt: _Attempt, name: str, address: str) -> None:
        """A wrong password.  ``name``: empty where there is no such user; what was typed may be a password and is not put on record."""
        write_audit(c, self._now(), name, "login failed", address, "", "")
        for key in attempt.locks:
            # the last try begins the lock, whenever those before it were
            c.execute(sa.text("UPDATE failed_login SET at = :t WHERE key = :k"), {"t": self._now(), "k": key})
            write_audit(c, self._now(), name, "login locked", address, "", "")

    def _begin(self, c: sa.Connection, user: User, address: str, *, entered: bool = False) -> Session:
        at = self._now()
        token, csrf = "" if entered else secrets.token_urlsafe(32), secrets.token_urlsafe(32)
        c.execute(
            sa.text("INSERT OR REPLACE INTO session (token, name, csrf, created, seen) VALUES (:k, :n, :f, :t, :t)"),
            {"k": _entered(user.name) if entered else _sum(token), "n": user.name, "f": csrf, "t": at},
        )
        c.execute(sa.text("DELETE FROM session WHERE created < :t"), {"t": (self._clock() - LONGEST).isoformat(timespec="seconds")})
        write_audit(c, at, user.name, "login", address, "", "")
        return Session(token, user, csrf)

    def session(self, token: str) -> Session | None:
        """The session of a token; None if there is none, it ran out, or its user may no longer log in."""
        return self._running(_sum(token), token)

    def enter(self, name: str, address: str) -> Session | None:
        """The session of somebody for whose login another program vouches; it has no token.  None if the user is disabled.

        A name that is not known yet becomes a reader without a password.  Raises UsageError for what is no name.
        """
        name = _name(name)
        found = self._running(_entered(name), "")
        if found is not None:
            return found
        with self._state.transaction() as c:
            row = _find(c, name)
            if row is None:
                at = self._now()
                c.execute(sa.text("INSERT INTO user (name, password, role, created) VALUES (:n, '', :r, :t)"), {"n": name, "r": ROLES[0], "t": at})
                write_audit(c, at, "sso", "user", name, "", ROLES[0])
                row = _find(c, name)
            if row is None or row.disabled:
                return None
            user = User(row.name, row.role, row.created, disabled=False)
            # two first requests at one moment begin one session, so that the forms of both count
            at_once = c.execute(sa.text("SELECT csrf, seen FROM session WHERE token = :k"), {"k": _entered(name)}).first()
            if at_once is not None and self._clock() - dt.datetime.fromisoformat(at_once.seen) < dt.timedelta(minutes=1):
                return Session("", user, at_once.csrf)
            return self._begin(c, user, address, entered=True)

    def _running(self, key: str, token: str) -> Session | None:
        now = self._clock()
        with self._state.reading() as c:
            row = c.execute(
                sa.text(
                    """SELECT s.csrf, s.created AS begun, s.seen, u.name, u.role, u.created FROM session s JOIN user u ON u.name = s.name
                    WHERE s.token = :k AND NOT u.disabled"""
                ),
                {"k": key},
            ).first()
        if row is None:
            return None
        seen = dt.datetime.fromisoformat(row.seen)
        if now - seen > IDLE or now - dt.datetime.fromisoformat(row.begun) > LONGEST:
            self._end(key)
            return None
        if now - seen > dt.timedelta(minutes=1):
            with self._state.transaction() as c:
                c.execute(sa.text("UPDATE session SET seen = :t WHERE token = :k"), {"t": self._now(), "k": key})
        return Session(token, User(row.name, row.role, row.created, disabled=False), row.csrf)

    def logout(self, token: str) -> None:
        """End a session."""
        self._end(_sum(token))

    def _end(self, key: str) -> None:
        with self._state.transaction() as c:
            c.execute(sa.text("DELETE FROM session WHERE token = :k"), {"k": key})


def _entered(name: str) -> str:
    """Key of a session of single sign-on: no sum, so that no token of a browser can lead to it."""
    return f"sso:{name}"


def _name(name: str) -> str:
    clean = unicodedata.normalize("NFKC", name).strip()
    if not clean or len(clean) > LONGEST_NAME or not clean.isprintable():
        raise UsageError(f"Ein Name hat 1 bis {LONGEST_NAME} druckbare Zeichen.", f"A name has 1 to {LONGEST_NAME} printable characters.")
    return clean


def _role(role: str) -> str:
    if role not in ROLES:
        raise UsageError(f"Rolle {role!r}: {', '.join(ROLES)} wird erwartet.", f"role {role!r}: {', '.join(ROLES)} is expected.")
    return role


def _hash(password: str) -> str:
    text = unicodedata.normalize("NFKC", password)
    if not LEAST_PASSWORD <= len(text) <= LONGEST_PASSWORD:
        raise UsageError(
            f"Ein Passwort hat {LEAST_PASSWORD} bis {LONGEST_PASSWORD} Zeichen.", f"A password has {LEAST_PASSWORD} to {LONGEST_PASSWORD} characters."
        )
    try:
        return _hasher().hash(text)
    except UnicodeEncodeError as e:
        raise UsageError("Das Passwort ist kein gültiges UTF-8.", "The password is no valid UTF-8.") from e


def _matches(hashed: str, password: str) -> bool:
    text = unicodedata.normalize("NFKC", password)
    try:
        return _hasher().verify(hashed, text[:LONGEST_PASSWORD]) and len(text) <= LONGEST_PASSWORD
    except (VerificationError, InvalidHashError):
        return False


def _find(c: sa.Connection, name: str) -> _Row | None:
    return c.execute(sa.text("SELECT name, password, role, created, disabled FROM user WHERE name = :n"), {"n": name}).first()


def _existing(c: sa.Connection, name: str) -> User:
    row = _find(c, _name(name))
    if row is None:
        raise UsageError(f"Den Zugang {name!r} gibt es nicht.", f"There is no account {name!r}.")
    return User(row.name, row.role, row.created, bool(row.disabled))


def _end_sessions(c: sa.Connection, name: str) -> None:
    c.execute(sa.text("DELETE FROM session WHERE name = :n"), {"n": name})
