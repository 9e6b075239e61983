// name: document_sentences
// de: Die zitierten Sätze eines Dokuments: alle Belege, deren Kennung mit der des Dokuments beginnt
// en: The quoted sentences of a document: all evidence whose id begins with that of the document
// book: program
// param after: string
// param before: string
// param limit: int = 300
MATCH (e:Evidence)
WHERE e.id > $after AND e.id < $before
RETURN e AS node
ORDER BY e.id
LIMIT $limit
