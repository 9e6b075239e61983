// name: derived_aliases
// de: Eine Seite anderer Kennungen für die abgeleiteten Dateien
// en: One page of other ids for the derived files
// book: program
// param after: string
// param limit: int
MATCH (a:Alias)
WHERE a.id > $after
WITH a
ORDER BY a.id
LIMIT $limit
OPTIONAL MATCH (a)-[:IDENTIFIES]->(n)
RETURN a.id AS id, n.id AS to
ORDER BY id
