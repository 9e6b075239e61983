// name: derived_projects
// de: Eine Seite Projekte für die abgeleiteten Dateien
// en: One page of projects for the derived files
// book: program
// param after: string
// param limit: int
MATCH (n:Project)
WHERE n.id > $after
RETURN n.id AS id, properties(n) AS props
ORDER BY n.id
LIMIT $limit
