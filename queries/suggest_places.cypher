// name: suggest_places
// de: Belege von Standorten
// en: Evidence of locations
// book: program
// param pairs: rows
UNWIND $pairs AS p
MATCH (o:Organization {id: p.a})-[r:LOCATED_IN]->(x:Place)
WHERE x.id = p.b
RETURN p.a AS a, p.b AS b, r.evidence AS evidence
ORDER BY a, b
