// name: sources
// de: Alle Quellen
// en: All sources
// book: program
// param limit: int = 200
MATCH (s:Source)
RETURN s AS node
ORDER BY s.id
LIMIT $limit
