"""Which language a text is in: py3langid (Lui & Baldwin 2012, retrained), the same answer every time."""

from __future__ import annotations

from functools import cache
from typing import Any, Final

# languages that texts about innovation in Europe come in; among fewer, short texts are told apart better
_CODES: Final = "ar bg ca cs da de el en es et eu fa fi fr ga gl he hr hu hy is it ja ka ko lb lt lv mk mt nl no pl pt ro ru sk sl sq sr sv tr uk vi zh"
LANGUAGES: Final = tuple(_CODES.split())
LEAST_LETTERS: Final = 20
LEAST_SURE: Final = 0.6
_SAMPLE: Final = 2000


def detect(text: str, declared: str = "") -> str:
    """The language of a text as two letters; the declared one, or "", where the text is too short or mixed to tell."""
    sample = _sample(text)
    if sum(map(str.isalpha, sample)) >= LEAST_LETTERS:
        language, sure = _identifier().classify(sample.lower())
        if sure >= LEAST_SURE:
            return str(language)
    code = declared.strip().lower().replace("_", "-").split("-")[0]
    return code if code in LANGUAGES else ""


def _sample(text: str) -> str:
    """The text, or three parts of a long one: a quotation or a summary in another language at one end does not decide."""
    if len(text) <= 3 * _SAMPLE:
        return text
    middle = len(text) // 2
    return f"{text[:_SAMPLE]} {text[middle - _SAMPLE // 2 : middle + _SAMPLE // 2]} {text[-_SAMPLE:]}"


@cache
def _identifier() -> Any:
    from py3langid.langid import MODEL_FILE, LanguageIdentifier  # a second to load, and pages of the site never need it

    identifier = LanguageIdentifier.from_model_file(MODEL_FILE, norm_probs=True)
    identifier.set_languages(LANGUAGES)
    return identifier
