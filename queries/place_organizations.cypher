// name: place_organizations
// de: Organisationen in einem Ort und allem, was in ihm liegt
// en: Organisations in a place and all within it
// book: program
// param id: string
// param skip: int = 0
// param limit: int = 25
MATCH (:Place {id: $id})<-[:WITHIN*0..5]-(l:Place)<-[:LOCATED_IN]-(o:Organization)
RETURN DISTINCT o.id AS id, o.name AS name, o.city AS city, o.country AS country, labels(o) AS labels, o.projects AS projects, o.partners AS partners
ORDER BY coalesce(projects, 0) DESC, name, id
SKIP $skip
LIMIT $limit
