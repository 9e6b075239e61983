// name: suggest_cooperations
// de: Belege von Kooperationen
// en: Evidence of cooperations
// book: program
// param pairs: rows
UNWIND $pairs AS p
MATCH (o:Organization {id: p.a})-[r:COOPERATES_WITH]->(x:Organization)
WHERE x.id = p.b
RETURN p.a AS a, p.b AS b, r.evidence AS evidence
ORDER BY a, b
