// name: who_works_on_topic
// de: Wer an einem Thema arbeitet, jede Organisation für sich oder unter dem Dach, zu dem sie gehört
// en: Who works on a topic, every organisation by itself or under the roof that it belongs to
// book: phrase
// text de: Organisationen, die an dem Thema oder einem engeren arbeiten, die mit den meisten Projekten dazu zuerst. «Arbeiten an»: ein Projekt handelt
//   davon, oder eine Quelle sagt es. «Mit Teilen»: Institute, Lehrstühle, Kliniken und Töchter zählen bei dem Ganzen, dessen Teil sie nach den
//   Quellen sind (dem obersten, bis zu sechs Stufen hinauf; bei mehreren bei jedem). Ein Projekt, an dem mehrere Teile beteiligt sind, zählt
//   einmal; «Über» nennt sie. «Belege»: Kennungen der Zeilen in den Quellen, höchstens sechs.
// text en: Organisations that work on the topic or a narrower one, those with most projects on it first. “Work on”: a project is about it, or a source
//   says so. “With parts”: institutes, chairs, hospitals and subsidiaries count for the whole that the sources call them a part of (the uppermost,
//   up to six steps; with several, for each). A project in which several parts take part counts once; “Through” names them. “Evidence”: ids of
//   the rows in the sources, at most six.
// param topic: topic = "euroscivoc:425"
// param topic de: Thema
// param topic en: Topic
// param parts: bool = true
// param parts de: mit Teilen: Institute und Töchter zählen beim Ganzen
// param parts en: with parts: institutes and subsidiaries count for the whole
// param country: string = ""
// param country de: nur dieses Land (zwei Buchstaben, leer: alle)
// param country en: only this country (two letters, empty: all)
// column organization_id de: Kennung
// column organization_id en: Id
// column organization de: Organisation
// column organization en: Organisation
// column city de: Stadt
// column city en: City
// column country de: Land
// column country en: Country
// column projects de: Projekte dazu
// column projects en: Projects on it
// column via_ids de: Kennungen
// column via_ids en: Ids
// column via de: Über
// column via en: Through
// column evidence_ids de: Belege
// column evidence_ids en: Evidence
MATCH (:Topic {id: $topic})<-[:BROADER*0..4]-(t:Topic)
WITH DISTINCT t
CALL {
  WITH t
  MATCH (t)<-[:ABOUT]-(p:Project)<-[r:PARTICIPATES_IN]-(m:Organization)
  RETURN m, p.id AS project, r.evidence[0] AS proof
  UNION ALL
  WITH t
  MATCH (t)<-[w:WORKS_ON]-(m:Organization)
  RETURN m, null AS project, w.evidence[0] AS proof
}
WITH m, project, proof
ORDER BY project, proof
WITH m, collect(DISTINCT project) AS done, collect(DISTINCT proof)[..3] AS proofs
OPTIONAL MATCH (m)-[:PART_OF*1..6]->(w:Organization)
WHERE NOT (w)-[:PART_OF]->(:Organization)
WITH m, done, proofs, collect(DISTINCT w.id) AS above
UNWIND CASE WHEN $parts AND size(above) > 0 THEN above ELSE [m.id] END AS whole
WITH whole, m.id AS mid, coalesce(m.name, m.id) AS mname, CASE WHEN size(done) = 0 THEN [null] ELSE done END AS done, proofs
ORDER BY whole, size(done) DESC, mid
UNWIND done AS project
UNWIND CASE WHEN size(proofs) = 0 THEN [null] ELSE proofs END AS proof
WITH whole, count(DISTINCT project) AS projects, collect(DISTINCT mid) AS via_ids, collect(DISTINCT mname) AS via, collect(DISTINCT proof) AS all_proofs
MATCH (o:Organization {id: whole})
WHERE $country = '' OR o.country = $country
RETURN o.id AS organization_id, o.name AS organization, o.city AS city, o.country AS country, projects, via_ids, via, all_proofs[..6] AS evidence_ids
ORDER BY projects DESC, organization_id
