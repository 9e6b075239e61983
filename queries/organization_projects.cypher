// name: organization_projects
// de: Projekte einer Organisation, die jüngsten zuerst
// en: Projects of an organisation, newest first
// book: program
// param id: string
// param skip: int = 0
// param limit: int = 25
MATCH (o:Organization {id: $id})-[r:PARTICIPATES_IN]->(p:Project)
RETURN p.id AS id, p.title AS title, p.acronym AS acronym, p.start AS began, p.end AS ended, p.programme AS programme, p.theme AS theme, p.participants AS participants,
       r.roles AS roles, r.funding_eur AS funding_eur, r.status AS status, r.evidence AS evidence
ORDER BY coalesce(began, '') DESC, id
SKIP $skip
LIMIT $limit
