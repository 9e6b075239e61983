// name: project_parts
// de: Teilprojekte und Verbund eines Projekts
// en: Part projects and the joint project
// book: program
// param id: string
// param limit: int = 50
MATCH (:Project {id: $id})-[r:PART_OF]-(p:Project)
RETURN p.id AS id, p.title AS title, p.acronym AS acronym, p.start AS began, p.end AS ended, p.programme AS programme, p.theme AS theme, p.participants AS participants, r.status AS status, r.evidence AS evidence
ORDER BY id
LIMIT $limit
