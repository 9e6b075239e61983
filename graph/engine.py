"""The embedded engine: an ArcadeDB server, exactly once per home, as a process of its own that speaks Bolt on loopback.

``ensure`` finds the running engine of a home or starts it; ``python -m graph.engine HOME`` is the process itself.  It
keeps running when the command that started it ends, until ``stop`` (or SIGTERM).  Everything else in the project is a
Bolt client; the JVM lives in that process alone, because a process that holds one must not fork.

In the home lie::

    engine.json         how to reach the running engine (0600); written when it answers, removed when it stops
    engine.lock         held by the engine as long as it lives; the operating system frees it with the process
    engine.start.lock   held by a command while it starts the engine, so that only one does
    engine.log          what the engine says
    engine/             databases, rights and logs of ArcadeDB
"""

from __future__ import annotations

import argparse
import base64
import json
import os
import secrets
import select
import signal
import socket
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass, field
from itertools import pairwise
from pathlib import Path
from typing import IO, Any, Final

import psutil
from filelock import FileLock, Timeout

from graph.errors import EngineUnreachable, InnonetError
from graph.settings import Settings

DATABASE: Final = "innonet"
FORMAT: Final = 2
"""Number of the address file's shape and of the rights; an engine that was started with another one is replaced."""

READER: Final = "reader"
ASKER: Final = "asker"

WATCH_SECONDS: Final = 0.25
"""How often the engine looks for questions of people that take too long."""

STUCK_SECONDS: Final = 5.0
"""How long after its time limit such a question may still run before the engine leaves with it."""

OVERDUE: Final = "the time limit of"
"""Words in the engine's message when a question was ended; graph/inspect_plan.py knows them."""

START_SECONDS: Final = 60.0
STOP_SECONDS: Final = 60.0
LOG_BYTES: Final = 5 << 20
_PROJECT: Final = Path(__file__).resolve().parent.parent


class EngineError(InnonetError):
    """The embedded engine cannot be started or stopped; the text says why and what to do."""

    exit_code = EngineUnreachable.exit_code


@dataclass(frozen=True, slots=True)
class Address:
    """How to reach the running embedded engine.

    user         may write; only the loader uses it
    reader_user  may read records, nothing else: what the site, the command line and people's own tools use
    asker_user   the same rights; what it asks is ended by the engine after settings.query_timeout: free Cypher of people
    http         address of the HTTP interface, used for the SQL of graph/schema.py only
    """

    uri: str
    user: str
    password: str = field(repr=False)
    reader_user: str
    reader_password: str = field(repr=False)
    asker_user: str
    asker_password: str = field(repr=False)
    database: str
    pid: int
    http: str
    started: str
    format: int = FORMAT


@dataclass(frozen=True, slots=True)
class Status:
    """What ``innonet engine status`` shows; ``address`` is None when no engine runs for this home."""

    home: Path
    address: Address | None
    memory_bytes: int = 0
    disk_bytes: int = 0


# ------------------------------------------------------------------------------------------------- the client's side


def ensure(settings: Settings) -> Address:
    """Address of the running engine of this home; starts it when none runs.

    Raises EngineError when it cannot be started: no right to write, a port taken, a full disk, another owner.
    """
    home = settings.home.expanduser().resolve()
    found = _running(home)
    if found is not None:
        return found
    _writable(home)
    deadline = time.monotonic() + START_SECONDS
    try:
        with FileLock(home / "engine.start.lock", timeout=START_SECONDS, mode=0o600):
            found = _running(home)
            if found is not None:
                return found
            _replace_other_format(home)
            return _start(home, settings, deadline)
    except Timeout:
        raise EngineError(
            f"Ein anderer Befehl startet seit {START_SECONDS:.0f} s die Graph-Engine in {home} und wird nicht fertig. Siehe {home / 'engine.log'}.",
            f"Another command has been starting the graph engine in {home} for {START_SECONDS:.0f} s and does not finish. See {home / 'engine.log'}.",
        ) from None


def status(settings: Settings) -> Status:
    """Whether the engine of this home runs, where, and how much memory and disk it takes.  Starts nothing."""
    home = settings.home.expanduser().resolve()
    address = _running(home)
    memory = 0
    if address is not None:
        try:
            memory = psutil.Process(address.pid).memory_info().rss
        except psutil.Error:
            address = None
    return Status(home, address, memory, _folder_bytes(home / "engine"))


def stop(settings: Settings) -> bool:
    """Stop the engine of this home and wait until it is gone.  False when none ran.  Raises EngineError when it does not end."""
    home = settings.home.expanduser().resolve()
    address = _running(home)
    if address is None:
        return False
    _terminate(address.pid, home)
    return True


def sql(address: Address, statements: Sequence[str]) -> list[dict[str, Any]]:
    """Run SQL with the right to write, for what Cypher cannot say (sub-types); rows of the last statement.  Only graph/store.py calls it.

    Goes over HTTP, since the Bolt side of ArcadeDB takes Cypher only.
    """
    token = base64.b64encode(f"{address.user}:{address.password}".encode()).decode()
    request = urllib.request.Request(  # noqa: S310 - the address is the engine's own, http on loopback
        f"{address.http}/api/v1/command/{address.database}",
        data=json.dumps({"language": "sqlscript", "command": ";\n".join(statements)}).encode(),
        headers={"Content-Type": "application/json", "Authorization": f"Basic {token}"},
    )
    # No proxy: HTTP_PROXY in the environment must not carry the password off the machine.
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        with opener.open(request, timeout=120) as answer:
            rows: list[dict[str, Any]] = json.load(answer)["result"]
            return rows
    except urllib.error.HTTPError as e:
        try:
            detail = str(json.load(e).get("detail", ""))
        except ValueError:
            detail = str(e)
        finally:
            e.close()
        raise EngineError(f"Die Engine lehnt das SQL des Schemas ab: {detail}", f"The engine refuses the SQL of the schema: {detail}") from None
    except OSError as e:
        raise EngineUnreachable(
            f"Die Graph-Engine unter {address.http} antwortet nicht ({e}). «innonet engine status» zeigt ihren Zustand.",
            f"The graph engine at {address.http} does not answer ({e}). `innonet engine status` shows its state.",
        ) from None


def _running(home: Path) -> Address | None:
    """The address in the home, if the process that wrote it lives and is this home's engine (a pid may be reused)."""
    address = _published(home)
    return address if address is not None and address.format == FORMAT and _is_engine(address.pid, home) else None


def _published(home: Path) -> Address | None:
    try:
        raw = json.loads((home / "engine.json").read_text(encoding="utf-8"))
        return Address(**raw)
    except FileNotFoundError:
        return None
    except PermissionError:
        raise EngineError(
            f"{home / 'engine.json'} gehört einem anderen Benutzer. Setzen Sie INNONET_HOME auf einen eigenen Ordner.",
            f"{home / 'engine.json'} belongs to another user. Set INNONET_HOME to a folder of your own.",
        ) from None
    except (OSError, ValueError, TypeError):
        return None


def _is_engine(pid: int, home: Path) -> bool:
    """True when this process is the engine of this home: by its command line, so that no reused pid is mistaken."""
    try:
        line = psutil.Process(pid).cmdline()
    except (psutil.Error, ValueError):
        return False
    return any(a == "graph.engine" and b == str(home) for a, b in pairwise(line))


def _replace_other_format(home: Path) -> None:
    """End an engine that an older or newer version of this program started; its data stays."""
    try:
        pid = int(json.loads((home / "engine.json").read_text(encoding="utf-8"))["pid"])
    except (OSError, ValueError, TypeError, KeyError):
        return
    if _is_engine(pid, home):
        _terminate(pid, home)


def _terminate(pid: int, home: Path) -> None:
    try:
        process = psutil.Process(pid)
        process.terminate()
        process.wait(STOP_SECONDS)
    except psutil.NoSuchProcess:
        return
    except (psutil.TimeoutExpired, psutil.AccessDenied) as e:
        raise EngineError(
            f"Die Graph-Engine (Prozess {pid}) endet nicht: {e}. Siehe {home / 'engine.log'}.",
            f"The graph engine (process {pid}) does not end: {e}. See {home / 'engine.log'}.",
        ) from None


def _writable(home: Path) -> None:
    """Create the home.  Raises EngineError when nothing can be written there."""
    probe = home / f".probe-{os.getpid()}-{secrets.token_hex(4)}"
    try:
        home.mkdir(parents=True, exist_ok=True, mode=0o700)
        with probe.open("wb") as f:
            f.write(b"\0" * 4096)
    except OSError as e:
        raise _cannot_write(home, e) from None
    finally:
        with suppress(OSError):  # the folder could not even be made; the error above says so
            probe.unlink(missing_ok=True)


def _cannot_write(home: Path, e: OSError) -> EngineError:
    return EngineError(
        f"In {home} kann nicht geschrieben werden ({e.strerror}). Geben Sie dem Ordner Rechte und Platz oder setzen Sie INNONET_HOME auf einen anderen.",
        f"Cannot write in {home} ({e.strerror}). Give the folder rights and space, or set INNONET_HOME to another one.",
    )


def _start(home: Path, settings: Settings, deadline: float) -> Address:
    """Start the engine's process and wait for its word, which comes through a pipe: ready, or why not."""
    listen, speak = os.pipe()
    try:
        try:
            log = _open_log(home)
        except OSError as e:
            raise _cannot_write(home, e) from None
        with log:
            command = [sys.executable, "-m", "graph.engine", str(home), "--memory", settings.engine_memory, "--port", str(settings.engine_port)]
            command += ["--timeout", str(settings.query_timeout), "--detach", str(speak)]
            # The child forks once more and leaves at once: no zombie and no open handle stays with a caller that lives on.
            code = subprocess.run(
                command, cwd=_PROJECT, stdin=subprocess.DEVNULL, stdout=log, stderr=log, pass_fds=(speak,), start_new_session=True, check=False
            ).returncode
        os.close(speak)
        speak = -1
        word = _hear(listen, deadline) if code == 0 else b""
    finally:
        os.close(listen)
        if speak >= 0:
            os.close(speak)
    if word == b"ready\n":
        address = _running(home)
        if address is not None:
            return address
        word = b""
    if word:
        texts = json.loads(word)
        raise EngineError(texts["de"], texts["en"])
    tail = _log_tail(home)
    raise EngineError(
        f"Die Graph-Engine ist nicht gestartet. Das Ende von {home / 'engine.log'}:\n{tail}",
        f"The graph engine did not start. The end of {home / 'engine.log'}:\n{tail}",
    )


def _hear(listen: int, deadline: float) -> bytes:
    """What the starting engine says, up to its end of the pipe or the deadline."""
    word = b""
    while (left := deadline - time.monotonic()) > 0:
        if not select.select([listen], [], [], left)[0]:
            break
        part = os.read(listen, 65536)
        if not part:
            break
        word += part
        if word == b"ready\n":
            break
    return word


def _open_log(home: Path) -> IO[bytes]:
    path = home / "engine.log"
    if path.exists() and path.stat().st_size > LOG_BYTES:
        path.replace(home / "engine.log.1")
    return os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600), "ab")


def _log_tail(home: Path) -> str:
    try:
        lines = (home / "engine.log").read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        return ""
    return "\n".join(lines[-8:])


def _folder_bytes(folder: Path) -> int:
    total = 0
    for path in folder.rglob("*"):
        try:
            total += path.stat().st_size
        except OSError:  # a file of the engine that went away meanwhile
            continue
    return total


# ------------------------------------------------------------------------------------------------- the server process


def main(argv: Sequence[str] | None = None) -> int:
    """Be the engine of a home until SIGTERM or SIGINT.  Exit 0 after a clean end, 3 when it could not start."""
    parser = argparse.ArgumentParser(prog="python -m graph.engine", description="The embedded graph engine of one home; usually started by innonet itself.")
    parser.add_argument("home", type=Path)
    parser.add_argument("--memory", default="1g", help="heap, as for java -Xmx")
    parser.add_argument("--port", type=int, default=0, help="Bolt port on loopback; 0: any free one")
    parser.add_argument("--timeout", type=float, default=10.0, help="seconds free Cypher of people may take")
    parser.add_argument("--detach", type=int, default=None, metavar="FD", help="go to the background, say ready or why not into this file descriptor")
    options = parser.parse_args(argv)
    home = options.home.expanduser().resolve()
    speak: int | None = options.detach
    if speak is not None and os.fork():
        os._exit(0)
    os.umask(0o077)
    try:
        _serve(home, options.memory, options.port, options.timeout, speak)
    except InnonetError as e:
        _say(speak, json.dumps({"de": e.de, "en": e.en}).encode())
        print(e.en, file=sys.stderr, flush=True)  # noqa: T201 - standard error is the engine's log
        return EngineError.exit_code
    return 0


def _say(speak: int | None, word: bytes) -> None:
    if speak is None:
        return
    with suppress(BrokenPipeError):  # the command that started us is gone; the engine is for the next one
        os.write(speak, word)


def _serve(home: Path, memory: str, port: int, timeout: float, speak: int | None) -> None:
    _writable(home)
    try:
        with FileLock(home / "engine.lock", timeout=5.0, mode=0o600):
            try:
                ended = threading.Event()
                for number in (signal.SIGTERM, signal.SIGINT):
                    signal.signal(number, lambda *_: ended.set())
                with _server(home, memory, port) as java:
                    _say(speak, b"ready\n")
                    if speak is not None:
                        os.close(speak)
                    running = java.getRunningQueries()
                    while not ended.wait(WATCH_SECONDS):
                        if _end_overdue(running, timeout):
                            _leave(home)
            except OSError as e:
                raise _cannot_write(home, e) from None
    except Timeout:
        raise EngineError(
            f"Für {home} läuft schon eine Graph-Engine, die von hier nicht zu erreichen ist (anderer Container, oder sie beendet sich gerade).",
            f"A graph engine for {home} runs already and cannot be reached from here (another container, or it is just ending).",
        ) from None


@contextmanager
def _server(home: Path, memory: str, port: int) -> Iterator[Any]:
    """Run ArcadeDB and publish its address while the block lasts; gives the Java server."""
    published = home / "engine.json"
    published.unlink(missing_ok=True)
    if port and not _free(port):
        raise EngineError(
            f"Der Port {port} (INNONET_ENGINE_PORT) ist von einem anderen Programm belegt. Wählen Sie einen anderen oder 0 für irgendeinen freien.",
            f"Port {port} (INNONET_ENGINE_PORT) is taken by another program. Choose another one, or 0 for any free one.",
        )
    root = home / "engine"
    passwords = [secrets.token_urlsafe(24) for _ in range(3)]
    _write_rights(root)
    os.chdir(root)
    ports = (port or _free_port(), _free_port())
    java = _boot(root, memory, ports, passwords)
    try:
        address = Address(
            uri=f"bolt://127.0.0.1:{ports[0]}",
            user="root",
            password=passwords[0],
            reader_user=READER,
            reader_password=passwords[1],
            asker_user=ASKER,
            asker_password=passwords[2],
            database=DATABASE,
            pid=os.getpid(),
            http=f"http://127.0.0.1:{ports[1]}",
            started=time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()),
        )
        _publish(published, address)
        yield java._java_server
    finally:
        published.unlink(missing_ok=True)
        java.stop()


def _end_overdue(running: Any, timeout: float) -> bool:
    """End what people's free Cypher has been doing for longer than ``timeout`` seconds.  True when one does not end.

    ArcadeDB ignores the driver's timeout, and its own settings bind all users or none: a load may take its time.
    """
    stuck = False
    for query in running.getRunning():
        if str(query.getUser()) == ASKER and query.getElapsedMillis() > timeout * 1000:
            query.terminate(f"{OVERDUE} {timeout:g} s")
            stuck = stuck or query.getElapsedMillis() > (timeout + STUCK_SECONDS) * 1000
    return stuck


def _leave(home: Path) -> None:
    """Leave at once, without the JVM's consent; whoever asks next starts a new engine.

    A loop inside one expression (a list in a list in a list) looks at nothing that could end it, and would take one
    processor for days.  What was committed is safe: this is the same as a kill, and graph/store.py connects again.
    """
    print("a question does not end: the engine leaves and is started anew", flush=True)  # noqa: T201 - standard output is the engine's log
    (home / "engine.json").unlink(missing_ok=True)
    os._exit(1)


def _publish(path: Path, address: Address) -> None:
    draft = path.with_name(f"engine.json.{os.getpid()}")
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="utf-8") as f:
        json.dump(asdict(address), f, indent=1)
        f.flush()
        os.fsync(f.fileno())
    draft.replace(path)


def _write_rights(root: Path) -> None:
    """Groups of rights: everything, reading records, nothing.  Users are made anew at each start.

    ``resultSetLimit`` stays off: it cuts what a query scans, not what it answers (20,000 nodes were counted as 5,001).
    ``readTimeout`` stays off: it does not end a query that computes without reading; see _end_overdue.
    """
    config = root / "config"
    config.mkdir(parents=True, exist_ok=True)
    # With the users of the last start gone, root gets this start's password.
    for name in ("server-users.jsonl", "server-users.json"):
        (config / name).unlink(missing_ok=True)
    every = {"createRecord", "readRecord", "updateRecord", "deleteRecord"}

    def group(access: list[str], records: set[str]) -> dict[str, Any]:
        return {"resultSetLimit": -1, "readTimeout": -1, "access": access, "types": {"*": {"access": sorted(records)}}}

    groups = {
        "admin": group(["updateSecurity", "updateSchema", "updateDatabaseSettings"], every),
        "reader": group([], {"readRecord"}),
        "*": group([], set()),
    }
    (config / "server-groups.json").write_text(json.dumps({"version": 1, "databases": {"*": {"groups": groups}}}), encoding="utf-8")


def _boot(root: Path, memory: str, ports: tuple[int, int], passwords: Sequence[str]) -> Any:
    """Start the JVM and ArcadeDB in it; answers the server object.  Raises EngineError."""
    os.environ["ARCADEDB_JVM_ARGS"] = " ".join(
        (
            "-Xrs",  # leaves SIGTERM to Python; without it the JVM's own handler ends in a crash
            f"-Xmx{memory}",
            "-Darcadedb.opencypher.loadCsv.allowFileUrls=false",
            "-Darcadedb.opencypher.loadCsv.allowRemoteUrls=false",
            "-Darcadedb.support.autoRegister=false",
        )
    )
    import arcadedb_embedded  # here and not above: the JVM belongs into this process only
    import jpype

    server = arcadedb_embedded.create_server(
        root_path=str(root),
        root_password=passwords[0],
        config={
            "host": "127.0.0.1",
            "http_port": ports[1],
            "bolt_port": ports[0],
            # production hides the texts of errors, and a person's mistake could not be explained.  What development
            # opens beside that (LOAD CSV of files) is closed above; graph/store.py decides which texts reach people.
            "mode": "development",
            "server_plugins": "Bolt:com.arcadedb.bolt.BoltProtocolPlugin",
        },
    )
    try:
        server.start()
        server.create_database(DATABASE)
        security = server._java_server.getSecurity()  # the package offers no other way to its users
        as_json = jpype.JClass("com.arcadedb.serializer.json.JSONObject")
        for name, password in zip((READER, ASKER), passwords[1:], strict=True):
            security.createUser(as_json(json.dumps({"name": name, "password": str(security.encodePassword(password)), "databases": {DATABASE: ["reader"]}})))
    except (arcadedb_embedded.ArcadeDBError, jpype.JException) as e:
        server.stop()
        raise EngineError(
            f"Die Graph-Engine startet nicht: {e}. Ist der Datenträger voll? Siehe {root.parent / 'engine.log'}.",
            f"The graph engine does not start: {e}. Is the disk full? See {root.parent / 'engine.log'}.",
        ) from None
    return server


def _free(port: int) -> bool:
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as s:
        s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            s.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


def _free_port() -> int:
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as s:
        s.bind(("127.0.0.1", 0))
        port: int = s.getsockname()[1]
        return port


if __name__ == "__main__":
    sys.exit(main())
