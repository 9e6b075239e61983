"""Many texts in many processes: the same finds, nothing lost when a worker dies, on one machine and on a Dask cluster."""

import threading
from collections.abc import Iterator

import psutil
import pytest

from graph.errors import UsageError
from ingest.text.many import BATCH_CHARACTERS, batches, extract_all

SENTENCE = "Die Stahlbau Kessler GmbH aus Oberhausen und die Universität Duisburg-Essen arbeiten im Projekt WarmStadt zusammen. "
TEXTS = [(SENTENCE * n, "de") for n in (60, 1, 2, 50, 5, 70)]


@pytest.fixture(scope="module")
def alone() -> list[object]:
    return list(extract_all(TEXTS))


@pytest.mark.parametrize(
    ("lengths", "parts"),
    [
        ([], []),
        ([1, 1, 1], [[0, 1, 2]]),
        ([BATCH_CHARACTERS, 1, 1], [[0], [1, 2]]),
        ([1, BATCH_CHARACTERS, 1], [[0], [1], [2]]),
        ([5 * BATCH_CHARACTERS], [[0]]),
    ],
)
def test_batches_hold_every_text_once_and_in_order(lengths: list[int], parts: list[list[int]]) -> None:
    assert batches([("x" * n, "de") for n in lengths]) == parts


def test_two_processes_find_the_same(alone: list[object]) -> None:
    assert extract_all(TEXTS, workers=2) == alone


def test_a_killed_worker_loses_nothing(alone: list[object]) -> None:
    own = psutil.Process()
    before = {p.pid for p in own.children(recursive=True)}
    killed: list[int] = []
    done = threading.Event()

    def kill_the_first() -> None:
        while not done.wait(0.01):
            for p in own.children(recursive=True):
                # spawned workers, not the process that watches over shared resources
                if p.pid not in before and "spawn_main" in " ".join(p.cmdline()):
                    p.kill()
                    killed.append(p.pid)
                    return

    killer = threading.Thread(target=kill_the_first)
    killer.start()
    found = extract_all(TEXTS, workers=2)
    done.set()
    killer.join()
    assert killed
    assert found == alone


@pytest.fixture(scope="module")
def scheduler() -> Iterator[str]:
    distributed = pytest.importorskip("distributed")
    with distributed.LocalCluster(n_workers=2, threads_per_worker=1, processes=True, dashboard_address=None) as cluster:
        yield cluster.scheduler_address


def test_a_dask_cluster_finds_the_same(alone: list[object], scheduler: str) -> None:
    assert extract_all(TEXTS, scheduler=scheduler) == alone


def test_no_scheduler_is_said_plainly() -> None:
    with pytest.raises(UsageError) as e:
        extract_all(TEXTS, scheduler="tcp://127.0.0.1:9")
    assert "Kein Dask-Scheduler unter tcp://127.0.0.1:9" in e.value.de
