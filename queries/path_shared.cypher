// name: path_shared
// de: Gemeinsame Projekte zweier Organisationen
// en: Projects that two organisations share
// book: program
// param a: string
// param b: string
// param limit: int = 50
MATCH (:Organization {id: $a})-[ra:PARTICIPATES_IN]->(p:Project)<-[rb:PARTICIPATES_IN]-(:Organization {id: $b})
RETURN p.id AS id, p.title AS title, p.acronym AS acronym, p.start AS began, p.end AS ended, p.programme AS programme, p.theme AS theme, p.participants AS participants,
       ra.evidence AS evidence_a, rb.evidence AS evidence_b
ORDER BY coalesce(began, '') DESC, id
LIMIT $limit
