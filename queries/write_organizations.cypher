// name: write_organizations
// de: Organisationen einer Art schreiben
// en: Write organisations of a kind
// book: program
// write: yes
// expand: KIND in kinds
// param rows: rows
UNWIND $rows AS r
MERGE (n:$KIND$ {id: r.id})
SET n:Organization
SET n = r
