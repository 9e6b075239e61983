"""Fuzzing the readers for as long as one likes: python -m bench.fuzz_reading [--seconds 300] [--kind html] [--coverage].

Each input is a small good file with bytes changed, cut, doubled or mixed with another's; what a reader may do is give texts or a ReadProblem.
Anything else (another exception, a text without a way back, a file that takes more than ten seconds) is written to --keep and counted; the
exit code is 1 then.  A crash of the process itself (PDFium, libxml2) leaves the input in --keep/last.  With --coverage the search is guided by
atheris (pip install atheris; Linux), without it by chance alone, repeatably by --seed.
"""

from __future__ import annotations

import argparse
import hashlib
import importlib
import itertools
import logging
import random
import sys
import time
import traceback
from collections.abc import Callable
from pathlib import Path

Check = Callable[[str, bytes], None]
SLOW = 10.0
LARGEST = 1 << 20
INSTRUMENTED = ["ingest.text", "email", "feedparser", "trafilatura", "html"]
TOKENS = (
    b"<", b">", b"</div>", b"<table>", b"<![CDATA[", b"<!--", b"&#x0;", b"&#xD800;", b"\0", b"\xff", b"\xc3", b"\xed\xa0\x80", b"\r\n", b"obj", b"endobj",
    b"stream", b"/Type", b"65535", b"4294967296", b"-1", b"%PDF-1.7", b"PK\x03\x04", b"PK\x01\x02", b"From ", b"Content-Type: multipart/mixed; boundary=x\r\n",
    b"=?utf-8?b?", b"--x\r\n", b"<item>", b"<entry>", b"<!ENTITY a 'b'>", b"xml:lang=", "\u0308".encode(), "\u00ad\n".encode(), "\u202e".encode(),
)  # fmt: skip


def checker() -> Check:
    """What reads an input once and raises whatever is wrong.  The readers are imported here: atheris instruments them as they come."""
    from ingest.text.read import ReadProblem, normalise
    from ingest.text.reading import child, plain
    from ingest.text.reading.encoding import declared_in, decode
    from ingest.text.reading.limits import Limits
    from ingest.text.reading.offsets import rewrite

    limits = Limits(file_bytes=LARGEST, unpacked=8 * LARGEST)

    def check(kind: str, data: bytes) -> None:
        begun = time.perf_counter()
        try:
            raws = [plain.read(decode(data, declared_in(data)))] if kind == "text" else child.parse(kind, data, "a", "", limits)
        except ReadProblem:
            raws = []
        for raw in raws:
            edited, first = rewrite(raw.text, raw.edits)
            text, second = normalise(edited)
            way = second.after(first)
            back = [way.back(i) for i in range(len(text) + 1)]
            if any(a > b for a, b in itertools.pairwise(back)) or back[-1] != len(raw.text) or normalise(text)[0] != text:
                raise AssertionError("no way back")
            if list(raw.pages) != sorted(raw.pages):
                raise AssertionError("pages out of order")
        if time.perf_counter() - begun > SLOW:
            raise AssertionError(f"slow: {time.perf_counter() - begun:.1f} s")

    return check


def mutated(rng: random.Random, data: bytes, other: bytes) -> bytes:
    """A few changes, small and large."""
    out = bytearray(data)
    for _ in range(rng.choice((1, 1, 2, 3, 5, 8, 20))):
        at = rng.randint(0, len(out))
        end = min(at + rng.choice((1, 2, 4, 16, 64, 256)), len(out))
        match rng.randrange(8):
            case 0:
                out[at:end] = rng.randbytes(end - at)
            case 1:
                del out[at:end]
            case 2:
                out[at:at] = out[at:end] * rng.choice((1, 2, 50))
            case 3:
                out[at:at] = rng.choice(TOKENS)
            case 4:
                out[at:end] = rng.choice(TOKENS)
            case 5 if at < len(out):
                out[at] ^= 1 << rng.randrange(8)
            case 6:
                start = rng.randint(0, len(other))
                out[at:end] = other[start : start + 100]
            case _:
                if rng.random() < 0.2:
                    del out[at:]
    return bytes(out[:LARGEST])


def seeds() -> dict[str, list[bytes]]:
    """A good file of each format, from the tests."""
    sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "tests" / "ingest"))
    found: dict[str, bytes] = importlib.import_module("test_read").SEEDS
    return {kind: [data] for kind, data in found.items()} | {"text": ["Ein Text, u\u0308ber Wärme\u00ad\nspeicher.\r\n\r\n- Liste".encode()]}


def by_chance(check: Check, kinds: dict[str, list[bytes]], seconds: float, seed: int, failed: Callable[[str, bytes], None], last: Path) -> int:
    """Fuzz without guidance; returns the number of inputs."""
    rng = random.Random(seed)
    everything = [data for group in kinds.values() for data in group]
    end = time.monotonic() + seconds
    n = 0
    while time.monotonic() < end:
        kind = rng.choice(sorted(kinds))
        data = mutated(rng, rng.choice(kinds[kind]), rng.choice(everything))
        last.write_bytes(kind.encode() + b"\n" + data)
        try:
            check(kind, data)
        except Exception:  # noqa: BLE001 - finding what else is raised is the purpose
            failed(kind, data)
        n += 1
    return n


def by_coverage(kind: str, seconds: float, keep: Path) -> None:
    """Fuzz one format with atheris, which ends the process at the first failure and leaves the input in ``keep``."""
    atheris = importlib.import_module("atheris")
    with atheris.instrument_imports(include=INSTRUMENTED):
        check = checker()
    corpus = keep / f"corpus-{kind}"
    corpus.mkdir(parents=True, exist_ok=True)
    for n, seed in enumerate(seeds()[kind]):
        (corpus / f"seed{n}").write_bytes(seed)
    how = [f"-max_total_time={int(seconds)}", "-max_len=20000", "-timeout=10", f"-artifact_prefix={keep}/", str(corpus)]
    atheris.Setup([sys.argv[0], *how], lambda data: check(kind, data))
    atheris.Fuzz()


def main() -> int:
    """The campaign."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seconds", type=float, default=300)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--kind", default="", help="one format only")
    parser.add_argument("--coverage", action="store_true", help="guided by atheris; one format, html unless --kind says another")
    parser.add_argument("--keep", type=Path, default=Path("build/fuzz"))
    options = parser.parse_args()
    logging.disable(logging.CRITICAL)  # trafilatura says for each page what it leaves out
    options.keep.mkdir(parents=True, exist_ok=True)
    if options.coverage:
        by_coverage(options.kind or "html", options.seconds, options.keep)
        return 0
    kinds = {k: v for k, v in seeds().items() if options.kind in ("", k)}
    failures: dict[str, int] = {}

    def failed(kind: str, data: bytes) -> None:
        said = traceback.format_exc().strip().splitlines()
        where = f"{kind}: {said[-1][:120]} <- {next((t.strip() for t in reversed(said) if t.strip().startswith('File')), '')}"
        if where not in failures:
            (options.keep / f"{kind}-{hashlib.sha256(data).hexdigest()[:12]}").write_bytes(data)
            print(where, flush=True)
        failures[where] = failures.get(where, 0) + 1

    n = by_chance(checker(), kinds, options.seconds, options.seed, failed, options.keep / "last")
    print(f"{n:,} inputs, {sum(failures.values()):,} failures of {len(failures)} kinds")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
