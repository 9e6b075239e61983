// name: documents_of
// de: Dokumente, die einen Knoten nennen, die jüngsten zuerst
// en: Documents that mention a node, newest first
// book: program
// expand: LABEL in labels
// param id: string
// param limit: int = 10
MATCH (n:$LABEL$ {id: $id})<-[r:MENTIONS]-(d:Document)
RETURN d.id AS id, d.title AS title, d.date AS dated, d.url AS url, d.language AS language, r.start AS at
ORDER BY coalesce(dated, '') DESC, id
LIMIT $limit
