// name: project_places
// de: Wo ein Projekt stattfindet
// en: Where a project takes place
// book: program
// param id: string
// param limit: int = 20
MATCH (p:Project {id: $id})-[r:LOCATED_IN]->(l:Place)
RETURN l.id AS id, l.name AS name, l.level AS level, l.organizations AS organizations, r.status AS status, r.evidence AS evidence
ORDER BY name, id
LIMIT $limit
