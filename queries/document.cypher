// name: document
// de: Ein Dokument
// en: One document
// book: program
// param id: string
MATCH (n:Document {id: $id})
RETURN n AS node
