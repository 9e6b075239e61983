"""The process in which parsers run that may crash, hang or eat memory: one, started when first needed and used again.

Between the two goes JSON only, so that a parser taken over by a hostile file cannot hand its caller anything but text.  The process gets
none of the caller's environment (passwords stand there).  Its memory is limited where the system can (Linux; macOS does not), its time
everywhere: by the caller, and by a limit of processor time that outlives the caller.
"""

from __future__ import annotations

import atexit
import json
import os
import selectors
import subprocess
import sys
import threading
import time
from dataclasses import asdict
from functools import cache
from pathlib import Path
from typing import Any, Final

from ingest.text.reading.limits import Limits
from ingest.text.reading.problem import ReadProblem
from ingest.text.reading.raw import Raw

_START_SECONDS: Final = 60.0
_CHUNK: Final = 1 << 16
HEAD: Final = 8
_MODULE: Final = "ingest.text.reading.child"
_ROOT: Final = Path(__file__).resolve().parents[3]


class Worker:
    """The process, seen from its caller.  Several threads take turns; after a fork the child starts its own."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._process: subprocess.Popen[bytes] | None = None
        self._owner = 0
        self._memory = 0

    def parse(self, kind: str, data: bytes, name: str, encoding: str, limits: Limits) -> list[Raw]:
        """The texts of a file.  Raises ReadProblem, also when the parser crashed or ran out of time or memory."""
        head = json.dumps({"kind": kind, "name": name, "encoding": encoding, "limits": asdict(limits)}).encode()
        with self._lock:
            self._ready(limits.memory)
            try:
                answer = self._exchange(_frame(head) + _frame(data), limits.seconds, 16 * limits.characters + (1 << 20))
            except TimeoutError:
                self._end()
                raise ReadProblem("timeout", name, f"{limits.seconds:g} s") from None
            except OverflowError:
                self._end()
                raise ReadProblem("too_large", name) from None
            if answer is None:
                raise ReadProblem("crash", name, self._how_it_ended())
            if answer.get("last"):
                self._end()
        if "problem" in answer:
            code, detail = answer["problem"]
            raise ReadProblem(code, name, detail)
        return [_raw(r) for r in answer["texts"]]

    @property
    def process_id(self) -> int | None:
        """The id of the process, None while there is none."""
        return self._process.pid if self._process else None

    def close(self) -> None:
        """End the process, if there is one."""
        with self._lock:
            self._end()

    def _ready(self, memory: int) -> None:
        if self._owner != os.getpid():  # forked: the process belongs to the parent
            self._process, self._owner = None, os.getpid()
        if self._process and (self._process.poll() is not None or self._memory != memory):
            self._end()
        if self._process is None:
            self._memory = memory
            self._process = subprocess.Popen(
                [sys.executable, "-P", "-m", _MODULE, str(memory)],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                bufsize=0,
                stderr=subprocess.DEVNULL,
                cwd=_ROOT,
                env={"PYTHONPATH": str(_ROOT), "PYTHONUTF8": "1", "TZ": "UTC", "LC_ALL": "C.UTF-8"},
                start_new_session=True,
            )
            if self._exchange(b"", _START_SECONDS, _CHUNK) is None:
                raise RuntimeError(f"the process that reads documents does not start (memory limit {memory}): {self._how_it_ended()}")

    def _exchange(self, message: bytes, seconds: float, most: int) -> Any:
        """Send a message and wait for the answer, None if the process ended.  Raises TimeoutError, and OverflowError for an answer too long."""
        process = self._process
        assert process is not None and process.stdin is not None and process.stdout is not None  # noqa: S101, PT018 - for the type checker
        deadline = time.monotonic() + seconds
        rest, answer, length = memoryview(message), bytearray(), -1
        with selectors.DefaultSelector() as ready:
            ready.register(process.stdout, selectors.EVENT_READ)
            if rest:
                os.set_blocking(process.stdin.fileno(), False)
                ready.register(process.stdin, selectors.EVENT_WRITE)
            while length < 0 or len(answer) < length:
                events = ready.select(max(deadline - time.monotonic(), 0))
                if not events:
                    raise TimeoutError
                for key, _ in events:
                    if key.fileobj is process.stdin:
                        try:
                            rest = rest[os.write(process.stdin.fileno(), rest[:_CHUNK]) :]
                        except BrokenPipeError:
                            rest = rest[:0]
                        if not rest:
                            ready.unregister(process.stdin)
                        continue
                    got = os.read(process.stdout.fileno(), _CHUNK)
                    if not got:
                        return None
                    answer += got
                    if length < 0 and len(answer) >= HEAD:
                        length = int.from_bytes(answer[:HEAD], "big")
                        del answer[:HEAD]
                        if length > most:
                            raise OverflowError
        return json.loads(answer)

    def _how_it_ended(self) -> str:
        process = self._process
        self._end()
        code = process.returncode if process else None
        return f"Signal {-code}" if code is not None and code < 0 else f"Exit {code}"

    def _end(self) -> None:
        process, self._process = self._process, None
        if process is None or self._owner != os.getpid():
            return
        for pipe in (process.stdin, process.stdout):
            if pipe is not None:
                pipe.close()
        try:
            process.wait(0.2)  # without its input it ends by itself
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _frame(data: bytes) -> bytes:
    return len(data).to_bytes(HEAD, "big") + data


def _raw(answer: dict[str, Any]) -> Raw:
    """The text of an answer, its tuples rebuilt; what the process says is not believed beyond its types."""
    edits = tuple((int(start), int(end), str(put)) for start, end, put in answer.pop("edits"))
    pages = tuple(int(p) for p in answer.pop("pages"))
    return Raw(**{k: str(v) for k, v in answer.items()}, edits=edits, pages=pages)


@cache
def the_worker() -> Worker:
    """This process's worker; it ends with the process."""
    worker = Worker()
    atexit.register(worker.close)
    return worker
