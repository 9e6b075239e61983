// name: shortest_paths
// de: Kürzeste Wege von einer Firma zu einer Hochschule, mit Belegen
// en: Shortest paths from a firm to a university, with evidence
// book: phrase
// text de: Über wen zwei Organisationen miteinander verbunden sind: alle kürzesten Wege über gemeinsame Projekte und genannte Zusammenarbeit, höchstens
//   so viele Schritte lang. Jeder Schritt von einer Organisation in ein Projekt oder zurück zählt eins; zwei Schritte heißen: ein gemeinsames
//   Projekt. «Belege»: die Kennung einer Zeile oder eines Satzes für jeden Schritt, in der Reihenfolge des Weges.
// text en: Through whom two organisations are connected: all shortest paths over common projects and stated cooperations, at most so many steps long.
//   Each step from an organisation into a project or back counts one; two steps mean: a common project. “Evidence”: the id of one row or
//   sentence for each step, in the order of the path.
// param start: organization = "cordis:org:937394130"
// param start de: Von (Firma)
// param start en: From (firm)
// param end: organization = "ror:04mz5ra38"
// param end de: Zu (Hochschule)
// param end en: To (university)
// column steps de: Schritte
// column steps en: Steps
// column path de: Weg
// column path en: Path
// column path_ids de: Kennungen
// column path_ids en: Ids
// column evidence_ids de: Belege
// column evidence_ids en: Evidence
MATCH (a:Organization {id: $start}), (b:Organization {id: $end})
MATCH w = allShortestPaths((a)-[:PARTICIPATES_IN|COOPERATES_WITH*..8]-(b))
WITH [n IN nodes(w) | n.id] AS path_ids, [n IN nodes(w) | coalesce(n.name, n.title, n.acronym, n.theme, n.programme + ', ' + substring(n.start, 0, 4), n.id)] AS path, [r IN relationships(w) | r.evidence[0]] AS evidence_ids, length(w) AS steps
RETURN steps, path, path_ids, evidence_ids
ORDER BY steps, path_ids
LIMIT 100
