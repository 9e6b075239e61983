#!/usr/bin/env python3
"""Counts in how many names of public registers a word stands: writes data/reference/names/counts.tsv.

    python tools/build_name_counts.py HOME

HOME is an INNONET_HOME into which the registers were read.  Only words of at least LEAST names are kept: a word that only
a few organisations use is rare whatever the exact number.
"""

from __future__ import annotations

import sys
from collections import Counter
from pathlib import Path
from typing import Final

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from ingest import claims
from ingest.resolve.features import name_words
from ingest.resolve.normalise import TABLES

LEAST: Final = 6
REGISTERS: Final = ("cordis", "offeneregister", "ror")


def main(home: Path) -> None:
    """Count over the main names of all organisations, one name of one record once."""
    names: set[tuple[str, str]] = set()
    for path in claims.sets(home):
        if path.parent.name in REGISTERS:
            for line in claims.read_lines(path):
                if line[0] != "e":
                    break
                if line[2] == "Organization" and line[4].get("name"):
                    names.add((line[1], line[4]["name"]))
    counts: Counter[str] = Counter()
    for _, name in names:
        counts.update(set(name_words(name)[0]))
    rows = [("*", len(names)), *sorted((w, n) for w, n in counts.items() if n >= LEAST)]
    (TABLES / "counts.tsv").write_text("word\tnames\n" + "".join(f"{w}\t{n}\n" for w, n in rows), encoding="utf-8")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
