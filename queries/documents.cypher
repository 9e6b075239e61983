// name: documents
// de: Alle Dokumente, die jüngsten zuerst
// en: All documents, newest first
// book: program
// param skip: int = 0
// param limit: int = 50
MATCH (d:Document)
WITH d, coalesce(d.date, '') AS dated
RETURN d.id AS id, d.title AS title, dated, d.url AS url, d.language AS language
ORDER BY dated DESC, id
SKIP $skip
LIMIT $limit
