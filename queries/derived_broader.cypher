// name: derived_broader
// de: Eine Seite Verknüpfungen BROADER, je Anfangsknoten eine Zeile
// en: One page of links BROADER, one row a start node
// book: program
// param after: string
// param limit: int
MATCH (n:Topic)
WHERE n.id > $after
WITH n
ORDER BY n.id
LIMIT $limit
OPTIONAL MATCH (n)-[r:BROADER]->(m:Topic)
WITH n.id AS id, collect({to: m.id}) AS links
RETURN id, links
ORDER BY id
