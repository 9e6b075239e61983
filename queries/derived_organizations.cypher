// name: derived_organizations
// de: Eine Seite Organisationen für die abgeleiteten Dateien
// en: One page of organizations for the derived files
// book: program
// param after: string
// param limit: int
MATCH (n:Organization)
WHERE n.id > $after
RETURN n.id AS id, labels(n) AS labels, properties(n) AS props
ORDER BY n.id
LIMIT $limit
