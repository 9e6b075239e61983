"""The other side of worker.py: takes one file after the other from standard input and answers with its texts as JSON.

An exception that no reader expects ends the process after it was said: the caller starts a new one for the next file.
"""

from __future__ import annotations

import json
import os
import resource
import sys
from dataclasses import asdict
from types import TracebackType
from typing import IO, Any, Final

import psutil

from ingest.text.reading import docx, feed, html, mail, odt, pdf, sitemap
from ingest.text.reading.encoding import declared_in, decode
from ingest.text.reading.limits import Limits
from ingest.text.reading.problem import ReadProblem
from ingest.text.reading.raw import Raw
from ingest.text.reading.worker import HEAD

_SPARE_SECONDS: Final = 10


def parse(kind: str, data: bytes, name: str, encoding: str, limits: Limits) -> list[Raw]:
    """The texts of a file of a format that runs in a process of its own.  Raises ReadProblem."""
    match kind:
        case "html":
            return [html.read(decode(data, encoding or declared_in(data)), name)]
        case "pdf":
            return [pdf.read(data, name, limits)]
        case "docx":
            return [docx.read(data, name, limits)]
        case "odt":
            return [odt.read(data, name, limits)]
        case "mail":
            return mail.read(data, name)
        case "mbox":
            return mail.read_mailbox(data, name, limits)
        case "feed":
            return feed.read(data, name, limits)
        case "sitemap":
            return sitemap.read(data, name)
        case _:
            raise ReadProblem("unknown", name, kind)


def main() -> None:
    """Answer until the input ends.  Argument: the most memory in bytes."""
    memory = int(sys.argv[1])
    out = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # what a parser prints must not get between the answers
    _limit(resource.RLIMIT_AS, memory)
    sys.excepthook = lambda kind, value, where: _last_words(out, kind, value, where)
    _say(out, {})
    while head := sys.stdin.buffer.read(HEAD):
        request = json.loads(sys.stdin.buffer.read(int.from_bytes(head, "big")))
        data = sys.stdin.buffer.read(int.from_bytes(sys.stdin.buffer.read(HEAD), "big"))
        limits = Limits(**request["limits"])
        _limit(resource.RLIMIT_CPU, int(time_used() + limits.seconds) + _SPARE_SECONDS)
        answer: dict[str, Any]
        try:
            answer = {"texts": [asdict(r) for r in parse(request["kind"], data, request["name"], request["encoding"], limits)]}
        except ReadProblem as problem:
            answer = {"problem": (problem.code, problem.detail)}
        except MemoryError:
            answer = {"problem": ("memory", f"{memory >> 20} MiB"), "last": True}
        except RecursionError:
            answer = {"problem": ("crash", "RecursionError")}
        del data
        if psutil.Process().memory_info().rss > memory // 2:
            answer["last"] = True
        _say(out, answer)


def time_used() -> float:
    """Seconds of processor time this process used so far."""
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


def _limit(what: int, soft: int) -> None:
    """Set a soft limit, as far as the hard one allows; a system without this limit goes without."""
    hard = resource.getrlimit(what)[1]
    try:
        resource.setrlimit(what, (soft if hard == resource.RLIM_INFINITY else min(soft, hard), hard))
    except (ValueError, OSError):  # macOS refuses RLIMIT_AS
        return


def _say(out: IO[bytes], answer: dict[str, Any]) -> None:
    data = json.dumps(answer).encode("ascii")
    out.write(len(data).to_bytes(HEAD, "big") + data)
    out.flush()


def _last_words(out: IO[bytes], kind: type[BaseException], value: BaseException, where: TracebackType | None) -> None:
    while where and where.tb_next:
        where = where.tb_next
    place = f"{os.path.basename(where.tb_frame.f_code.co_filename)}:{where.tb_lineno}" if where else ""  # noqa: PTH119
    _say(out, {"problem": ("crash", f"{kind.__name__} {place}: {value}"[:200]), "last": True})


if __name__ == "__main__":
    main()
