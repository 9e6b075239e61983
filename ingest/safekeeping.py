"""Backup and restore of what cannot be computed again: claims, judgements, and which home this is."""

from __future__ import annotations

import os
import re
import shutil
import sqlite3
import tarfile
import tempfile
from contextlib import closing
from pathlib import Path
from typing import Final

from graph.errors import InnonetError
from graph.settings import Settings
from ingest import claims
from ingest.text import documents

_OURS: Final = re.compile(r"(?:claims/[^/]+/[^/]+\.jsonl|documents/[^/]+/[^/]+\.json)\.gz")
"""Names of the files that an archive holds beside the state."""


_DATABASES: Final = ("state.sqlite", "identity/history.sqlite")
"""What cannot be made again from claims."""


class BackupError(InnonetError):
    """The archive cannot be written, or is not one of ours."""


def backup(settings: Settings, file: Path) -> int:
    """Write claims, the documents of texts and a consistent copy of the state into a .tar.gz.  Returns the number of files in it."""
    home = settings.home
    n = 0
    tmp = file.with_name(file.name + ".part")
    try:
        os.close(os.open(tmp, os.O_CREAT | os.O_WRONLY | os.O_TRUNC, 0o600))  # it holds password hashes
        with tarfile.open(tmp, "w:gz") as tar, tempfile.TemporaryDirectory() as work:
            for path in (*claims.sets(home), *sorted(documents.folder(home).glob("*/*.json.gz"))):
                tar.add(path, str(path.relative_to(home)))
                n += 1
            for name in _DATABASES:
                if not (home / name).exists():
                    continue
                copy = Path(work) / "copy.sqlite"
                with closing(sqlite3.connect(home / name)) as a, closing(sqlite3.connect(copy)) as b:
                    a.backup(b)
                tar.add(copy, name)
                copy.unlink()
                n += 1
        tmp.replace(file)
    except OSError as e:
        tmp.unlink(missing_ok=True)
        raise BackupError(f"{file}: Sicherung nicht geschrieben ({e.strerror or e}).", f"{file}: backup not written ({e.strerror or e}).") from e
    return n


def restore(settings: Settings, file: Path) -> int:
    """Replace claims, documents and state of this home by those of an archive.  The caller holds the write lock and loads afterwards."""
    home = settings.home
    home.mkdir(parents=True, exist_ok=True)
    try:
        with tempfile.TemporaryDirectory(dir=home, prefix=".restore-") as work:
            with tarfile.open(file, "r:gz") as tar:
                names = tar.getnames()
                if not all(n in _DATABASES or _OURS.fullmatch(n) for n in names):
                    raise BackupError(f"{file}: keine Sicherung von innonet.", f"{file}: not a backup of innonet.")
                tar.extractall(work, filter="data")
            for path in sorted(Path(work).glob("claims/*/*.jsonl.gz")):
                claims.read_header(path)
            for path in claims.sets(home):
                path.unlink()
            shutil.rmtree(documents.folder(home), ignore_errors=True)
            for path in sorted(p for p in Path(work).rglob("*") if p.is_file()):
                target = home / path.relative_to(work)
                target.parent.mkdir(parents=True, exist_ok=True)
                path.replace(target)
            for name in _DATABASES:
                for ending in ("-wal", "-shm", "-journal"):
                    (home / f"{name}{ending}").unlink(missing_ok=True)
    except (OSError, EOFError, tarfile.TarError) as e:
        raise BackupError(f"{file}: nicht lesbar ({e}).", f"{file}: cannot be read ({e}).") from e
    return len(names)
