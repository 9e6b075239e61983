// name: document_mentions
// de: Was ein Dokument nennt und wovon es handelt, in der Reihenfolge des Textes
// en: What a document mentions and what it is about, in the order of the text
// book: program
// param id: string
// param limit: int = 500
MATCH (d:Document {id: $id})-[r:MENTIONS|ABOUT]->(n)
WITH n, min(coalesce(r.start, 1000000000)) AS at
RETURN n.id AS id, labels(n) AS labels, coalesce(n.name, n.title, n.acronym, n.label_de, n.label_en, '') AS name, coalesce(n.label_en, '') AS name_en
ORDER BY at, id
LIMIT $limit
