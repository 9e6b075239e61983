// name: organization_records
// de: Aus welchen Belegen mehrere Organisationen bestehen
// en: Of which pieces of evidence several organisations are made
// book: program
// param ids: strings
UNWIND $ids AS id
MATCH (n:Organization {id: id})
RETURN n.id AS id, n.evidence AS evidence
