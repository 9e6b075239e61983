"""The kind of an organisation from clear words in its name, where no publisher says it; otherwise none."""

from __future__ import annotations

import re
from typing import Final

from graph.model import Kind
from ingest.resolve.normalise import name_key

# first match wins; the words are looked for in folded names (see normalise.name_key)
_RULES: Final[tuple[tuple[Kind, tuple[str, ...]], ...]] = (
    (
        Kind.RESEARCH,
        (r"\b(fraunhofer|max planck|leibniz institut|helmholtz)\b", "forschungsinstitut", "forschungszentrum", r"\bforschungsgesellschaft\b"),
    ),
    (Kind.ASSOCIATION, ("studentenwerk", "studierendenwerk", "verein der freunde", "forderverein", "forderkreis")),
    (
        Kind.UNIVERSITY,
        ("universitat", "hochschule", r"\buniversit[eya]\b", r"\buniversidad\b", r"\brwth\b", r"^th koln\b", r"^tu dortmund\b"),
    ),
    (
        Kind.PUBLIC,
        (
            r"^(bundes)?ministerium",
            r"^bundesanstalt",
            r"^bezirksregierung",
            r"^(stadt|kreis|gemeinde|landkreis|kreisstadt|hansestadt|landeshauptstadt) ",
            r"^stadtverwaltung",
            r"^der minister",
            r"^land nordrhein westfalen",
            "kreisverwaltung",
            r"^landesbetrieb",
            r"^landschaftsverband",
            r"^staatskanzlei",
            r"^regionalverband ruhr",
            "wirtschaftsforderung",
            r"^(bundes|landes)amt\b",
            "emschergenossenschaft",
            "lippeverband",
            "ruhrverband",
            "wasserverband",
        ),
    ),
    (
        Kind.ASSOCIATION,
        (
            r"\bev\b",
            "industrie und handelskammer",
            "handwerkskammer",
            r"^(ihk|hwk)\b",
            "kreishandwerkerschaft",
            r"\b(fach)?verband\b",
            r"\bstiftung\b",
            "caritasverband",
            "diakonisches werk",
            r"innung\b",
        ),
    ),
    (Kind.COMPANY, (r"\b(gmbh|ggmbh|ag|kg|kgaa|ohg|ug|se|gbr|eg|ltd|plc|inc|spa|srl|sl|sas|sa|bv|nv|spzoo)\b",)),
    (Kind.RESEARCH, (r"\binstitut\b",)),
)
_COMPILED: Final = tuple((kind, re.compile("|".join(words))) for kind, words in _RULES)


def kind_from_name(name: str) -> Kind | None:
    """What the name itself says, None where it says nothing clear."""
    key = name_key(name)
    return next((kind for kind, pattern in _COMPILED if pattern.search(key)), None)
