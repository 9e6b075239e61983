"""What is believed of one document before it counts as an attack or an accident."""

from __future__ import annotations

from dataclasses import dataclass

from graph.settings import Settings


@dataclass(frozen=True, slots=True)
class Limits:
    """Sizes in bytes, times in seconds.

    file_bytes     largest document as it comes
    unpacked       largest document unpacked (DOCX, ODT, compressed answers)
    ratio          largest ratio of unpacked to packed size that is believed
    archive_files  most files in one archive
    characters     most characters of text in one document
    documents      most entries of a feed, messages of a mailbox or pages of a sitemap
    seconds        time for parsing one document; for fetching one address, with its redirects
    memory         memory of the process that parses
    pause          between two requests to one host
    """

    file_bytes: int = 50 << 20
    unpacked: int = 200 << 20
    ratio: int = 200
    archive_files: int = 1000
    characters: int = 20_000_000
    documents: int = 1000
    seconds: float = 30.0
    memory: int = 1 << 30
    pause: float = 1.0

    @classmethod
    def of(cls, settings: Settings) -> Limits:
        """The limits that the settings say."""
        return cls(
            file_bytes=settings.text_max_bytes,
            unpacked=4 * settings.text_max_bytes,
            ratio=settings.max_ratio,
            archive_files=settings.max_archive_files,
            documents=settings.text_max_documents,
            seconds=settings.text_seconds,
            memory=settings.text_memory_bytes,
            pause=settings.fetch_pause,
        )
