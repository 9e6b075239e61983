// name: derived_about
// de: Eine Seite Verknüpfungen ABOUT, je Anfangsknoten eine Zeile
// en: One page of links ABOUT, one row a start node
// book: program
// param after: string
// param limit: int
MATCH (n:Project)
WHERE n.id > $after
WITH n
ORDER BY n.id
LIMIT $limit
OPTIONAL MATCH (n)-[r:ABOUT]->(m:Topic)
WITH n.id AS id, collect({to: m.id, evidence: r.evidence}) AS links
RETURN id, links
ORDER BY id
