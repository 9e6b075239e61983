// name: delete_edges
// de: Kanten entfernen
// en: Remove edges
// book: program
// write: yes
// expand: FROM,TYPE,TO in links
// param rows: rows
UNWIND $rows AS r
MATCH (a:$FROM$ {id: r.a})-[e:$TYPE$]->(b:$TO$ {id: r.b})
WITH collect(e) AS found
UNWIND found AS e
DELETE e
