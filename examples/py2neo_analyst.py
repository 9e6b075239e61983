"""What an analyst's script with py2neo looks like: rows, single values, nodes and a data frame.

Run it against the embedded engine or a Neo4j server; `innonet engine status` shows address, reader and password:

    NEO4J_URI=bolt://127.0.0.1:7687 NEO4J_USERNAME=reader NEO4J_PASSWORD=... python examples/py2neo_analyst.py place:05119

It needs `pip install py2neo pandas`.  py2neo has reached its end of life (2021.2.4 is the last version): good for scripts that
exist, while a new one is better written with the official driver (package neo4j).  `graph.schema` does not work with servers of today.
"""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING

from py2neo import Graph, NodeMatcher

if TYPE_CHECKING:
    from pandas import DataFrame

LOCAL = "MATCH (:Place {id: $place})<-[:WITHIN*0..3]-(:Place)<-[:LOCATED_IN]-(o:Organization) WITH DISTINCT o "


def organizations(graph: Graph, place: str) -> int:
    """How many organisations are in a place: one value."""
    return int(graph.evaluate(LOCAL + "RETURN count(o)", {"place": place}))


def busiest(graph: Graph, place: str) -> list[tuple[str, int]]:
    """Names and numbers of partners, most first: rows."""
    query = LOCAL + "WHERE o.partners > 0 RETURN o.name AS name, o.partners AS partners ORDER BY partners DESC, o.id LIMIT 10"
    return [(row["name"], row["partners"]) for row in graph.run(query, {"place": place})]


def research(graph: Graph, city: str) -> list[str]:
    """Names of research institutes in a city: nodes by label and property."""
    return sorted(node["name"] for node in NodeMatcher(graph).match("ResearchInstitute", city=city))


def topics(graph: Graph, place: str) -> DataFrame:
    """Participations by topic and year: a data frame with the columns topic, year and participations."""
    query = LOCAL + (
        "MATCH (o)-[:PARTICIPATES_IN]->(p:Project)-[:ABOUT]->(t:Topic) WHERE p.start IS NOT NULL "
        "RETURN t.label_de AS topic, toInteger(substring(p.start, 0, 4)) AS year, count(*) AS participations ORDER BY year, topic"
    )
    return graph.run(query, {"place": place}).to_data_frame()


def main(place: str, city: str) -> None:
    """Print the four."""
    graph = Graph(os.environ["NEO4J_URI"], auth=(os.environ["NEO4J_USERNAME"], os.environ["NEO4J_PASSWORD"]))
    print(f"{place}: {organizations(graph, place)} organisations")
    for name, partners in busiest(graph, place):
        print(f"  {partners:5} partners  {name}")
    print(f"Research institutes in {city}: {', '.join(research(graph, city))}")
    frame = topics(graph, place)
    print(frame.pivot_table(index="topic", columns="year", values="participations", aggfunc="sum", fill_value=0).to_string())


if __name__ == "__main__":
    main(*(sys.argv[1:] or ["place:05119"])[:1], *(sys.argv[2:3] or ["Oberhausen"]))
