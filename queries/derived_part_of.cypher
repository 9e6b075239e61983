// name: derived_part_of
// de: Eine Seite Verknüpfungen PART_OF, je Anfangsknoten eine Zeile
// en: One page of links PART_OF, one row a start node
// book: program
// param after: string
// param limit: int
MATCH (n:Organization)
WHERE n.id > $after
WITH n
ORDER BY n.id
LIMIT $limit
OPTIONAL MATCH (n)-[r:PART_OF]->(m:Organization)
WITH n.id AS id, collect({to: m.id, evidence: r.evidence}) AS links
RETURN id, links
ORDER BY id
