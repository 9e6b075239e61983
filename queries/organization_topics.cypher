// name: organization_topics
// de: Themen einer Organisation, die stärksten zuerst
// en: Topics of an organisation, strongest first
// book: program
// param id: string
// param limit: int = 30
MATCH (o:Organization {id: $id})-[r:WORKS_ON]->(t:Topic)
RETURN t.id AS id, t.label_de AS label_de, t.label_en AS label_en, t.scheme AS scheme, t.notation AS notation, t.projects AS projects, t.organizations AS organizations,
       r.weight AS weight, r.projects AS shared, r.status AS status, r.evidence AS evidence
ORDER BY weight DESC, id
LIMIT $limit
