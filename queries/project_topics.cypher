// name: project_topics
// de: Themen eines Projekts
// en: Topics of a project
// book: program
// param id: string
// param limit: int = 50
MATCH (p:Project {id: $id})-[r:ABOUT]->(t:Topic)
RETURN t.id AS id, t.label_de AS label_de, t.label_en AS label_en, t.scheme AS scheme, t.notation AS notation, t.projects AS projects, t.organizations AS organizations, r.status AS status, r.evidence AS evidence
ORDER BY t.scheme, label_de, id
LIMIT $limit
