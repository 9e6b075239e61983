"""The embedded engine: once per home, whatever happens to it or to those who use it.  Real processes throughout."""

from __future__ import annotations

import json
import os
import shutil
import signal
import socket
import stat
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import pytest

from graph import engine
from graph.engine import EngineError
from graph.errors import InnonetError
from graph.querybook import Param, Query
from graph.settings import Settings
from graph.store import Store, open_store

ROOT = Path(__file__).resolve().parents[2]
PUT = Query("put", "UNWIND $rows AS r MERGE (n:Project {id: r.id}) SET n.title = r.title", "", "", write=True, params=(Param("rows", "rows"),))
COUNT = Query("count", "MATCH (n:Project) RETURN count(n) AS n", "", "")

Make = Callable[..., Settings]


def rows(start: int, end: int, title: str = "t") -> list[dict[str, object]]:
    return [{"id": f"p{i}", "title": title} for i in range(start, end)]


def child(code: str, *args: object, **options: object) -> subprocess.Popen[str]:
    """A command of its own, as a shell would start it."""
    return subprocess.Popen([sys.executable, "-c", code, *map(str, args)], cwd=ROOT, stdout=subprocess.PIPE, text=True, **options)  # type: ignore[call-overload, no-any-return]


ENSURE = """
import sys
from pathlib import Path
from graph import engine
from graph.settings import Settings
print(engine.ensure(Settings(home=Path(sys.argv[1]), engine_memory="256m")).pid)
"""

LOAD = """
import sys
from pathlib import Path
from graph.querybook import Param, Query
from graph.settings import Settings
from graph.store import Store, open_store
put = Query("put", "UNWIND $rows AS r MERGE (n:Project {id: r.id}) SET n.title = r.title", "", "", write=True, params=(Param("rows", "rows"),))
with open_store(Settings(home=Path(sys.argv[1]), engine_memory="256m"), write=True) as store:
    store.apply_schema()
    for i in range(1000):
        store.write(put, [{"id": f"p{i}-{j}", "title": "t"} for j in range(100)])
        print(i + 1, flush=True)
"""


def engines_of(home: Path) -> list[int]:
    """Processes that are the engine of this home."""
    return [p.pid for p in psutil.process_iter() if engine._is_engine(p.pid, home.resolve())]


def ended(pid: int) -> None:
    """Wait until a process is gone."""
    try:
        psutil.Process(pid).wait(60)
    except psutil.NoSuchProcess:
        return


def test_four_commands_at_once_get_one_engine_that_outlives_them(tmp_path: Path, stopping: Make) -> None:
    home = tmp_path / "a home with spaces"
    settings = stopping(home)
    commands = [child(ENSURE, home) for _ in range(4)]
    said = [c.communicate(timeout=120)[0].strip() for c in commands]
    assert [c.returncode for c in commands] == [0] * 4
    assert len(set(said)) == 1
    assert engines_of(home) == [int(said[0])]
    with open_store(settings) as store:
        assert store.engine == "arcadedb"
        assert "ArcadeDB" in store.agent
        assert store.read(COUNT) == [{"n": 0}]
    assert engine.status(settings).address == engine.ensure(settings)
    for name in ("engine.json", "engine.log"):
        assert stat.S_IMODE((home / name).stat().st_mode) == 0o600
    published = json.loads((home / "engine.json").read_text(encoding="utf-8"))
    assert published["password"] not in repr(engine.ensure(settings))
    assert all(a.startswith(("bolt://127.0.0.1:", "http://127.0.0.1:")) for a in (published["uri"], published["http"]))
    listening = {c.laddr.ip for c in psutil.Process(int(said[0])).net_connections() if c.status == psutil.CONN_LISTEN}
    assert {ip.removeprefix("::ffff:") for ip in listening} == {"127.0.0.1"}


def test_a_killed_engine_is_started_again_with_all_that_was_committed(tmp_path: Path, stopping: Make) -> None:
    settings = stopping(tmp_path)
    with open_store(settings, write=True) as store:
        store.apply_schema()
        store.write(PUT, rows(0, 2000))
        first = engine.ensure(settings).pid
        os.kill(first, signal.SIGKILL)
        ended(first)
        assert engine.status(settings).address is None
        # the same open store goes on: it finds or starts the engine again
        assert store.read(COUNT) == [{"n": 2000}]
        second = engine.ensure(settings).pid
        assert second != first
        os.kill(second, signal.SIGKILL)
        ended(second)
        store.write(PUT, rows(1000, 3000))
        assert store.read(COUNT) == [{"n": 3000}]
        assert store.ask("MATCH (n:Project) RETURN count(n) AS n").rows == [[3000]]
        assert store.check() == []
    assert len(engines_of(tmp_path)) == 1


def test_a_killed_client_leaves_whole_batches_and_a_working_engine(tmp_path: Path, stopping: Make) -> None:
    settings = stopping(tmp_path)
    load = child(LOAD, tmp_path)
    assert load.stdout is not None
    done = 0
    for line in load.stdout:
        done = int(line)
        if done == 5:
            break
    load.kill()
    load.communicate()
    with open_store(settings, write=True) as store:
        found = store.read(COUNT)[0]["n"]
        assert found % 100 == 0
        assert found >= done * 100
        store.write(PUT, rows(0, 10))
        assert store.read(COUNT)[0]["n"] == found + 10


def test_an_address_left_behind_is_not_believed(tmp_path: Path, stopping: Make) -> None:
    """Its pid now belongs to another program, its port to a listener that must not be told the password."""
    settings = stopping(tmp_path)
    heard: list[bytes] = []
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
        listener.settimeout(0.5)
        stale = dict.fromkeys(("user", "password", "reader_user", "reader_password", "asker_user", "asker_password", "database", "started"), "x")
        here = {"uri": f"bolt://127.0.0.1:{port}", "http": f"http://127.0.0.1:{port}", "pid": os.getpid(), "format": engine.FORMAT}
        (tmp_path / "engine.json").write_text(json.dumps({**stale, **here}), encoding="utf-8")
        (tmp_path / "engine.lock").touch()
        (tmp_path / "engine.start.lock").touch()
        assert engine.status(settings).address is None
        assert engine.stop(settings) is False  # and certainly does not end that other program
        address = engine.ensure(settings)
        with pytest.raises(TimeoutError):
            heard.append(listener.accept()[0].recv(100))
    assert heard == []
    assert address.pid != os.getpid()
    assert address.password != "x"
    assert psutil.pid_exists(os.getpid())


@pytest.mark.parametrize("content", ["", "{", "[]", '{"pid": 1}', "\x00\x00", '{"pid": "no number"}'])
def test_a_damaged_address_file_is_as_none(tmp_path: Path, content: str) -> None:
    (tmp_path / "engine.json").write_text(content, encoding="utf-8")
    assert engine.status(Settings(home=tmp_path)).address is None


def test_an_engine_of_another_version_is_replaced(tmp_path: Path, stopping: Make) -> None:
    settings = stopping(tmp_path)
    first = engine.ensure(settings)
    path = tmp_path / "engine.json"
    path.write_text(json.dumps({**json.loads(path.read_text(encoding="utf-8")), "format": 0, "unknown": 1}), encoding="utf-8")
    second = engine.ensure(settings)
    assert second.pid != first.pid
    assert engines_of(tmp_path) == [second.pid]


def test_a_taken_port_is_named(tmp_path: Path, stopping: Make) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        settings = stopping(tmp_path, engine_port=port)
        with pytest.raises(EngineError) as caught:
            engine.ensure(settings)
        assert str(port) in caught.value.de
        assert "belegt" in caught.value.de
        assert "taken" in caught.value.en
        assert caught.value.exit_code == 3
    assert engine.ensure(settings).uri == f"bolt://127.0.0.1:{port}"


def test_sigterm_ends_it_cleanly(tmp_path: Path, stopping: Make) -> None:
    settings = stopping(tmp_path)
    with open_store(settings, write=True) as store:
        store.write(PUT, rows(0, 500))
    pid = engine.ensure(settings).pid
    os.kill(pid, signal.SIGTERM)
    ended(pid)
    assert not (tmp_path / "engine.json").exists()
    log = (tmp_path / "engine.log").read_text(encoding="utf-8")
    assert "Server is down" in log
    assert "SIGSEGV" not in log
    assert list(tmp_path.rglob("hs_err*")) == []
    with open_store(settings) as store:
        assert store.read(COUNT) == [{"n": 500}]
    assert engine.stop(settings) is True
    assert engine.stop(settings) is False
    assert engines_of(tmp_path) == []


def test_a_second_engine_by_hand_is_refused(tmp_path: Path, stopping: Make) -> None:
    engine.ensure(stopping(tmp_path))
    second = subprocess.run([sys.executable, "-m", "graph.engine", str(tmp_path)], cwd=ROOT, capture_output=True, text=True, timeout=120, check=False)
    assert second.returncode == 3
    assert "runs already" in second.stderr
    assert len(engines_of(tmp_path)) == 1


def test_an_unknown_amount_of_memory_is_reported_with_the_log(tmp_path: Path, stopping: Make) -> None:
    with pytest.raises(EngineError, match=r"engine\.log"):
        engine.ensure(stopping(tmp_path, engine_memory="lots"))


@pytest.fixture
def tmpfs(tmp_path: Path) -> Iterator[Callable[[str], Path]]:
    """Mount a small file system; only root can."""
    mounted: list[Path] = []

    def mount(options: str) -> Path:
        folder = tmp_path / f"small-{len(mounted)}"
        folder.mkdir()
        if os.geteuid() != 0 or not shutil.which("mount"):
            pytest.skip("needs root to mount a small tmpfs: the behaviour on a full or read-only disk is NOT tested here")
        done = subprocess.run(["mount", "-t", "tmpfs", "-o", options, "tmpfs", str(folder)], capture_output=True, text=True, check=False)
        if done.returncode:
            pytest.skip(f"cannot mount a tmpfs ({done.stderr.strip()}): the behaviour on a full or read-only disk is NOT tested here")
        mounted.append(folder)
        return folder

    yield mount
    for folder in mounted:
        for pid in engines_of(folder):
            os.kill(pid, signal.SIGKILL)
            ended(pid)
        subprocess.run(["umount", str(folder)], check=True)


def test_a_folder_without_the_right_to_write_is_named(tmp_path: Path) -> None:
    locked = tmp_path / "locked"
    locked.mkdir()
    if os.geteuid() == 0:
        home = Path("/proc/innonet-cannot-be-made-here")  # root may write anywhere but there
    else:
        locked.chmod(0o500)
        home = locked / "home"
    with pytest.raises(EngineError) as caught:
        engine.ensure(Settings(home=home))
    assert str(home) in caught.value.de
    assert "INNONET_HOME" in caught.value.de
    assert "INNONET_HOME" in caught.value.en


def test_a_read_only_disk_is_named(tmpfs: Callable[[str], Path]) -> None:
    home = tmpfs("size=1m,ro")
    with pytest.raises(EngineError, match="Cannot write"):
        engine.ensure(Settings(home=home))


def test_a_full_disk_is_named_and_what_was_committed_stays(tmpfs: Callable[[str], Path], stopping: Make) -> None:
    home = tmpfs("size=48m")
    settings = stopping(home)
    written: list[int] = []

    def fill(store: Store) -> None:
        for start in range(0, 200_000, 1000):
            store.write(PUT, rows(start, start + 1000, "long " * 200))
            written.append(start + 1000)

    with open_store(settings, write=True) as store:
        store.apply_schema()
        with pytest.raises(InnonetError) as caught:
            fill(store)
    committed = written[-1] if written else 0
    assert "Datenträger" in caught.value.de
    assert "disk" in caught.value.en
    assert committed > 0
    with pytest.raises(EngineError, match="Cannot write"):
        engine.ensure(Settings(home=home / "another"))
    # with room again, everything that was said to be written is there
    subprocess.run(["mount", "-o", "remount,size=200m", str(home)], check=True)
    with open_store(settings, write=True) as store:
        found = store.read(COUNT)[0]["n"]
        assert found >= committed
        assert found % 1000 == 0
        store.write(PUT, rows(0, 200_000, "x")[: committed + 1000])
        assert store.read(COUNT)[0]["n"] >= committed + 1000


def test_what_does_not_start_says_so_in_time(tmp_path: Path, stopping: Make) -> None:
    """A lock that is held by an engine out of reach (another container): a clear word instead of waiting for ever."""
    settings = stopping(tmp_path)
    address = engine.ensure(settings)
    (tmp_path / "engine.json").unlink()
    started = time.monotonic()
    with pytest.raises(EngineError, match="runs already"):
        engine.ensure(settings)
    assert time.monotonic() - started < 30
    os.kill(address.pid, signal.SIGTERM)
    ended(address.pid)


def test_importing_the_engine_brings_no_java() -> None:
    code = "import sys, graph.engine, graph.store; print([m for m in sys.modules if m.startswith(('arcadedb', 'jpype'))])"
    assert child(code).communicate(timeout=60)[0].strip() == "[]"


def test_threads_share_one_start(tmp_path: Path, stopping: Make) -> None:
    settings = stopping(tmp_path)
    pids: list[int] = []
    threads = [threading.Thread(target=lambda: pids.append(engine.ensure(settings).pid)) for _ in range(4)]
    for t in threads:
        t.start()
    for t in threads:
        t.join()
    assert len(pids) == 4
    assert len(set(pids)) == 1
