// name: evidence
// de: Ein Beleg
// en: One piece of evidence
// book: program
// param id: string
MATCH (e:Evidence {id: $id})
RETURN e AS node
