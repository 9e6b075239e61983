// name: alias
// de: Der Knoten zu einer alten oder fremden Kennung
// en: The node behind an old or foreign id
// book: program
// param id: string
MATCH (a:Alias {id: $id})-[:IDENTIFIES]->(n)
RETURN n.id AS id, labels(n) AS labels
ORDER BY id
LIMIT 1
