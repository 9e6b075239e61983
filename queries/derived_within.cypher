// name: derived_within
// de: Eine Seite Verknüpfungen WITHIN, je Anfangsknoten eine Zeile
// en: One page of links WITHIN, one row a start node
// book: program
// param after: string
// param limit: int
MATCH (n:Place)
WHERE n.id > $after
WITH n
ORDER BY n.id
LIMIT $limit
OPTIONAL MATCH (n)-[r:WITHIN]->(m:Place)
WITH n.id AS id, collect({to: m.id}) AS links
RETURN id, links
ORDER BY id
