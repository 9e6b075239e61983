// name: derived_works_on
// de: Eine Seite Verknüpfungen WORKS_ON, je Anfangsknoten eine Zeile
// en: One page of links WORKS_ON, one row a start node
// book: program
// param after: string
// param limit: int
MATCH (n:Organization)
WHERE n.id > $after
WITH n
ORDER BY n.id
LIMIT $limit
OPTIONAL MATCH (n)-[r:WORKS_ON]->(m:Topic)
WITH n.id AS id, collect({to: m.id, evidence: r.evidence, weight: r.weight}) AS links
RETURN id, links
ORDER BY id
