// name: project_participants
// de: Wer an einem Projekt teilnimmt
// en: Who takes part in a project
// book: program
// param id: string
// param limit: int = 500
MATCH (p:Project {id: $id})<-[r:PARTICIPATES_IN]-(o:Organization)
RETURN o.id AS id, o.name AS name, o.city AS city, o.country AS country, labels(o) AS labels, o.projects AS projects, o.partners AS partners, r.roles AS roles, r.funding_eur AS funding_eur, r.status AS status, r.evidence AS evidence
ORDER BY name, id
LIMIT $limit
