#!/usr/bin/env python3
"""Checks the annotated corpus and prints counts; exit code 1 where something does not hold.

    python tools/check_corpus.py [--jsonl OUT] [FILE...]

Without files all of data/corpus is read.  `--jsonl` also writes the texts as lines of a gold file (docs/annotation.md).
"""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from ingest.text.training import corpus

if __name__ == "__main__":
    sys.exit(corpus.main(sys.argv[1:]))
