// name: organization_said
// de: Woran eine Organisation beteiligt ist, was kein Projekt ist, wer an ihr, und wer wen fördert, wie Texte es sagen
// en: What other than projects an organisation takes part in, who takes part in it, and who funds whom, as texts say
// book: program
// param id: string
// param limit: int = 100
MATCH (a:Organization {id: $id})-[r:PARTICIPATES_IN|FUNDED_BY]-(o:Organization)
RETURN type(r) AS type, startNode(r).id AS first,
       o.id AS id, o.name AS name, o.city AS city, o.country AS country, labels(o) AS labels, o.projects AS projects, o.partners AS partners,
       r.roles AS roles, r.status AS status, r.evidence AS evidence
ORDER BY type, name, id
LIMIT $limit
