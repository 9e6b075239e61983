"""From bytes to text: byte order marks, UTF-8 if it is valid, then what is declared, then what German texts are mostly in, then a guess.

Valid UTF-8 with umlauts is never anything else, whatever is declared; a declared UTF-8 that is not valid is not believed.  The aliases are
those of the WHATWG Encoding Standard: what is called Latin-1 is read as Windows-1252.
"""

from __future__ import annotations

import codecs
import re
from typing import Final

_MARKS: Final = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),  # before UTF-16, whose mark it begins with
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_WINDOWS: Final = {"iso8859-1": "cp1252", "ascii": "cp1252", "iso8859-9": "cp1254", "gb2312": "gb18030", "gbk": "gb18030"}
_TEXT_CODECS: Final = re.compile(r"(utf-8|utf-16.*|utf-32.*|cp\d+|iso8859-\d+|mac-.*|koi8-.*|big5.*|gb18030|euc.*|shift_jis.*|iso2022_.*|johab|tis-620|hz)")
_VALID: Final = re.compile(
    rb"(?:[\x00-\x7f]|[\xc2-\xdf][\x80-\xbf]|\xe0[\xa0-\xbf][\x80-\xbf]|[\xe1-\xec\xee\xef][\x80-\xbf]{2}|\xed[\x80-\x9f][\x80-\xbf]"
    rb"|\xf0[\x90-\xbf][\x80-\xbf]{2}|[\xf1-\xf3][\x80-\xbf]{3}|\xf4[\x80-\x8f][\x80-\xbf]{2})+"
)
_HIGH: Final = re.compile(rb"[\x80-\xff]")
_MULTIBYTE: Final = re.compile(rb"[\xc2-\xf4][\x80-\xbf]+")
_WESTERN: Final = re.compile(r"[äöüÄÖÜßéèêëàâáçîïíôóòùûúñæøåœÉÈÀÇŒØÅ„“”‚‘’«»–—…•§°€©®·²³\u00a0\u00ad]")
_DECLARED: Final = re.compile(rb"""(?:charset|encoding)\s*=\s*["']?\s*([A-Za-z0-9_.:-]{2,40})""", re.IGNORECASE)
HALF_CHARACTERS: Final = re.compile(rb"&#(?:x0*d[89a-f][0-9a-f]{2}|0*(?:55[3-9]|56\d|57[0-2])\d\d|0*5529[6-9]|0*573[0-3]\d|0*5734[0-3]);?", re.IGNORECASE)
"""References to halves of UTF-16 pairs: no characters, and XML parsers stumble over them."""
_SAMPLE: Final = 1 << 16
_MOSTLY: Final = 0.9


def declared_in(data: bytes) -> str:
    """The encoding that a page or an XML file declares within its first 2,048 bytes, or ""."""
    m = _DECLARED.search(data[:2048])
    return m[1].decode("ascii") if m else ""


def decode(data: bytes, declared: str = "") -> str:
    """The text of the bytes.  Never fails: what no encoding explains becomes U+FFFD."""
    for mark, name in _MARKS:
        if data.startswith(mark):
            return data[len(mark) :].decode(name, "replace")
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError:
        pass
    else:
        wide = _utf16(data) if "\0" in text else ""
        return data.decode(wide, "replace") if wide else text
    if wide := _utf16(data):
        return data.decode(wide, "replace")
    name = _codec(declared)
    if name and name != "utf-8":
        try:
            return data.decode(name)
        except (UnicodeDecodeError, UnicodeError):
            pass
    # a few broken bytes in a text that is UTF-8 otherwise: cut off in a sequence, or pieced together of two files
    good = sum(1 for _ in _MULTIBYTE.finditer(data))
    bad = len(_HIGH.findall(_VALID.sub(b"", data)))
    if good and bad <= max(good // 4, 1):
        return _mixed(data)
    return data.decode(_guess(data[:_SAMPLE]), "replace")


def _codec(declared: str) -> str:
    """Python's name of a text encoding that is declared, as web browsers understand it; "" if it is none."""
    try:
        name = codecs.lookup(declared.strip().lower()).name if declared else ""
    except (LookupError, ValueError):
        return ""
    name = _WINDOWS.get(name, name)
    return name if _TEXT_CODECS.fullmatch(name) else ""


def _utf16(data: bytes) -> str:
    """The UTF-16 without a mark that the zero bytes give away, or ""."""
    sample = data[:_SAMPLE]
    half = len(sample) // 2
    if half < 2:
        return ""
    even, odd = sample[0::2].count(0), sample[1::2].count(0)
    if odd > 0.4 * half and even < 0.05 * half:
        return "utf-16-le"
    return "utf-16-be" if even > 0.4 * half and odd < 0.05 * half else ""


def _mixed(data: bytes) -> str:
    """UTF-8, and Windows-1252 where it is not valid."""
    parts, at = [], 0
    for m in _VALID.finditer(data):
        parts += [data[at : m.start()].decode("cp1252", "replace"), m[0].decode("utf-8")]
        at = m.end()
    return "".join(parts) + data[at:].decode("cp1252", "replace")


def _guess(sample: bytes) -> str:
    """The encoding of bytes that are not UTF-8: Windows-1252 if its umlauts and quotation marks make sense, else what charset-normalizer says."""
    high = "".join(c for c in sample.decode("cp1252", "replace") if c > "\x7f")
    if len(_WESTERN.findall(high)) >= _MOSTLY * len(high):
        return "cp1252"
    from charset_normalizer import from_bytes  # seldom needed

    best = from_bytes(sample).best()
    return best.encoding if best else "cp1252"
