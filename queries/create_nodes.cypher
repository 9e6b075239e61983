// name: create_nodes
// de: Knoten anlegen, die es noch nicht gibt
// en: Create nodes that do not exist yet
// book: program
// write: yes
// expand: LABEL in labels
// param rows: rows
UNWIND $rows AS r
CREATE (n:$LABEL$)
SET n = r
