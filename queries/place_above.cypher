// name: place_above
// de: Wozu ein Ort gehört
// en: What a place belongs to
// book: program
// param id: string
// param limit: int = 20
MATCH (:Place {id: $id})-[:WITHIN*1..5]->(l:Place)
RETURN DISTINCT l.id AS id, l.name AS name, l.level AS level, l.organizations AS organizations
ORDER BY id
LIMIT $limit
