// name: who_works_with
// de: Wer arbeitet mit einer Organisation zusammen, nach Städten
// en: Who works with an organisation, by city
// book: phrase
// text de: Alle, die mit der Organisation ein Projekt teilen oder von denen eine Quelle eine Zusammenarbeit mit ihr nennt, nach Städten. Wenn
//   gewünscht, auch die Partner ihrer Teile (Institute, Außenstellen, Töchter) und die der übergeordneten Einrichtungen: viele Register führen
//   ein Fraunhofer-Institut nur unter der Fraunhofer-Gesellschaft. Zuerst die Partner in Deutschland. «Über» sagt, wer von ihnen der
//   Partner ist und ob es die Organisation selbst, ein Teil oder eine übergeordnete Einrichtung ist. «Belege»: Kennungen der Zeilen in den
//   Quellen, höchstens sechs.
// text en: All who share a project with the organisation or of whom a source states a cooperation with it, by city. The partners of its parts
//   (institutes, branches, subsidiaries) and those of its parents are shown as well, if wanted: many registers know a Fraunhofer institute only
//   as Fraunhofer-Gesellschaft. Partners in Germany come first. “Through” says which of them the partner works with, and whether this is the
//   organisation itself, a part or a parent. “Evidence”: ids of the rows in the sources, at most six.
// param organization: organization = "ror:00nj8ry09"
// param organization de: Organisation
// param organization en: Organisation
// param parts: bool = true
// param parts de: auch die Teile (Institute, Töchter)
// param parts en: the parts as well (institutes, subsidiaries)
// param parents: bool = true
// param parents de: auch die übergeordneten Einrichtungen
// param parents en: the parents as well
// param country: string = ""
// param country de: nur dieses Land (zwei Buchstaben, leer: alle)
// param country en: only this country (two letters, empty: all)
// param language: string = "de"
// param language de: Sprache der Antwort (de, en)
// param language en: Language of the answer (de, en)
// column relation de: Beziehung
// column relation en: Relation
// column via_id de: Kennung
// column via_id en: Id
// column via de: Über
// column via en: Through
// column city de: Stadt
// column city en: City
// column country de: Land
// column country en: Country
// column partner_id de: Kennung des Partners
// column partner_id en: Partner id
// column partner de: Partner
// column partner en: Partner
// column projects de: Gemeinsame Projekte
// column projects en: Common projects
// column last_year de: Zuletzt
// column last_year en: Latest
// column evidence_ids de: Belege
// column evidence_ids en: Evidence
MATCH (u:Organization {id: $organization})
OPTIONAL MATCH (u)<-[:PART_OF*1..3]-(d:Organization)
WITH u, collect(DISTINCT d.id) AS parts
OPTIONAL MATCH (u)-[:PART_OF*1..3]->(a:Organization)
WITH u, parts, collect(DISTINCT a.id) AS above
WITH u, parts, [u.id] + CASE WHEN $parts THEN parts ELSE [] END + CASE WHEN $parents THEN above ELSE [] END AS family
UNWIND family AS id
WITH DISTINCT u, parts, family, id
MATCH (m:Organization {id: id})
CALL {
  WITH m
  MATCH (m)-[a:PARTICIPATES_IN]->(p:Project)<-[b:PARTICIPATES_IN]-(x:Organization)
  RETURN x, p.id AS project, substring(coalesce(p.end, p.start), 0, 4) AS year, a.evidence[0] AS one, b.evidence[0] AS two
  UNION ALL
  WITH m
  MATCH (m)-[c:COOPERATES_WITH]-(x:Organization)
  RETURN x, null AS project, substring(coalesce(c.since, c.last_seen), 0, 4) AS year, c.evidence[0] AS one, c.evidence[1] AS two
}
WITH u, parts, family, m, x, project, year, one, two
WHERE NOT x.id IN family AND ($country = '' OR x.country = $country)
WITH u, parts, m, x, project, year, one, two
ORDER BY year DESC, project
WITH m, x, CASE WHEN m.id = u.id THEN 1 WHEN m.id IN parts THEN 2 ELSE 3 END AS rank, count(DISTINCT project) AS projects, max(year) AS last_year, collect(one) AS ones, collect(two) AS twos
RETURN CASE rank WHEN 1 THEN CASE $language WHEN 'en' THEN 'itself' ELSE 'selbst' END WHEN 2 THEN CASE $language WHEN 'en' THEN 'part' ELSE 'Teil' END ELSE CASE $language WHEN 'en' THEN 'parent' ELSE 'übergeordnet' END END AS relation, m.id AS via_id, m.name AS via,
       x.city AS city, x.country AS country, x.id AS partner_id, x.name AS partner, projects, last_year, ones[..3] + twos[..3] AS evidence_ids
ORDER BY rank, CASE WHEN country = 'DE' THEN 0 ELSE 1 END, CASE WHEN city IS NULL THEN 1 ELSE 0 END, toLower(city), city, projects DESC, partner_id
