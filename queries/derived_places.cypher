// name: derived_places
// de: Eine Seite Orte für die abgeleiteten Dateien
// en: One page of places for the derived files
// book: program
// param after: string
// param limit: int
MATCH (n:Place)
WHERE n.id > $after
RETURN n.id AS id, properties(n) AS props
ORDER BY n.id
LIMIT $limit
