// name: topic_projects
// de: Projekte zu einem Thema, die jüngsten zuerst
// en: Projects on a topic, newest first
// book: program
// param id: string
// param skip: int = 0
// param limit: int = 25
MATCH (t:Topic {id: $id})<-[r:ABOUT]-(p:Project)
RETURN p.id AS id, p.title AS title, p.acronym AS acronym, p.start AS began, p.end AS ended, p.programme AS programme, p.theme AS theme, p.participants AS participants, r.status AS status, r.evidence AS evidence
ORDER BY coalesce(began, '') DESC, id
SKIP $skip
LIMIT $limit
