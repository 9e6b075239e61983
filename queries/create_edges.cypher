// name: create_edges
// de: Kanten anlegen, die es noch nicht gibt
// en: Create edges that do not exist yet
// book: program
// write: yes
// expand: FROM,TYPE,TO in links
// param rows: rows
UNWIND $rows AS r
MATCH (a:$FROM$ {id: r.a})
MATCH (b:$TO$ {id: r.b})
CREATE (a)-[e:$TYPE$]->(b)
SET e = r.props
