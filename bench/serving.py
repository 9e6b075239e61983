"""The site under load: 16 people with a second of thinking time; and panning a network of 1,000 nodes in Chromium."""

from __future__ import annotations

import json
import random
import re
import subprocess
import sys
import threading
import time
import urllib.parse
import urllib.request
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np

from bench.engines import environment
from graph.derived import open_derived
from graph.model import Label
from graph.settings import Settings

CLIENTS, SECONDS, THINK = 16, 30.0, 1.0


@contextmanager
def served(settings: Settings) -> Iterator[str]:
    """The site as `innonet serve` runs it, on a free port; its address."""
    env = environment(settings)
    process = subprocess.Popen([sys.executable, "innonet.py", "serve", "--port", "0"], env=env, stderr=subprocess.PIPE, text=True)
    try:
        assert process.stderr is not None  # noqa: S101
        for line in process.stderr:
            if m := re.search(r"http://\S+?:\d+", line):
                yield m[0]
                return
        raise SystemExit("the site did not start")
    finally:
        process.terminate()
        process.wait()


def measure(settings: Settings) -> dict[str, Any]:
    """Milliseconds p50, p95, max and errors of each kind of request."""
    d = open_derived(settings.home / "derived")
    ids = [d.id_of(Label.ORGANIZATION, int(i)) for i in random.Random(3).sample(range(len(d)), 400)]
    degree = np.diff(d.org_project.indptr)
    largest = d.id_of(Label.ORGANIZATION, int(degree.argmax()))
    words = [w for i in ids[:150] for w in d.name_of(Label.ORGANIZATION, d.index(i) or 0).split()[:1] if len(w) > 3]
    kinds = {
        "search": lambda r: "/api/v1/search?" + urllib.parse.urlencode({"q": (w := r.choice(words))[: r.randint(2, len(w))], "limit": 8}),
        "organization": lambda r: "/de/organisation/" + urllib.parse.quote(r.choice([*ids, largest]), safe=":"),
        "suggestions": lambda r: "/api/v1/suggestions?" + urllib.parse.urlencode({"org": r.choice([*ids, largest])}),
    }
    took: dict[str, list[float]] = defaultdict(list)
    errors: dict[str, int] = defaultdict(int)
    lock = threading.Lock()
    with served(settings) as base:
        urllib.request.urlopen(base + kinds["organization"](random.Random(0))).read()  # noqa: S310 - our own address
        end = time.monotonic() + SECONDS

        def client(seed: int) -> None:
            r = random.Random(seed)
            time.sleep(r.random() * THINK)
            while time.monotonic() < end:
                kind = r.choice(list(kinds))
                t = time.perf_counter()
                try:
                    with urllib.request.urlopen(base + kinds[kind](r), timeout=30) as answer:  # noqa: S310 - our own address
                        answer.read()
                    ok = True
                except OSError:
                    ok = False
                with lock:
                    took[kind].append((time.perf_counter() - t) * 1000)
                    errors[kind] += not ok
                time.sleep(THINK)

        threads = [threading.Thread(target=client, args=(i,)) for i in range(CLIENTS)]
        for t in threads:
            t.start()
        for t in threads:
            t.join()
    return {k: {"n": len(v), "errors": errors[k], **{f"p{p}": float(np.percentile(v, p)) for p in (50, 95, 100)}} for k, v in took.items()}


def table(got: dict[str, Any]) -> list[tuple[str, str]]:
    return [
        (f"{k}, {CLIENTS} clients", f"p50 {v['p50']:.0f} ms  p95 {v['p95']:.0f} ms  max {v['p100']:.0f} ms  n {v['n']}  errors {v['errors']}")
        for k, v in got.items()
    ]


def pan(settings: Settings) -> dict[str, float]:
    """Milliseconds until a network of up to 1,000 nodes stands in Chromium, and the longest frame while it is dragged."""
    import provision
    from playwright.sync_api import sync_playwright

    d = open_derived(settings.home / "derived")
    degree = np.diff(d.org_project.indptr)
    largest = d.id_of(Label.ORGANIZATION, int(degree.argmax()))
    with served(settings) as base, sync_playwright() as p:
        flags = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update", "--disable-sync", "--no-first-run"]
        browser = p.chromium.launch(executable_path=str(provision.find_chromium()), args=flags)
        page = browser.new_page(viewport={"width": 1280, "height": 900})
        t = time.perf_counter()
        page.goto(f"{base}/de/netzwerk/{urllib.parse.quote(largest, safe=':')}?limit=1000")
        page.wait_for_selector("canvas")
        page.wait_for_selector("[data-ready]")
        drawn = (time.perf_counter() - t) * 1000
        page.evaluate(
            """() => { window.frames_ = []; let last = performance.now();
            const step = (now) => { window.frames_.push(now - last); last = now; window.frame_ = requestAnimationFrame(step); };
            requestAnimationFrame(step); }"""
        )
        box = page.locator("canvas").bounding_box()
        assert box is not None  # noqa: S101
        x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
        page.mouse.move(x + 150, y + 150)
        page.mouse.down()
        for i in range(40):
            page.mouse.move(x + 150 - 6 * i, y + 150 - 4 * i)
        page.mouse.up()
        frames = json.loads(page.evaluate("() => JSON.stringify(window.frames_)"))
        nodes = page.evaluate("() => document.querySelector('[data-ready]').dataset.ready")
        browser.close()
    return {"nodes": int(nodes), "drawn_ms": drawn, "frame_p95_ms": float(np.percentile(frames, 95)), "frame_max_ms": max(frames)}
