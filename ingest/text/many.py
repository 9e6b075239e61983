"""Many texts at once: in this process, in several, or on a Dask cluster.  The same finds in the same order in any number of workers.

A worker that crashes loses nothing: the batch it had is tried again alone, then text by text; only a text that crashes twice is given up.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from concurrent.futures import BrokenExecutor, Executor, Future, ProcessPoolExecutor
from contextlib import contextmanager
from multiprocessing import get_context
from typing import Any, Final

from graph.errors import UsageError
from ingest.text.marks import Extraction

BATCH_CHARACTERS: Final = 10_000

Text = tuple[str, str]
"""A text and its language."""


def extract_batch(model: str, texts: Sequence[Text]) -> list[Extraction]:
    """What each text says; loads the pipeline once a process."""
    from ingest.text.extract import extractor  # here: whoever only hands out work needs no pipeline

    return list(extractor(model).documents([t for t, _ in texts], [language for _, language in texts]))


def batches(texts: Sequence[Text]) -> list[list[int]]:
    """Positions of the texts in batches of about the same length, in order."""
    out: list[list[int]] = []
    size = BATCH_CHARACTERS
    for i, (text, _) in enumerate(texts):
        if size + len(text) > BATCH_CHARACTERS:
            out.append([])
            size = 0
        out[-1].append(i)
        size += len(text)
    return out


def extract_all(texts: Sequence[Text], *, model: str = "", workers: int = 1, scheduler: str = "") -> list[Extraction | None]:
    """What each text says; None for a text that made its worker crash twice.

    workers    processes of this machine; 1 or less: this one
    scheduler  address of a Dask scheduler whose workers have the same version of innonet
    Raises UsageError when the scheduler cannot be used.
    """
    out: list[Extraction | None] = [None] * len(texts)
    work = batches(texts)
    if not scheduler and (workers <= 1 or len(work) <= 1):
        for part in work:
            for i, found in zip(part, extract_batch(model, [texts[i] for i in part]), strict=True):
                out[i] = found
        return out
    left = _round(texts, work, out, model, workers, scheduler)
    # what was under way when a worker broke: one at a time, so that the one to blame shows itself
    for part in left:
        for single in ([i] for i in part):
            if _round(texts, [single], out, model, 1, scheduler):
                _round(texts, [single], out, model, 1, scheduler)
    return out


def _round(texts: Sequence[Text], work: Sequence[list[int]], out: list[Extraction | None], model: str, workers: int, scheduler: str) -> list[list[int]]:
    """Do the batches; returns those that a broken worker took along."""
    broken: list[list[int]] = []
    with _executor(workers, scheduler) as (pool, breaks):
        started: list[tuple[list[int], Future[list[Extraction]]]] = []
        for part in work:
            try:
                started.append((part, pool.submit(extract_batch, model, [texts[i] for i in part])))
            except BrokenExecutor:
                broken.append(part)
        for part, future in started:
            try:
                found = future.result()
            except breaks:
                broken.append(part)
                continue
            for i, one in zip(part, found, strict=True):
                out[i] = one
    return sorted(broken)


@contextmanager
def _executor(workers: int, scheduler: str) -> Iterator[tuple[Executor, tuple[type[BaseException], ...]]]:
    """An executor, and what it raises when a worker breaks."""
    if not scheduler:
        # spawn: a fork would copy the threads of onnxruntime and of the engine's driver in the middle of what they do
        with ProcessPoolExecutor(workers, mp_context=get_context("spawn")) as pool:
            yield pool, (BrokenExecutor,)
        return
    try:
        import distributed
    except ImportError as e:
        raise UsageError("Für --scheduler fehlt Dask: pip install distributed", "Dask is missing for --scheduler: pip install distributed") from e
    try:
        connect: Any = distributed.Client  # has no types
        client = connect(scheduler, timeout=10, set_as_default=False)
    except (OSError, ValueError) as e:
        raise UsageError(f"Kein Dask-Scheduler unter {scheduler} ({e}).", f"No Dask scheduler at {scheduler} ({e}).") from e
    try:
        yield client.get_executor(pure=False), (distributed.KilledWorker, distributed.CancelledError)
    finally:
        client.close()
