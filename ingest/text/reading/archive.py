"""Office files are archives: what is believed of one is checked before anything is unpacked, and each part is unpacked once, with its limit."""

from __future__ import annotations

import io
import zipfile
import zlib
from typing import Any, Final

from lxml import etree

from ingest.text.reading.limits import Limits
from ingest.text.reading.problem import ReadProblem

_CREDIBLE: Final = 4 << 20
_ENCRYPTED_BIT: Final = 1


class Archive:
    """The parts of an office file.  Raises ReadProblem for bombs, damaged and encrypted files."""

    def __init__(self, data: bytes, name: str, limits: Limits) -> None:
        self.name = name
        try:
            self._zip = zipfile.ZipFile(io.BytesIO(data))
        except (zipfile.BadZipFile, NotImplementedError, ValueError, OSError) as e:
            raise ReadProblem("damaged", name, type(e).__name__) from e
        self._parts = {i.filename: i for i in self._zip.infolist()}
        if len(self._zip.infolist()) > limits.archive_files:
            raise ReadProblem("bomb", name, f"{len(self._zip.infolist()):,} Dateien / files > {limits.archive_files:,}")
        # sizes as declared: unpacking stops there, whatever follows
        unpacked = sum(i.file_size for i in self._zip.infolist())
        if unpacked > limits.unpacked:
            raise ReadProblem("bomb", name, f"{unpacked:,} > {limits.unpacked:,} Byte")
        # a small part may compress well; only what is also big is a bomb
        for i in self._zip.infolist():
            if i.file_size > _CREDIBLE and i.file_size > limits.ratio * max(i.compress_size, 1):
                raise ReadProblem("bomb", name, f"{i.filename}: {i.file_size:,} / {i.compress_size:,} Byte")

    def __contains__(self, part: str) -> bool:
        return part in self._parts

    def read(self, part: str) -> bytes:
        """The bytes of a part."""
        info = self._parts[part]
        if info.flag_bits & _ENCRYPTED_BIT:
            raise ReadProblem("encrypted", self.name)
        try:
            with self._zip.open(info) as f:
                return f.read()
        except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError, ValueError, OSError) as e:
            raise ReadProblem("damaged", self.name, f"{part}: {type(e).__name__}") from e

    def tree(self, part: str) -> Any:
        """The tree of an XML part, without entities, outside files or network."""
        return xml_tree(self.read(part), f"{self.name}: {part}")


def xml_tree(data: bytes, name: str) -> Any:
    """The tree of an XML text; entities are not expanded, nothing outside is opened.  Raises ReadProblem where it is not well formed."""
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, huge_tree=True, remove_comments=True, remove_pis=True)
    try:
        return etree.fromstring(data, parser)
    except (etree.XMLSyntaxError, ValueError) as e:
        raise ReadProblem("damaged", name, str(e).split("\n", 1)[0][:200]) from e
