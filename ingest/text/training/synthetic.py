r"""Paragraphs of our own (templates.txt) filled with names of the registers, so that the recogniser sees many names in many places.

A slot is written [c1] or [c1:s]: a kind of name (c company, u university, r research institute, p public body, a association, j project,
o place, n person), a number, and a form (s short, a acronym, d weak dative or genitive, g genitive, adj derived adjective, and others that
`_Names` gives).  {x|y} is an alternative, \n a new line.  The registers are read as data/demo keeps them.
"""

from __future__ import annotations

import bz2
import csv
import gzip
import json
import random
import re
import tomllib
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any, Final

from ingest.base import FileError
from ingest.text import tagging
from ingest.text.marks import Tag
from ingest.text.tagging import Span

_HERE: Final = Path(__file__).resolve().parent
_SLOT: Final = re.compile(r"\[([curpajon])(\d)(?::(\w+))?\]")
_LEGAL: Final = re.compile(
    r"\s*(gGmbH|GmbH\s*&\s*Co\.?\s*(KG|KGaA)|mbH\s*&\s*Co\.?\s*KG|GmbH|mbH|AG|SE|KGaA|KG|UG \(haftungsbeschränkt\)|UG|OHG|eG"
    r"|e\.\s?V\.|Inc\.?|Ltd\.?|S\.A\.|B\.V\.)(?=\s|$|,).*$"
)
_WEAK: Final = re.compile(
    r"^(Technische|Westfälische|Deutsche|Rheinische|Bergische|Europäische|Rheinisch-Westfälische|Städtische|Evangelische|Freie|Katholische|Landwirtschaftliche"
    r"|Private|Bayerische|Norddeutsche)(?=\s)"
)
_GENITIVE: Final = re.compile(r"\b(Institut|[Zz]entrum|Verband|Netzwerk|Verein|Cluster|\w+zentrum)\b")
_NO_FIRM: Final = re.compile(r"[;]|Gesellschaft mit b|Verwaltung|Beteiligung|i\.L|in Liq|e\.\s?K")
_ADJECTIVES: Final = {"Bremen": "Bremer", "Münster": "Münsteraner", "Hannover": "Hannoveraner", "Kassel": "Kasseler"}
_FORMS_WITHOUT_NAME: Final = frozenset({"adj", "dr"})
_LONGEST_NAME: Final = 90

Forms = dict[str, str]
"""Forms of one name: f full, s short, a acronym, l its label, and what else the kind has."""


def samples(registers: Path, count: int, rng: random.Random) -> Iterator[tuple[str, list[Span]]]:
    """Filled templates with the spans of their names; every template is used about equally often."""
    names = _Names(registers, rng)
    templates = [
        line.replace("\\n", "\n") for line in (_HERE / "templates.txt").read_text(encoding="utf-8").splitlines() if line.strip() and not line.startswith("#")
    ]
    given = 0
    while given < count:
        rng.shuffle(templates)
        for template in templates[: count - given]:
            given += 1
            yield fill(template, names, rng)


def fill(template: str, names: _Names, rng: random.Random) -> tuple[str, list[Span]]:
    """One template with fresh names; a slot with the same kind and number is the same thing."""
    while "{" in template:
        template = re.sub(r"\{([^{}]*)\}", lambda m: rng.choice(m[1].split("|")), template)
    template = re.sub(r" +", " ", template).replace(" .", ".").replace(" ,", ",")
    things: dict[str, Forms] = {}
    text, pos = "", 0
    marks: list[Span] = []
    for m in _SLOT.finditer(template):
        text += template[pos : m.start()]
        pos = m.end()
        kind, number, form = m.groups()
        thing = things.setdefault(kind + number, names.make(kind))
        value = _form(thing, form)
        label = thing["l"]
        if form == "fair":
            label = tagging.OTHER
        if form == "country" and value.split()[0] in ("den", "der"):
            article, value = value.split(" ", 1)
            text += article + " "
        if form not in _FORMS_WITHOUT_NAME:
            marks.append((len(text), len(text) + len(value), label))
        text += value
    return text + template[pos:], marks


def _form(thing: Mapping[str, str], form: str | None) -> str:
    if form == "d":
        return weak(thing["f"])
    if form == "g":
        return _GENITIVE.sub(r"\1s", thing["f"], count=1)
    if form == "dr":
        return thing.get("dr", "")
    return (thing.get(form or "f") or thing["f"]).strip()


def weak(name: str) -> str:
    """A name behind der: Technischen Universität Dortmund."""
    return _WEAK.sub(lambda m: m[0] + "n", name)


def initials(name: str) -> str:
    """First letters of the words with a capital."""
    return "".join(w[0] for w in re.findall(r"\w+", name) if w[0].isupper())


def short(name: str) -> str:
    """A firm's name without its legal form, two words at most where it is long."""
    bare = _LEGAL.sub("", name).strip(" ,-&")
    if len(bare.split()) > 3:
        bare = " ".join(bare.split()[:2])
    return bare if len(bare) > 2 else name


# --- registers --------------------------------------------------------------------------------------------------------


def _rows(folder: Path, pattern: str) -> Iterator[dict[str, str]]:
    paths = sorted(folder.glob(pattern))
    if not paths:
        raise FileError(f"{folder / pattern}: keine Datei.", f"{folder / pattern}: no file.")
    for path in paths:
        with gzip.open(path, "rt", encoding="utf-8-sig", errors="replace") as lines:
            yield from csv.DictReader(lines, delimiter=";")


def _json(folder: Path, pattern: str) -> Iterator[dict[str, Any]]:
    for path in sorted(folder.glob(pattern)):
        yield from json.loads(gzip.decompress(path.read_bytes()))


def _ror(folder: Path) -> Iterator[tuple[str, list[str], str, set[str]]]:
    """Id, German names, acronym and types of each record; both versions of the schema."""
    german = re.compile(r"[äöüß]|Institut f|zentrum|hochschule|Stiftung|GmbH")
    for o in _json(folder, "ror/*v2.json.gz"):
        own = [n["value"] for n in o["names"] if "acronym" not in n["types"] and (n["lang"] == "de" or german.search(n["value"]))]
        acronyms = [n["value"] for n in o["names"] if "acronym" in n["types"]]
        yield o["id"], own, (acronyms or [""])[0], set(o["types"])
    for o in _json(folder, "ror/*v1.json.gz"):
        own = [x["label"] for x in o.get("labels", []) if x.get("iso639") == "de"]
        own += [o["name"]] if german.search(o["name"]) else []
        yield o["id"], own, (o.get("acronyms") or [""])[0], {t.lower() for t in o["types"]}


def _letter(name: str, types: set[str]) -> str:
    """The kind of a ROR record, "" where it is unclear."""
    table = (
        ("u", bool(re.search(r"Universität|[Hh]ochschule|Akademie", name)) and "education" in types),
        ("p", bool(re.search(r"Ministerium|[Aa]mt\b|Behörde|anstalt|Bundes", name)) or "government" in types),
        (
            "r",
            bool(re.search(r"Institut|[Ff]orschung|Zentrum|zentrum|Fraunhofer|Leibniz|Helmholtz", name)) and not re.search(r"Universität|GmbH", name),
        ),
        ("c", "company" in types),
        ("a", bool(re.search(r"Stiftung|e\.\s?V|[Gg]esellschaft|[Vv]erein|[Vv]erband|[Bb]und\b|Kammer", name))),
    )
    return next((letter for letter, fits in table if fits), "")


def _spoken(name: str) -> str:
    """A name in capitals as one writes it."""
    if not name.isupper():
        return name
    words = [w if len(w) <= 4 and w not in {"UND", "FUR", "DER", "DIE", "FÜR"} else w.capitalize() for w in name.split()]
    return " ".join(words).replace("Gesellschaft Mit Beschrankter Haftung", "GmbH").replace("Aktiengesellschaft", "AG").replace("Gmbh", "GmbH")


class _Names:
    """Makes names of all kinds."""

    def __init__(self, registers: Path, rng: random.Random) -> None:
        self._rng = rng
        self._words: dict[str, list[str]] = tomllib.loads((_HERE / "words.toml").read_text(encoding="utf-8"))
        self._towns = sorted(self._read_towns(registers))
        self._firms = list(self._read_firms(registers))
        self._register: dict[str, list[tuple[str, str]]] = {k: [] for k in "urpca"}
        for _, own, acronym, types in _ror(registers):
            name = rng.choice(own) if own else ""
            letter = _letter(name, types)
            if letter and len(name) <= _LONGEST_NAME:
                self._register[letter].append((name, acronym))
        self._cordis = sorted(
            {
                _spoken(r["name"])
                for r in _rows(registers, "cordis-*/organization.csv.gz")
                if r["country"] == "DE" and r["activityType"] == "PRC" and 4 < len(r["name"]) < 50
            }
        )
        self._acronyms = sorted({a for r in _rows(registers, "cordis-*/project.csv.gz") if 3 <= len(a := r["acronym"] or "") <= 18})
        self._makers: dict[str, Callable[[], Forms]] = {
            "c": self._company,
            "u": self._university,
            "r": self._institute,
            "p": self._body,
            "a": self._association,
            "j": self._project,
            "o": self._place,
            "n": self._person,
        }

    def make(self, kind: str) -> Forms:
        """A new name of a kind (its letter)."""
        return self._makers[kind]()

    @staticmethod
    def _read_towns(registers: Path) -> set[str]:
        out = set()
        for path in sorted(registers.glob("geonames/zipcodes.*.csv.gz")):
            with gzip.open(path, "rt", encoding="utf-8") as lines:
                for r in csv.DictReader(lines):
                    name = re.sub(r"^(Kreisfreie Stadt|Stadtkreis|Landkreis|Kreis)\s+", "", r["community"].split(",")[0].strip())
                    if 4 <= len(name) <= 28 and not re.search(r"[\d()/]", name):
                        out.add(name)
        return out

    @staticmethod
    def _read_firms(registers: Path) -> Iterator[str]:
        for path in sorted(registers.glob("offeneregister/*.jsonl.bz2")):
            with bz2.open(path, "rt", encoding="utf-8") as lines:
                for line in lines:
                    name = json.loads(line)["name"].strip().strip('"„“')
                    if _LEGAL.search(name) and 8 < len(name) < 55 and not _NO_FIRM.search(name):
                        yield name

    # one word or one filled pattern of a list of words.toml
    def _pick(self, name: str, **more: str) -> str:
        field = self._rng.choice(self._words["fields"])
        proper = self._rng.choice(self._words["site_words"])
        values = {"c": self._town(), "t": field, "t1": re.split(r"[\s,-]+", field)[-1], "w": proper, **more}
        return self._rng.choice(self._words[name]).format(**values, t2=self._rng.choice(self._words["fields"]))

    def _town(self) -> str:
        return self._rng.choice(self._words["cities"] if self._rng.random() < 0.6 else self._towns)

    def _likely(self, share: float) -> bool:
        return self._rng.random() < share

    @staticmethod
    def _acronym(name: str, otherwise: str, most: int = 5) -> str:
        letters = initials(name)
        return letters if 2 <= len(letters) <= most else otherwise

    def _company(self) -> Forms:
        x = self._rng.random()
        if x < 0.42:
            name = self._rng.choice(self._firms)
        elif x < 0.58:
            name = self._rng.choice(self._cordis)
        elif x < 0.85:
            known = self._rng.choice(self._words["firms"])
            name = known + self._rng.choice(["", " AG", " GmbH", " SE", " Deutschland GmbH", "", " Energy GmbH", " Technology"])
            if name == known or self._likely(0.5):
                return {"l": Tag.COMPANY, "f": name, "s": known, "a": known}
        elif x < 0.92:
            name = self._pick("firm_forms")
            return {"l": Tag.COMPANY, "f": name, "s": short(name), "a": self._acronym(name, short(name), 9)}
        else:
            made = "".join(self._rng.sample(self._words["syllables"], self._rng.choice([2, 2, 3])))
            made = self._rng.choice([made.capitalize(), made.upper() if len(made) < 7 else made.capitalize(), made, made.capitalize()])
            name = made + self._rng.choice([" GmbH", " AG", " GmbH & Co. KG", " UG", " Systems GmbH", " Engineering GmbH", ""])
        bare = short(name)
        return {"l": Tag.COMPANY, "f": name, "s": bare if self._likely(0.85) else name, "a": self._acronym(bare, bare, 4)}

    def _university(self) -> Forms:
        if self._likely(0.4) and self._register["u"]:
            name, acronym = self._rng.choice(self._register["u"])
            forms = {"f": name, "s": name if self._likely(0.6) else acronym or name, "a": acronym or initials(name)}
        else:
            abroad = self._rng.choice(self._words["foreign_towns"])
            name = self._pick("universities", w=abroad)
            spoken = self._rng.choice([name, name, name.replace("Universität ", "Uni ").replace("Technische Uni", "TU")])
            forms = {"f": name, "s": spoken, "a": self._acronym(name, name)}
        chair = self._pick("chairs") + " der " + weak(forms["f"])
        forms |= {"l": Tag.UNIVERSITY, "chair": chair, "chair0": chair}
        if self._likely(0.1):
            forms["f"] = chair.replace("Lehrstuhl", "Institut")
        return forms

    def _institute(self) -> Forms:
        x = self._rng.random()
        made = self._rng.choice("UISZFKWLEO") + "".join(self._rng.sample("MSFTEICKLNB", self._rng.choice([1, 2, 2, 3, 4])))
        acronym = self._rng.choice([made, self._rng.choice(self._words["institute_acronyms"])])
        if x < 0.35 and self._register["r"]:
            name, own = self._rng.choice(self._register["r"])
            return {"l": Tag.RESEARCH, "f": name, "s": name if len(name) < 45 or not own else own, "a": own or initials(name) or name}
        if x < 0.7:
            name = self._pick("fraunhofer", a=acronym)
            return {
                "l": Tag.RESEARCH,
                "f": name,
                "s": self._rng.choice([f"Fraunhofer {acronym}", f"Fraunhofer-Institut {acronym}", acronym, name]),
                "a": acronym,
            }
        name = self._pick("institutes").replace(" an der Universität", "")
        letters = self._acronym(name, name)
        return {"l": Tag.RESEARCH, "f": name, "s": name if self._likely(0.7) else letters, "a": letters}

    def _body(self) -> Forms:
        x = self._rng.random()
        ministry, abbreviation = self._rng.choice(self._words["ministries"]).split("|")
        promoter = self._pick("promoters")
        if x < 0.25:
            forms = {"f": ministry, "s": self._rng.choice([abbreviation, abbreviation, ministry])}
        elif x < 0.5:
            name = self._pick("administrations")
            forms = {"f": name, "s": name}
        elif x < 0.65:
            forms = {"f": promoter, "s": promoter if self._likely(0.7) or len(initials(promoter)) < 2 else initials(promoter)}
        elif x < 0.75 and self._register["p"]:
            name, acronym = self._rng.choice(self._register["p"])
            forms = {"f": name, "s": acronym or name}
        else:
            name = self._pick("bodies")
            forms = {"f": name, "s": name}
        government = self._rng.choice([f"Bezirksregierung {self._town()}", "Bezirksregierung Düsseldorf", "Untere Wasserbehörde"])
        more = {"wf": promoter, "minist": abbreviation, "minist0": ministry, "bezreg": government, "en": self._pick("bodies_english")}
        return {**forms, **more, "l": Tag.PUBLIC, "a": forms["s"]}

    def _association(self) -> Forms:
        if self._likely(0.2) and self._register["a"]:
            name, acronym = self._rng.choice(self._register["a"])
            return {"l": Tag.ASSOCIATION, "f": name, "s": acronym or name, "a": acronym or initials(name) or name}
        proper = self._rng.choice(self._words["site_words"] + self._words["last_names"][:40])
        name = self._pick("associations", w=proper)
        bare = re.sub(r"\s*e\.\s?V\.$", "", name)
        return {"l": Tag.ASSOCIATION, "f": name, "s": self._rng.choice([bare, bare, name]), "a": self._acronym(name, bare)}

    def _project(self) -> Forms:
        pick = self._rng.choice
        x = self._rng.random()
        if x < 0.55:
            acronym = pick(self._acronyms)
        elif x < 0.87:
            acronym = pick(self._words["project_starts"]) + pick(["4", "2", "", "", "-", " "]) + pick(self._words["project_ends"])
        else:
            acronym = pick(self._words["project_prefixes"]) + "-" + pick(self._words["project_heads"]) + pick(["", " " + self._town()])
        title = self._pick("project_titles")
        return {
            "l": Tag.PROJECT,
            "f": acronym if self._likely(0.85) else title,
            "s": acronym,
            "a": acronym,
            "long": title,
            "prog": pick(self._words["programmes"]) if self._likely(0.75) else title,
            "lab": self._pick("labs"),
            "init": pick([self._pick("initiatives"), self._pick("initiatives"), acronym]),
            "zentrum": pick([self._pick("centres"), self._pick("centres"), acronym]),
            "fair": self._pick("fairs"),
        }

    def _place(self) -> Forms:
        town = self._town()
        near = self._rng.choice(self._words["cities"]).split()[0]
        district = self._rng.choice(self._words["districts"])
        return {
            "l": Tag.PLACE,
            "f": town,
            "s": town,
            "a": town,
            "reg": self._pick("regions"),
            "reg0": self._pick("regions"),
            "land": self._pick("lands"),
            "country": self._pick("countries"),
            "countryen": self._rng.choice(["Germany", "Spain", "Poland", "Belgium"]),
            "dist": district if self._likely(0.8) else f"{near}-{district}",
            "site": self._pick("sites"),
            "adj": _ADJECTIVES.get(near, near + ("r" if near.endswith("e") else "er")),
        }

    def _person(self) -> Forms:
        last = self._rng.choice(self._words["last_names"])
        if self._likely(0.1):
            last += "-" + self._rng.choice(self._words["last_names"])
        name = f"{self._rng.choice(self._words['first_names'])} {last}"
        return {"l": Tag.PERSON, "f": name, "s": last, "a": last, "last": last, "dr": self._rng.choice(["", " Dr.", " Prof. Dr.", ""])}
