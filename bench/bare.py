"""The floor for loading: the rows of CORDIS as a bare UNWIND loop over Bolt, no identity, no checks, no derived edges.

One :Evidence node a row, its id on the relationship, as the loader writes it too.
"""

from __future__ import annotations

import csv
import gzip
import time
from collections.abc import Iterator
from pathlib import Path

from neo4j import Driver

BATCH = 5000
KINDS = {"HES": "University", "PRC": "Company", "REC": "ResearchInstitute", "PUB": "PublicBody"}
csv.field_size_limit(1 << 24)


def rows(path: Path) -> Iterator[dict[str, str]]:
    """Rows of a publisher's table."""
    with gzip.open(path, "rt", encoding="utf-8", newline="") as f:
        yield from csv.DictReader(f, delimiter=";")


def load(driver: Driver, database: str, folder: Path) -> dict[str, float]:
    """Load a CORDIS folder into an empty database.  Returns seconds: reading, writing, all."""
    start = time.monotonic()
    projects = [
        {"id": f"cordis:project:{r['id']}", "title": r["title"], "start": r["startDate"], "end": r["endDate"], "programme": r["frameworkProgramme"]}
        for r in rows(folder / "project.csv.gz")
    ]
    organizations: dict[str, tuple[str, dict[str, str]]] = {}
    parts: list[dict[str, object]] = []
    evidence: list[dict[str, str]] = []
    for n, r in enumerate(rows(folder / "organization.csv.gz"), 2):
        id_ = f"cordis:org:{r['organisationID']}"
        if id_ not in organizations or r["name"]:
            props = {"id": id_, "name": r["name"], "city": r["city"], "country": r["country"], "website": r["organizationURL"]}
            organizations[id_] = (KINDS.get(r["activityType"], ""), props)
        proof = f"cordis:{r['projectID']}:{r['organisationID']}"
        evidence.append({"id": proof, "source": "cordis", "locator": f"organization.csv.gz:{n}", "quote": ";".join(r.values())})
        parts.append({"a": id_, "b": f"cordis:project:{r['projectID']}", "p": {"role": r["role"], "funding_eur": r["ecContribution"], "evidence": [proof]}})
    read = time.monotonic() - start

    def send(query: str, data: list[object]) -> None:
        for i in range(0, len(data), BATCH):
            driver.execute_query(query, {"rows": data[i : i + BATCH]}, database_=database)

    for label in ("Organization", *KINDS.values(), "Project", "Evidence"):
        driver.execute_query(f"CREATE CONSTRAINT bare_{label.lower()} IF NOT EXISTS FOR (n:{label}) REQUIRE n.id IS UNIQUE", database_=database)
    for kind in ("", *KINDS.values()):
        send(
            f"UNWIND $rows AS r MERGE (n:{kind or 'Organization'} {{id: r.id}}) SET n:Organization SET n += r",
            [p for k, p in organizations.values() if k == kind],
        )
    send("UNWIND $rows AS r MERGE (n:Project {id: r.id}) SET n += r", list(projects))
    send("UNWIND $rows AS r MERGE (n:Evidence {id: r.id}) SET n += r", list(evidence))
    send("UNWIND $rows AS r MATCH (a:Organization {id: r.a}) MATCH (b:Project {id: r.b}) MERGE (a)-[e:PARTICIPATES_IN]->(b) SET e += r.p", list(parts))
    whole = time.monotonic() - start
    return {"reading": read, "writing": whole - read, "all": whole}
