// name: topic_broader
// de: Oberthemen
// en: Broader topics
// book: program
// param id: string
// param limit: int = 20
MATCH (:Topic {id: $id})-[:BROADER*1..8]->(t:Topic)
RETURN DISTINCT t.id AS id, t.label_de AS label_de, t.label_en AS label_en, t.scheme AS scheme, t.notation AS notation, t.projects AS projects, t.organizations AS organizations
ORDER BY notation, id
LIMIT $limit
