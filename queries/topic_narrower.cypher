// name: topic_narrower
// de: Unterthemen
// en: Narrower topics
// book: program
// param id: string
// param limit: int = 100
MATCH (:Topic {id: $id})<-[:BROADER]-(t:Topic)
RETURN t.id AS id, t.label_de AS label_de, t.label_en AS label_en, t.scheme AS scheme, t.notation AS notation, t.projects AS projects, t.organizations AS organizations
ORDER BY label_de, id
LIMIT $limit
