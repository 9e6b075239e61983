"""One load in a process of its own, so that its peak of memory is its own: `python -m bench.lone FOLDER`, settings from the environment.

Prints one line of JSON: seconds by step, rows sent, peak of the process in MB.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

from bench import loading
from graph.settings import Settings

if __name__ == "__main__":
    print(json.dumps(loading.ours(Settings.from_env(), Path(sys.argv[1]))))
