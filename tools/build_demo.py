#!/usr/bin/env python3
"""Builds data/demo from a folder with full data sets: the Ruhr area, everything its organisations take part in, no persons.

    python tools/build_demo.py DATA

DATA holds the folders named in `_SETS` below, as the publishers give them (see data/demo/README.md for addresses and licences).
The same input gives the same bytes.  Rows are chosen, never changed; columns that innonet does not read and that hold descriptive
texts, street addresses or contacts are emptied.
"""

from __future__ import annotations

import bz2
import csv
import gzip
import io
import json
import re
import shutil
import sys
import zipfile
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, Final

import openpyxl

ROOT: Final = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from graph.model import Entity, Label  # noqa: E402
from ingest.base import Context, read_release  # noqa: E402
from ingest.persons import is_person, without_contact  # noqa: E402
from ingest.resolve.normalise import city_key, name_key  # noqa: E402
from ingest.sources import SOURCES  # noqa: E402
from ingest.sources.efre_nrw import split_columns  # noqa: E402
from ingest.sources.geonames import RUHR  # noqa: E402
from ingest.text.topics import Tagger  # noqa: E402

DEMO: Final = ROOT / "data" / "demo"
RUHR_DISTRICTS: Final = frozenset(RUHR)
_CITIES: Final = ("Oberhausen", "Mülheim an der Ruhr", "Mülheim", "Duisburg", "Essen", "Bottrop", "Gelsenkirchen", "Dinslaken", "Gladbeck", "Moers")
NEIGHBOURS: Final = frozenset(map(city_key, _CITIES))
HOME: Final = frozenset(map(city_key, _CITIES[:3]))
_NO_INDUSTRY: Final = re.compile(r"verwaltung|beteiligung|vermögen|immobilien|grundstück|holding|verpachtung|vermietung", re.IGNORECASE)
_INDUSTRY: Final = re.compile(
    r"techni|elektro|industrie|energie|umwelt|system|software|digital|logisti|stahl|metall|maschin|anlagen|chemie|bau\b|medizin|labor|werk|infra|engineering|solar",
    re.IGNORECASE,
)
EMPTIED: Final = {"street", "contactForm", "objective"}
REGISTER_KEPT: Final = (
    "all_attributes",
    "company_number",
    "current_status",
    "jurisdiction_code",
    "name",
    "previous_names",
    "registered_address",
    "retrieved_at",
)


def main(data: Path) -> None:
    """Write all sets anew."""
    for old in DEMO.iterdir():
        if old.is_dir() and old.name != "texts":  # texts, manifest.json and judgements.csv are written by hand
            shutil.rmtree(old)
    ruhr, land = _cities(data / "places" / "zipcodes.de.csv.gz", RUHR_DISTRICTS), _cities(data / "places" / "zipcodes.de.csv.gz", ("05",))
    _efre(data / "efre-nrw")
    # projects with titles from the whole Land, the many without from the Ruhr area only
    for name, cities in (("cordis-fp7", land), ("cordis-current", land), ("cordis-h2020", ruhr)):
        _cordis(data / name, DEMO / name, cities)
    _ror(data / "ror", DEMO / "ror", land | {"cologne"})
    _register(data / "offeneregister", DEMO / "offeneregister", _named(data))
    _foerderkatalog(data / "foerderkatalog", DEMO)
    _places(data / "places" / "zipcodes.de.csv.gz", DEMO / "geonames")
    size = sum(p.stat().st_size for p in DEMO.rglob("*") if p.is_file())
    print(f"{size / 1e6:.2f} MB in {DEMO.relative_to(ROOT)}")  # noqa: T201


def _release(folder: Path, release: dict[str, str]) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "release.json").write_text(json.dumps(release, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")


def _places(path: Path, folder: Path) -> None:
    """All of North Rhine-Westphalia, and the cities elsewhere in which an organisation of the other sets is."""
    used = {city_key(str(p.get("city", ""))) for p in _organizations()}
    _release(folder, {"release": "GeoNames postal codes, Germany", "retrieved": "2026-11-01", "dataset": "de"})
    columns, rows = _table(path)
    _write_table(folder / path.name, columns, (r for r in rows if r["community_code"].startswith("05") or city_key(r["place"]) in used), ",")


def _organizations() -> Iterator[Mapping[str, Any]]:
    """What the sources say of the organisations in the sets written so far."""
    for s in SOURCES:
        for folder in sorted(DEMO.glob(f"{s.meta.id}*")):
            for claim in s.crawl(Context(s.meta, read_release(folder)), folder):
                if isinstance(claim, Entity) and claim.label is Label.ORGANIZATION:
                    yield claim.props


def _gz(path: Path, data: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("wb") as raw, gzip.GzipFile("", "wb", 9, raw, mtime=0) as z:
        z.write(data)


def _cities(path: Path, keys: Iterable[str]) -> frozenset[str]:
    found = set()
    with gzip.open(path, "rt", encoding="utf-8", newline="") as f:
        for r in csv.DictReader(f):
            if r["community_code"].startswith(tuple(keys)):
                found.update((city_key(r["place"]), city_key(re.sub(r"^(Kreisfreie Stadt|Stadtkreis|Stadt|Kreis) ", "", r["community"]))))
    return frozenset(found - {""})


def _efre(source: Path) -> None:
    rows = json.loads(gzip.decompress((source / "verzeichnis_beguenstigte_2007-2013.json.gz").read_bytes()))
    kept = []
    for r in rows:
        name, _ = split_columns(r["beneficiary"], r["name_of_operation"])
        if not is_person(without_contact(name)):
            kept.append(r if without_contact(name) == name else {**r, "beneficiary": without_contact(name)})
    folder = DEMO / "efre-nrw-2007"
    _release(folder, {"release": "Verzeichnis der Begünstigten 2007-2013, Stand 31.12.2014", "retrieved": "2014-12-31", "dataset": "2007-2013"})
    _gz(folder / "verzeichnis_beguenstigte_2007-2013.json.gz", json.dumps(kept, ensure_ascii=False, indent=1).encode())
    folder = DEMO / "efre-nrw-2014"
    _release(folder, {"release": "Liste der Vorhaben 2014-2020", "retrieved": "2015-12-31", "dataset": "2014-2020"})
    _workbook(source / "liste_der_vorhaben_2014-2020.xlsx", folder / "liste_der_vorhaben_2014-2020.xlsx")


def _workbook(source: Path, target: Path) -> None:
    """The publisher's form without the rows of natural persons; dates of the file itself are fixed so that its bytes stay the same."""
    book = openpyxl.load_workbook(source)
    sheet = book.worksheets[0]
    persons = [row[0].row for row in sheet.iter_rows() if isinstance(row[0].value, str) and is_person(without_contact(row[0].value))]
    for row in sheet.iter_rows(min_row=6):
        row[2].value = None  # the summary of the operation: the publisher's sentences stay with the publisher
    for number in reversed(persons):
        sheet.delete_rows(number)
    packed = io.BytesIO()
    book.save(packed)
    with zipfile.ZipFile(packed) as a, zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as b:
        for info in sorted(a.infolist(), key=lambda i: i.filename):
            # saving stamps the file with the present time
            data = re.sub(rb"(<dcterms:modified[^>]*>)[^<]*", rb"\g<1>2015-12-31T00:00:00Z", a.read(info.filename))
            b.writestr(zipfile.ZipInfo(info.filename), data, zipfile.ZIP_DEFLATED, 9)


def _table(path: Path) -> tuple[list[str], list[dict[str, str]]]:
    with gzip.open(path, "rt", encoding="utf-8", newline="") as f:
        first = f.readline()
        f.seek(0)
        reader = csv.DictReader(f, delimiter=";" if first.count(";") > first.count(",") else ",")
        rows = list(reader)
        return list(reader.fieldnames or ()), rows


def _write_table(path: Path, columns: list[str], rows: Iterable[dict[str, str]], delimiter: str = ";") -> None:
    out = io.StringIO()
    writer = csv.DictWriter(out, columns, delimiter=delimiter, quoting=csv.QUOTE_ALL if delimiter == ";" else csv.QUOTE_MINIMAL, lineterminator="\n")
    writer.writeheader()
    writer.writerows({c: "" if c in EMPTIED else r[c] for c in columns} for r in rows)
    _gz(path, out.getvalue().encode())


def _cordis(source: Path, folder: Path, cities: frozenset[str]) -> None:
    columns, rows = _table(source / "organization.csv.gz")
    chosen = {r["projectID"] for r in rows if r["country"] == "DE" and city_key(r["city"]) in cities}
    release = json.loads((source / "release.json").read_text(encoding="utf-8"))
    _release(folder, release)
    _write_table(folder / "organization.csv.gz", columns, (r for r in rows if r["projectID"] in chosen))
    for name, key in (("project.csv.gz", "id"), ("topics.csv.gz", "projectID"), ("programme_parts.csv.gz", "rcn")):
        if (source / name).exists():
            columns, rows = _table(source / name)
            _write_table(folder / name, columns, (r for r in rows if r[key] in chosen), ";" if name.startswith("project") else ",")


def _ror(source: Path, folder: Path, land: frozenset[str]) -> None:
    """Records of the Land and, wherever they are, all that these are part of."""
    _release(folder, {"release": "ROR, Germany, November 2026", "retrieved": "2026-11-01", "dataset": "de"})
    names = ("ror-data-de_schema_v2.json.gz", "ror-data-de_schema_v1.json.gz")
    files = {name: json.loads(gzip.decompress((source / name).read_bytes())) for name in names}
    records = {r["id"]: r for found in files.values() for r in found}
    kept = {id_ for id_, r in records.items() if _in_land(r, land)}
    todo = list(kept)
    while todo:
        for relation in records[todo.pop()]["relationships"]:
            if relation["type"].lower() == "parent" and relation["id"] in records and relation["id"] not in kept:
                kept.add(relation["id"])
                todo.append(relation["id"])
    for name, found in files.items():
        _gz(folder / name, json.dumps([r for r in found if r["id"] in kept], ensure_ascii=False).encode())


def _in_land(record: dict[str, Any], land: frozenset[str]) -> bool:
    """In North Rhine-Westphalia by the code of the Land where the record has one, else by the name of the city."""
    for place in record.get("locations", ()):
        details = place["geonames_details"]
        code = details.get("country_subdivision_code")
        if code == "NW" or (not code and city_key(details["name"]) in land):
            return True
    return any((a.get("geonames_city") or {}).get("geonames_admin1", {}).get("code") == "DE.07" for a in record.get("addresses", ()))


def _register(source: Path, folder: Path, named: frozenset[str]) -> None:
    """Companies whose name tells a technology or an industry, of Oberhausen and its neighbours.

    And, whatever their state, all whose name stands in the other sets, since the register knows their seat.
    """
    tagger = Tagger.load(ROOT / "data" / "reference")
    kept = []
    for d in _json_lines(source / "de_companies_ocdata_ruhr.jsonl.bz2"):
        a = d["all_attributes"]
        city = city_key(a.get("registered_office", ""))
        if city not in NEIGHBOURS or is_person(d["name"]):
            continue
        stands = d["current_status"] == "currently registered" and a["_registerArt"] in ("HRB", "HRA")
        industry = not _NO_INDUSTRY.search(d["name"]) and ((city in HOME and _INDUSTRY.search(d["name"])) or tagger.tag(d["name"], name=True))
        if (stands and industry) or name_key(d["name"]) in named:
            kept.append(d)
    matched = _json_lines(source / "de_companies_ocdata_matched.jsonl.bz2")
    kept += [d for d in matched if d["current_status"] == "currently registered" and not is_person(d["name"])]
    unique = {d["company_number"]: {k: d[k] for k in REGISTER_KEPT if k in d} for d in kept}
    lines = "".join(json.dumps(unique[k], ensure_ascii=False) + "\n" for k in sorted(unique))
    _release(folder, {"release": "OffeneRegister 2017-2019, companies of the Ruhr area", "retrieved": "2019-02-05", "dataset": "ruhr"})
    (folder / "de_companies_ocdata.jsonl.bz2").write_bytes(bz2.compress(lines.encode()))


def _named(data: Path) -> frozenset[str]:
    """Keys of all German names in the lists of beneficiaries and in CORDIS."""
    rows = json.loads(gzip.decompress((data / "efre-nrw" / "verzeichnis_beguenstigte_2007-2013.json.gz").read_bytes()))
    keys = {name_key(" ".join(r["beneficiary"].split())) for r in rows}
    for name in ("cordis-fp7", "cordis-current", "cordis-h2020"):
        keys.update(name_key(r["name"]) for r in _table(data / name / "organization.csv.gz")[1] if r["country"] == "DE")
    return frozenset(keys - {""})


def _json_lines(path: Path) -> Iterator[dict[str, Any]]:
    with bz2.open(path, "rt", encoding="utf-8") as f:
        for line in f:
            yield json.loads(line)


def _foerderkatalog(source: Path, demo: Path) -> None:
    """Rows that are projects: no posts of professors, no charging stations, no broadband advice, nobody whose name is withheld."""
    dull = re.compile(r"Karrierewegs der Tenure|Errichtung von Ladeinfrastruktur|Breitbandinfrastruktur|Keine Anzeige aufgrund|Gigabitausbau")
    for name, folder in (("a", "foerderkatalog-a"), ("b", "foerderkatalog-b")):
        raw = (source / f"foerderportal_newest_100_{name}.csv").read_bytes().decode("cp1252")
        lines = raw.splitlines(keepends=True)
        kept = [x for x in lines if not dull.search(x) and not is_person(x.split(";")[5].strip('="'))]
        _release(demo / folder, {"release": f"Förderkatalog, Auszug {name}", "retrieved": "2023-03-01", "dataset": f"auszug-{name}"})
        (demo / folder / f"foerderkatalog_auszug_{name}.csv").write_bytes("".join(kept).encode("cp1252"))
    folder_2026 = demo / "foerderkatalog-2026"
    _release(folder_2026, {"release": "Förderkatalog, Auszug 2026", "retrieved": "2026-03-01", "dataset": "auszug-2026"})
    shutil.copyfile(source / "berlin_2026_sample_rows.csv", folder_2026 / "foerderkatalog_auszug_2026.csv")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
