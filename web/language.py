"""German and English: which one a request speaks, the translations, numbers and dates.

German is the source text: it stands in the templates and in the code as the message itself.  English comes from
translations/en/LC_MESSAGES/messages.po, which is read and compiled in memory when the application starts, so that no
compiled file can be out of date.
"""

from __future__ import annotations

import datetime as dt
import io
from collections.abc import Callable, Mapping
from functools import cache, lru_cache, wraps
from pathlib import Path
from typing import Final

from babel import Locale
from babel.dates import format_date
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.numbers import format_currency, format_decimal
from babel.support import NullTranslations, Translations
from flask import Flask, g, has_request_context, request

LANGUAGES: Final = ("de", "en")
FOLDER: Final = Path(__file__).parent / "translations"
_LOCALES: Final = {"de": "de_DE", "en": "en_GB"}


@cache
def _translations(lang: str) -> Translations | NullTranslations:
    path = FOLDER / lang / "LC_MESSAGES" / "messages.po"
    if not path.exists():
        return NullTranslations()
    with path.open("rb") as f:
        catalog = read_po(f, locale=lang)
    out = io.BytesIO()
    write_mo(out, catalog)
    out.seek(0)
    return Translations(out)


def init(app: Flask) -> None:
    """Read both languages and give the templates ``_`` and ``ngettext``."""
    for lang in LANGUAGES:
        _translations(lang)
    app.jinja_env.add_extension("jinja2.ext.i18n")
    app.jinja_env.install_gettext_callables(gettext, ngettext, newstyle=True)  # type: ignore[attr-defined]  # the extension brings it


def language() -> str:
    """``de`` or ``en``: from the address, else from what the browser prefers, German first."""
    if not has_request_context():
        return "de"
    lang: str | None = g.get("lang")
    if lang is None:
        first = request.path.split("/", 2)[1] if request.path.count("/") else ""
        asked = first if first in LANGUAGES else request.args.get("lang", "")
        lang = g.lang = asked if asked in LANGUAGES else _preferred()
    return lang


def _preferred() -> str:
    """The best of our languages for the browser, a region (de-AT) counting as its language; German where it says nothing of either."""
    wanted = (value.partition("-")[0].lower() for value, quality in request.accept_languages if quality > 0)
    return next((w for w in wanted if w in LANGUAGES), "de")


def gettext(message: str, **values: object) -> str:
    """The message in the language of the request, with ``%(name)s`` filled in."""
    text = str(_translations(language()).ugettext(message))
    return text % values if values else text


def ngettext(one: str, many: str, number: int) -> str:
    """The message for this number of things in the language of the request."""
    return str(_translations(language()).ungettext(one, many, number))


def by_language(table: Callable[[], Mapping[str, str]]) -> Callable[[], Mapping[str, str]]:
    """A table of translated words, made once for each language and not once for each word that is looked up."""
    made: dict[str, Mapping[str, str]] = {}

    @wraps(table)
    def of_request() -> Mapping[str, str]:
        lang = language()
        if lang not in made:
            made[lang] = table()
        return made[lang]

    return of_request


def number(value: float | None) -> str:
    """1.234 or 1,234; at most two decimals."""
    return "" if value is None else _decimal(value, language())


@lru_cache(maxsize=4096)
def _decimal(value: float, lang: str) -> str:
    """Kept, because Babel reads pattern and locale anew for every number and a page shows the same small ones hundreds of times."""
    return format_decimal(value, format="#,##0.##", locale=_LOCALES[lang])


def euro(value: float | None) -> str:
    """1.234 € or €1,234, without cents."""
    if value is None:
        return ""
    return format_currency(round(value), "EUR", format="#,##0\u00a0¤" if language() == "de" else "¤#,##0", locale=_LOCALES[language()], currency_digits=False)


def day(value: str) -> str:
    """An ISO date, a year and month, or a year, as it is written in the language; anything else as it is."""
    try:
        if len(value) == 7:
            return format_date(dt.date.fromisoformat(value + "-01"), "MMMM y", locale=_LOCALES[language()])
        if len(value) >= 10:
            return format_date(dt.date.fromisoformat(value[:10]), "d. MMMM y" if language() == "de" else "d MMMM y", locale=_LOCALES[language()])
    except ValueError:
        pass
    return value


def country_name(code: str) -> str:
    """Name of a country from its ISO 3166 code; the code itself if there is no such name."""
    return _countries(language()).get(code.upper(), code) if code else ""


@cache
def _countries(lang: str) -> Mapping[str, str]:
    return Locale.parse(_LOCALES[lang]).territories
