"""What the recogniser and the sentence vectors share: the tokenizer and the table of word vectors, read from ingest/text/model.

The word table is kept in the 4 bits of its source (32 weights share one scale) and is unpacked once to float16: 43 MB in memory.
"""

from __future__ import annotations

import gzip
import hashlib
from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import numpy as np
from numpy.typing import NDArray

from ingest.base import FileError

if TYPE_CHECKING:
    from tokenizers import Encoding

FOLDER: Final = Path(__file__).resolve().parent / "model"

TABLE: Final = "words.npy"
TOKENIZER: Final = "tokenizer.json.gz"
CHECKSUMS: Final = "SHA256SUMS"

START: Final = 0
PAD: Final = 1
END: Final = 2


def checked(folder: Path, name: str) -> bytes:
    """A file of the model; FileError where it is missing or is not the one that was published."""
    try:
        content = (folder / name).read_bytes()
        sums = (folder / CHECKSUMS).read_text(encoding="ascii")
    except OSError as e:
        raise FileError(
            f"Texterkennung: {e.filename} fehlt oder ist nicht lesbar; den Ordner {folder} aus dem Repositorium wiederherstellen.",
            f"text recognition: {e.filename} is missing or cannot be read; restore the folder {folder} from the repository.",
        ) from e
    wanted = {n: s for s, n in (line.split() for line in sums.splitlines())}.get(name)
    if hashlib.sha256(content).hexdigest() != wanted:
        raise FileError(
            f"Texterkennung: {folder / name} ist beschädigt (Prüfsumme); aus dem Repositorium wiederherstellen.",
            f"text recognition: {folder / name} is damaged (checksum); restore it from the repository.",
        )
    return content


def sign(folder: Path, *names: str) -> None:
    """Write down the SHA-256 of files of the model, in the form that sha256sum reads; the lines of its other files stay."""
    sums = folder / CHECKSUMS
    lines = sums.read_text(encoding="ascii").splitlines() if sums.exists() else []
    known = {n: s for s, n in (line.split() for line in lines)}
    known |= {n: hashlib.sha256((folder / n).read_bytes()).hexdigest() for n in names}
    sums.write_text("".join(f"{s}  {n}\n" for n, s in known.items()), encoding="ascii")


class Pieces:
    """Texts to pieces, pieces to vectors."""

    def __init__(self, folder: Path) -> None:
        from tokenizers import Tokenizer

        self._tokenizer = Tokenizer.from_str(gzip.decompress(checked(folder, TOKENIZER)).decode())
        self._table = _unpacked(checked(folder, TABLE))

    def encode(self, text: str) -> Encoding:
        """Pieces of a text with ids and offsets in characters, without <s> and </s>."""
        return self._tokenizer.encode(text, add_special_tokens=False)

    def batch(self, rows: Sequence[Sequence[int]]) -> tuple[NDArray[np.float32], NDArray[np.int32]]:
        """Rows of ids, with <s> and </s> put around: embeddings float32 [rows, longest + 2, 384] and mask int32 [rows, longest + 2]."""
        longest = max(len(r) for r in rows) + 2
        ids = np.full((len(rows), longest), PAD, np.int64)
        for n, r in enumerate(rows):
            ids[n, 0] = START
            ids[n, 1 : len(r) + 1] = r
            ids[n, len(r) + 1] = END
        return self._table[ids].astype(np.float32), (ids != PAD).astype(np.int32)


def _unpacked(content: bytes) -> NDArray[np.float16]:
    import io

    f = io.BytesIO(content)
    scales = np.load(f)
    packed = np.load(f)
    q = np.concatenate([packed & 15, packed >> 4], -1).astype(np.int8) - 8
    return np.asarray((q * scales[..., None]).reshape(len(q), -1), np.float16)


@lru_cache(maxsize=2)
def load(folder: Path = FOLDER) -> Pieces:
    """The pieces of a model folder, read once."""
    return Pieces(folder)


def session(folder: Path, name: str, threads: int) -> Any:
    """An inference session of onnxruntime for one graph of the folder."""
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    options.inter_op_num_threads = 1
    options.log_severity_level = 3
    return onnxruntime.InferenceSession(checked(folder, name), options, providers=["CPUExecutionProvider"])
