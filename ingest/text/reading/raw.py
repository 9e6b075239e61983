"""What the reader of one format hands over."""

from __future__ import annotations

from dataclasses import dataclass

Edit = tuple[int, int, str]
"""Start and end in the old text (half open), and what stands there in the new one."""


@dataclass(frozen=True, slots=True)
class Raw:
    """What the reader of a format hands over: the text as it got it, and what it knows.

    edits     changes that the reader knows to be right: running heads out, hyphenation undone (sorted, in offsets of `text`)
    pages     offsets in `text` where pages begin
    language  as the document declares it; used where the text is too short to tell
    part      of a file with several: the part's own web address, or what names it within the file ("" for the whole)
    """

    text: str
    title: str = ""
    date: str = ""
    site: str = ""
    language: str = ""
    part: str = ""
    media: str = ""
    edits: tuple[Edit, ...] = ()
    pages: tuple[int, ...] = ()
