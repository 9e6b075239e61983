// name: write_nodes
// de: Knoten schreiben
// en: Write nodes
// book: program
// write: yes
// expand: LABEL in labels
// param rows: rows
UNWIND $rows AS r
MERGE (n:$LABEL$ {id: r.id})
SET n = r
