"""From raw text to claims: words a second on one core and on two, and the memory it takes.  `python -m bench.text [--rounds 3]`

The texts are those of data/corpus as plain files, read as a folder of documents; onnxruntime runs with one thread a process.
"""

from __future__ import annotations

import argparse
import json
import resource
import tempfile
import time
from pathlib import Path

from graph.settings import Settings
from ingest import claims
from ingest.text.extract import extractor
from ingest.text.marks import Tag
from ingest.text.source import read_texts
from ingest.text.training import corpus


def main() -> None:
    ap = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    ap.add_argument("--rounds", type=int, default=3)
    a = ap.parse_args()
    texts = [t.text for t in corpus.read()]
    words = sum(len(t.split()) for t in texts)
    print(f"{len(texts)} texts, {words} words")
    t = time.perf_counter()
    ready = extractor()
    loading = time.perf_counter() - t
    print(f"loading the pipeline {loading:.2f} s")
    best: dict[str, float] = {}
    for _ in range(a.rounds):
        t = time.perf_counter()
        found = list(ready.nlp.pipe(texts))
        best["names"] = max(best.get("names", 0.0), words / (time.perf_counter() - t))
        names = [tuple(m for m in d._.mentions if m.tag is not Tag.PERSON) for d in found]
        t = time.perf_counter()
        topics = [ready.topics(text, n, "de") for text, n in zip(texts, names, strict=True)]
        best["topics"] = max(best.get("topics", 0.0), words / (time.perf_counter() - t))
        t = time.perf_counter()
        list(ready.extract(texts))
        best["names, topics, relations"] = max(best.get("names, topics, relations", 0.0), words / (time.perf_counter() - t))
        del topics
    with tempfile.TemporaryDirectory(prefix="innonet-bench-") as tmp:
        folder = Path(tmp) / "texts"
        folder.mkdir()
        for i, text in enumerate(texts):
            (folder / f"{i:04}.txt").write_text(text, encoding="utf-8")
        for workers in (1, 2):
            settings = Settings(home=Path(tmp) / f"home-{workers}")
            t = time.perf_counter()
            read_texts(settings, str(folder), retrieved="2026-11-26", workers=workers)
            best[f"raw text to claims, {workers} process{'es' if workers > 1 else ''}"] = words / (time.perf_counter() - t)
            size = sum(p.stat().st_size for p in claims.sets(settings.home))
        print(f"claims {size / 1e6:.1f} MB packed")
    for what, rate in best.items():
        print(f"{what:45s} {rate:7.0f} words/s")
    peak = {who: resource.getrusage(flag).ru_maxrss / 1024 for who, flag in (("this process", resource.RUSAGE_SELF), ("a worker", resource.RUSAGE_CHILDREN))}
    print("peak " + ", ".join(f"{who} {mb:.0f} MB" for who, mb in peak.items()))
    out = Path("build/bench-text.json")
    out.parent.mkdir(parents=True, exist_ok=True)
    out.write_text(json.dumps({"words": words, "words_per_second": best, "loading_seconds": loading, "peak_mb": peak}, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
