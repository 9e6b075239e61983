// name: create_organizations
// de: Organisationen einer Art anlegen, die es noch nicht gibt
// en: Create organisations of a kind that do not exist yet
// book: program
// write: yes
// expand: KIND in kinds
// param rows: rows
UNWIND $rows AS r
CREATE (n:$KIND$)
SET n:Organization
SET n = r
