// name: suggest_participations
// de: Belege von Beteiligungen
// en: Evidence of participations
// book: program
// param pairs: rows
UNWIND $pairs AS p
MATCH (x:Project {id: p.b})<-[r:PARTICIPATES_IN]-(o:Organization)
WHERE o.id = p.a
RETURN p.a AS a, p.b AS b, r.evidence AS evidence
ORDER BY a, b
