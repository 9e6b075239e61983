// name: topic
// de: Ein Thema
// en: One topic
// book: program
// param id: string
MATCH (n:Topic {id: $id})
RETURN n AS node
