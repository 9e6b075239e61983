// name: documents_of
// de: Dokumente, die einen Knoten nennen oder von ihm handeln, die jüngsten zuerst
// en: Documents that mention a node or are about it, newest first
// book: program
// expand: LABEL in labels
// param id: string
// param limit: int = 10
MATCH (n:$LABEL$ {id: $id})<-[r:MENTIONS|ABOUT]-(d:Document)
WITH d, min(r.start) AS first, min(r.end) AS last
RETURN d.id AS id, d.title AS title, coalesce(d.date, '') AS dated, d.url AS url, d.language AS language, first, last
ORDER BY dated DESC, id
LIMIT $limit
