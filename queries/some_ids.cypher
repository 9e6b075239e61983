// name: some_ids
// de: Kennungen einiger Knoten einer Art
// en: Ids of some nodes of a label
// book: program
// expand: LABEL in labels
// param size: int = 5000
MATCH (n:$LABEL$)
RETURN n.id AS id
LIMIT $size
