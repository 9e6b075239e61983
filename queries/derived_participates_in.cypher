// name: derived_participates_in
// de: Eine Seite Verknüpfungen PARTICIPATES_IN, je Anfangsknoten eine Zeile
// en: One page of links PARTICIPATES_IN, one row a start node
// book: program
// param after: string
// param limit: int
MATCH (n:Organization)
WHERE n.id > $after
WITH n
ORDER BY n.id
LIMIT $limit
OPTIONAL MATCH (n)-[r:PARTICIPATES_IN]->(m:Project)
WITH n.id AS id, collect({to: m.id, evidence: r.evidence, roles: r.roles}) AS links
RETURN id, links
ORDER BY id
