// name: place_topics
// de: Themen der projektreichsten Organisationen eines Ortes
// en: Topics of the organisations of a place with most projects
// book: program
// param id: string
// param organizations: int = 300
// param limit: int = 30
MATCH (:Place {id: $id})<-[:WITHIN*0..5]-(l:Place)<-[:LOCATED_IN]-(o:Organization)
WITH DISTINCT o
ORDER BY coalesce(o.projects, 0) DESC, o.id
LIMIT $organizations
MATCH (o)-[:WORKS_ON]->(t:Topic)
WITH t, count(o) AS shared
RETURN t.id AS id, t.label_de AS label_de, t.label_en AS label_en, t.scheme AS scheme, t.notation AS notation, t.projects AS projects, t.organizations AS organizations, shared
ORDER BY shared DESC, id
LIMIT $limit
