// name: path_shared_of_all
// de: Gemeinsame Projekte mehrerer Organisationen (einer mit ihren Teilen) mit einer anderen, jedes einmal
// en: Projects that several organisations (one with its parts) share with another one, each once
// book: program
// param ids: strings
// param b: string
// param limit: int = 50
MATCH (:Organization {id: $b})-[rb:PARTICIPATES_IN]->(p:Project)<-[ra:PARTICIPATES_IN]-(o:Organization)
WHERE o.id IN $ids
WITH p, rb, o, ra
ORDER BY o.name, o.id
WITH p, rb, collect([o.id, o.name]) AS through, collect(ra.evidence) AS evidence_a
RETURN p.id AS id, p.title AS title, p.acronym AS acronym, p.start AS began, p.end AS ended, p.programme AS programme, p.theme AS theme, p.participants AS participants,
       through, evidence_a, rb.evidence AS evidence_b
ORDER BY coalesce(began, '') DESC, id
LIMIT $limit
