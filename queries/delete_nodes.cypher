// name: delete_nodes
// de: Knoten samt Kanten entfernen
// en: Remove nodes with their edges
// book: program
// write: yes
// expand: LABEL in labels
// param rows: rows
UNWIND $rows AS r
MATCH (n:$LABEL$ {id: r.id})
WITH collect(n) AS found
UNWIND found AS n
DETACH DELETE n
