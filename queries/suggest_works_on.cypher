// name: suggest_works_on
// de: Belege der Themen von Organisationen
// en: Evidence of organisations' topics
// book: program
// param pairs: rows
UNWIND $pairs AS p
MATCH (o:Organization {id: p.a})-[r:WORKS_ON]->(t:Topic)
WHERE t.id = p.b
RETURN p.a AS a, p.b AS b, r.evidence AS evidence
ORDER BY a, b
