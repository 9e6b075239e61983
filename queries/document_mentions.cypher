// name: document_mentions
// de: Was ein Dokument nennt, in der Reihenfolge des Textes
// en: What a document mentions, in the order of the text
// book: program
// param id: string
// param limit: int = 500
MATCH (d:Document {id: $id})-[r:MENTIONS]->(n)
RETURN n.id AS id, labels(n) AS labels, coalesce(n.name, n.title, n.acronym, n.label_de, n.label_en, '') AS name, coalesce(n.label_en, '') AS name_en,
       coalesce(r.start, 0) AS at
ORDER BY at, id
LIMIT $limit
