// name: evidence_many
// de: Mehrere Belege
// en: Several pieces of evidence
// book: program
// param ids: strings
UNWIND $ids AS id
MATCH (e:Evidence {id: id})
RETURN e AS node
