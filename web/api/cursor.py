"""Where the next page of a list begins: a word that means nothing to the asker, bound to one question and one state of the graph.

There is nothing secret in it: the check keeps a cursor from being used with another question, and the version of the
graph keeps pages of two states from being mixed, so that nothing is lost or told twice.  Every worker and host reads it.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import struct
from collections.abc import Mapping
from typing import Any, Final

import orjson

from web.api.problems import Refusal, kinds

_SHAPE: Final = struct.Struct(">I8s12s")
"""Offset, mark of the graph's version, check of it all."""
LONGEST: Final = 32
"""Letters of a cursor."""
NOT_BOUND: Final = frozenset({"cursor", "limit", "lang", "format"})
"""Parameters that may change between two pages."""


def written(offset: int, question: Mapping[str, Any], path: str, version: str) -> str:
    """The cursor of the page that begins with this row (0 is the first)."""
    mark = _digest(version, size=8)
    return base64.urlsafe_b64encode(_SHAPE.pack(offset, mark, _check(offset, question, path, mark))).decode()


def read(cursor: str, question: Mapping[str, Any], path: str, version: str) -> int:
    """Row where the page begins, 0 without a cursor.  Raises Refusal for a changed, foreign or outdated cursor."""
    if not cursor:
        return 0
    try:
        offset, mark, check = _SHAPE.unpack(base64.b64decode(cursor.encode(), altchars=b"-_", validate=True))
    except (binascii.Error, struct.error, ValueError):
        raise _refusal("invalid-cursor") from None
    if check != _check(offset, question, path, mark):
        raise _refusal("invalid-cursor")
    if mark != _digest(version, size=8):
        raise _refusal("outdated-cursor")
    return int(offset)


def _check(offset: int, question: Mapping[str, Any], path: str, mark: bytes) -> bytes:
    bound = {k: v for k, v in question.items() if k not in NOT_BOUND}
    text = orjson.dumps([path, offset, mark.hex(), bound], option=orjson.OPT_SORT_KEYS).decode()
    return _digest(text, size=12)


def _digest(text: str, *, size: int) -> bytes:
    return hashlib.blake2b(text.encode(), digest_size=size, person=b"innonet cursor").digest()


def _refusal(code: str) -> Refusal:
    return Refusal(code, kinds()[code].meaning)
