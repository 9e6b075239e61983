// name: dump_nodes
// de: Alle Knoten einer Art, seitenweise
// en: All nodes of a label, page by page
// book: program
// expand: LABEL in labels
// param after: string = ""
// param size: int = 5000
MATCH (n:$LABEL$)
WHERE n.id > $after
RETURN n.id AS id, labels(n) AS labels, properties(n) AS props
ORDER BY id
LIMIT $size
