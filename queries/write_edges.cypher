// name: write_edges
// de: Kanten schreiben
// en: Write edges
// book: program
// write: yes
// expand: FROM,TYPE,TO in links
// param rows: rows
UNWIND $rows AS r
MATCH (a:$FROM$ {id: r.a})
MATCH (b:$TO$ {id: r.b})
MERGE (a)-[e:$TYPE$]->(b)
SET e = r.props
