// name: partners_of_organization
// de: Partner einer Organisation, allein oder mit ihren Instituten und Töchtern
// en: Partners of an organisation, alone or with its institutes and subsidiaries
// book: phrase
// text de: Alle, die mit der Organisation ein Projekt teilen oder von denen eine Quelle eine Zusammenarbeit mit ihr nennt, jeder einmal, die mit den
//   meisten gemeinsamen Projekten zuerst. «Mit Teilen»: auch die Partner von allem, was nach den Quellen ein Teil von ihr ist (Institute,
//   Lehrstühle, Kliniken, Töchter), bis zu sechs Stufen tief; ihre eigenen Teile sind keine Partner. Ein Projekt, an dem mehrere von ihnen
//   beteiligt sind, zählt einmal. «Über»: wer von ihnen mit dem Partner zu tun hat. «Belege»: Kennungen der Zeilen in den Quellen, höchstens
//   sechs.
// text en: All who share a project with the organisation or of whom a source states a cooperation with it, each once, those with most common projects
//   first. “With parts”: the partners of everything that the sources call a part of it (institutes, chairs, hospitals, subsidiaries) as well, down
//   to six steps; its own parts are no partners. A project in which several of them take part counts once. “Through”: which of them have to do
//   with the partner. “Evidence”: ids of the rows in the sources, at most six.
// param organization: organization = "ror:04xfq0f34"
// param organization de: Organisation
// param organization en: Organisation
// param parts: bool = true
// param parts de: mit Teilen (Instituten, Töchtern)
// param parts en: with parts (institutes, subsidiaries)
// param country: string = ""
// param country de: nur dieses Land (zwei Buchstaben, leer: alle)
// param country en: only this country (two letters, empty: all)
// column partner_id de: Kennung des Partners
// column partner_id en: Partner id
// column partner de: Partner
// column partner en: Partner
// column city de: Stadt
// column city en: City
// column country de: Land
// column country en: Country
// column projects de: Gemeinsame Projekte
// column projects en: Common projects
// column last_year de: Zuletzt
// column last_year en: Latest
// column via_ids de: Kennungen
// column via_ids en: Ids
// column via de: Über
// column via en: Through
// column evidence_ids de: Belege
// column evidence_ids en: Evidence
MATCH (u:Organization {id: $organization})
OPTIONAL MATCH (u)<-[:PART_OF*1..6]-(d:Organization)
WITH u.id AS own, collect(DISTINCT d.id) AS parts
WITH [own] + CASE WHEN $parts THEN parts ELSE [] END AS family
UNWIND family AS id
WITH DISTINCT family, id
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
WITH family, m.id AS mid, coalesce(m.name, m.id) AS mname, x, project, year, one, two
WHERE NOT x.id IN family AND ($country = '' OR x.country = $country)
WITH mid, mname, x, project, year, one, two
ORDER BY year DESC, project, mid
WITH x, count(DISTINCT project) AS projects, max(year) AS last_year, collect(DISTINCT mid) AS via_ids, collect(DISTINCT mname) AS via, collect(one) AS ones, collect(two) AS twos
RETURN x.id AS partner_id, x.name AS partner, x.city AS city, x.country AS country, projects, last_year, via_ids, via, ones[..3] + twos[..3] AS evidence_ids
ORDER BY projects DESC, last_year DESC, partner_id
