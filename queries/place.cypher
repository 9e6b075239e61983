// name: place
// de: Ein Ort
// en: One place
// book: program
// param id: string
MATCH (n:Place {id: $id})
RETURN n AS node
