// name: place_below
// de: Orte in einem Ort
// en: Places within a place
// book: program
// param id: string
// param limit: int = 100
MATCH (:Place {id: $id})<-[:WITHIN]-(l:Place)
RETURN l.id AS id, l.name AS name, l.level AS level, l.organizations AS organizations
ORDER BY coalesce(l.organizations, 0) DESC, l.name, l.id
LIMIT $limit
