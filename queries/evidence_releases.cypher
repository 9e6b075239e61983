// name: evidence_releases
// de: In welchen Veröffentlichungen Belege stehen
// en: In which releases pieces of evidence stand
// book: program
// param ids: strings
UNWIND $ids AS id
MATCH (e:Evidence {id: id})
RETURN e.id AS id, e.source AS source, e.dataset AS dataset, e.release AS release
