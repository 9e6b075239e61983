// name: derived_cooperates_with
// de: Eine Seite Verknüpfungen COOPERATES_WITH, je Anfangsknoten eine Zeile
// en: One page of links COOPERATES_WITH, one row a start node
// book: program
// param after: string
// param limit: int
MATCH (n:Organization)
WHERE n.id > $after
WITH n
ORDER BY n.id
LIMIT $limit
OPTIONAL MATCH (n)-[r:COOPERATES_WITH]->(m:Organization)
WITH n.id AS id, collect({to: m.id, evidence: r.evidence}) AS links
RETURN id, links
ORDER BY id
