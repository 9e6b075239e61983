// name: derived_topics
// de: Eine Seite Themen für die abgeleiteten Dateien
// en: One page of topics for the derived files
// book: program
// param after: string
// param limit: int
MATCH (n:Topic)
WHERE n.id > $after
RETURN n.id AS id, properties(n) AS props
ORDER BY n.id
LIMIT $limit
