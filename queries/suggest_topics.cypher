// name: suggest_topics
// de: Belege der Themen von Projekten
// en: Evidence of projects' topics
// book: program
// param pairs: rows
UNWIND $pairs AS p
MATCH (x:Project {id: p.a})-[r:ABOUT]->(t:Topic)
WHERE t.id = p.b
RETURN p.a AS a, p.b AS b, r.evidence AS evidence
ORDER BY a, b
