// name: project_funders
// de: Wer ein Projekt fördert
// en: Who funds a project
// book: program
// param id: string
// param limit: int = 20
MATCH (p:Project {id: $id})-[r:FUNDED_BY]->(o:Organization)
RETURN o.id AS id, o.name AS name, o.city AS city, o.country AS country, labels(o) AS labels, o.projects AS projects, o.partners AS partners, r.status AS status, r.evidence AS evidence
ORDER BY name, id
LIMIT $limit
