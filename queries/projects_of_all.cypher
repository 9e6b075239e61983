// name: projects_of_all
// de: Projekte mehrerer Organisationen (einer mit ihren Teilen), jedes einmal, die jüngsten zuerst
// en: Projects of several organisations (one with its parts), each once, newest first
// book: program
// param ids: strings
// param skip: int = 0
// param limit: int = 25
UNWIND $ids AS id
MATCH (o:Organization {id: id})-[r:PARTICIPATES_IN]->(p:Project)
WITH p, o, r
ORDER BY o.name, o.id
WITH p, collect([o.id, o.name]) AS through, collect(r.roles) AS roles, sum(r.funding_eur) AS funding, collect(r.status) AS statuses, collect(r.evidence) AS evidence
RETURN p.id AS id, p.title AS title, p.acronym AS acronym, p.start AS began, p.end AS ended, p.programme AS programme, p.theme AS theme, p.participants AS participants,
       through, roles, CASE WHEN funding > 0 THEN funding ELSE null END AS funding_eur, statuses, evidence
ORDER BY coalesce(began, '') DESC, id
SKIP $skip
LIMIT $limit
