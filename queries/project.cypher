// name: project
// de: Ein Projekt
// en: One project
// book: program
// param id: string
MATCH (n:Project {id: $id})
RETURN n AS node
