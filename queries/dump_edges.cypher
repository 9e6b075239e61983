// name: dump_edges
// de: Alle Kanten einer Art, seitenweise nach ihrem Anfang
// en: All edges of a type, page by page by their start
// book: program
// expand: FROM,TYPE,TO in links
// param after: string = ""
// param size: int = 1000
MATCH (a:$FROM$)
WHERE a.id > $after
WITH a ORDER BY a.id LIMIT $size
OPTIONAL MATCH (a)-[e:$TYPE$]->(b:$TO$)
RETURN a.id AS a, b.id AS b, properties(e) AS props
ORDER BY a, b
