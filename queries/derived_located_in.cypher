// name: derived_located_in
// de: Eine Seite Verknüpfungen LOCATED_IN, je Anfangsknoten eine Zeile
// en: One page of links LOCATED_IN, one row a start node
// book: program
// param after: string
// param limit: int
MATCH (n:Organization)
WHERE n.id > $after
WITH n
ORDER BY n.id
LIMIT $limit
OPTIONAL MATCH (n)-[r:LOCATED_IN]->(m:Place)
WITH n.id AS id, collect({to: m.id, evidence: r.evidence}) AS links
RETURN id, links
ORDER BY id
