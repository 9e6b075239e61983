// name: consortium_gaps
// de: Was einem Konsortium fehlt
// en: What a consortium lacks
// book: phrase
// text de: Welche Arten von Organisationen und welche Themen unter den Mitgliedern fehlen, gemessen an den Projekten zu ihren Themen. «Art»:
//   Unternehmen, Hochschule, Forschungsinstitut, öffentliche Stelle oder Verband; sie fehlt, wenn kein Mitglied von dieser Art ist.
//   «Vergleichsprojekte»: Projekte mit mindestens zwei Beteiligten, die von einem Thema handeln, an dem ein Mitglied arbeitet (oder vom
//   gewählten Thema und seinen engeren). Ein Thema fehlt, wenn mindestens zwei Vergleichsprojekte auch davon handeln und kein Mitglied daran
//   arbeitet. «In so vielen Projekten»: Vergleichsprojekte mit dieser Art oder diesem Thema. «Wer es mitbrächte»: bis zu drei Organisationen aus
//   diesen Projekten, die meisten Projekte zuerst.
// text en: Which kinds of organisations and which topics are missing among the members, measured by the projects on their topics. “Kind”: company,
//   university, research institute, public body or association; it is missing when no member is of that kind. “Comparable projects”: projects
//   with at least two participants that are about a topic that a member works on (or the chosen topic and its narrower ones). A topic is missing
//   when at least two comparable projects are about it as well and no member works on it. “In so many projects”: comparable projects with this
//   kind or topic. “Who would bring it”: up to three organisations of these projects, those with most projects first.
// param members: organizations = ["cordis:org:937523334", "ror:00nj8ry09"]
// param members de: Mitglieder
// param members en: Members
// param topic: topic = ""
// param topic de: Thema (leer: die der Mitglieder)
// param topic en: Topic (empty: those of the members)
// param language: string = "de"
// param language de: Sprache der Antwort (de, en)
// param language en: Language of the answer (de, en)
// column missing de: Es fehlt
// column missing en: Missing
// column gap_id de: Kennung
// column gap_id en: Id
// column gap de: Art oder Thema
// column gap en: Kind or topic
// column projects de: In so vielen Projekten
// column projects en: In so many projects
// column of de: Vergleichsprojekte
// column of en: Comparable projects
// column organization_ids de: Kennungen
// column organization_ids en: Ids
// column organizations de: Wer es mitbrächte
// column organizations en: Who would bring it
CALL {
  UNWIND $members AS id
  MATCH (m:Organization {id: id})
  OPTIONAL MATCH (m)-[:WORKS_ON]->(own:Topic)
  WHERE NOT own.scheme IN ['cordis-call', 'h2020-part']
  WITH collect(DISTINCT [l IN labels(m) WHERE l <> 'Organization'][0]) AS kinds, collect(DISTINCT own.id) AS own
  OPTIONAL MATCH (:Topic {id: $topic})<-[:BROADER*0..4]-(n:Topic)
  WITH kinds, own, collect(DISTINCT n.id) AS chosen
  UNWIND CASE WHEN $topic = '' THEN own ELSE chosen END AS wanted
  MATCH (:Topic {id: wanted})<-[:ABOUT]-(p:Project)
  WHERE p.participants > 1
  WITH kinds, own, collect(DISTINCT p) AS compared
  UNWIND compared AS p
  MATCH (p)<-[:PARTICIPATES_IN]-(x:Organization)
  WITH kinds, size(compared) AS of, p, x, [l IN labels(x) WHERE l <> 'Organization'][0] AS kind
  WHERE kind IS NOT NULL AND NOT kind IN kinds AND coalesce(x.status, '') <> 'dissolved'
  WITH kind, of, x, collect(p.id) AS found
  ORDER BY size(found) DESC, x.id
  WITH kind, of, collect(x.id)[..3] AS organization_ids, collect(x.name)[..3] AS organizations, collect(found) AS all_found
  UNWIND all_found AS found
  UNWIND found AS project
  WITH kind, of, organization_ids, organizations, count(DISTINCT project) AS projects
  RETURN 1 AS rank, kind AS gap_id, projects, of, organization_ids, organizations,
         CASE kind WHEN 'Company' THEN CASE $language WHEN 'en' THEN 'company' ELSE 'Unternehmen' END
                   WHEN 'University' THEN CASE $language WHEN 'en' THEN 'university' ELSE 'Hochschule' END
                   WHEN 'ResearchInstitute' THEN CASE $language WHEN 'en' THEN 'research institute' ELSE 'Forschungsinstitut' END
                   WHEN 'PublicBody' THEN CASE $language WHEN 'en' THEN 'public body' ELSE 'öffentliche Stelle' END
                   ELSE CASE $language WHEN 'en' THEN 'association' ELSE 'Verband' END END AS gap
  UNION ALL
  UNWIND $members AS id
  MATCH (m:Organization {id: id})
  OPTIONAL MATCH (m)-[:WORKS_ON]->(own:Topic)
  WHERE NOT own.scheme IN ['cordis-call', 'h2020-part']
  WITH collect(DISTINCT [l IN labels(m) WHERE l <> 'Organization'][0]) AS kinds, collect(DISTINCT own.id) AS own
  OPTIONAL MATCH (:Topic {id: $topic})<-[:BROADER*0..4]-(n:Topic)
  WITH kinds, own, collect(DISTINCT n.id) AS chosen
  UNWIND CASE WHEN $topic = '' THEN own ELSE chosen END AS wanted
  MATCH (:Topic {id: wanted})<-[:ABOUT]-(p:Project)
  WHERE p.participants > 1
  WITH kinds, own, collect(DISTINCT p) AS compared
  UNWIND compared AS p
  MATCH (p)-[:ABOUT]->(t:Topic)
  WHERE NOT t.scheme IN ['cordis-call', 'h2020-part'] AND NOT t.id IN own
  WITH t, size(compared) AS of, collect(DISTINCT p) AS found
  WHERE size(found) > 1
  UNWIND found AS p
  MATCH (p)<-[:PARTICIPATES_IN]-(x:Organization)
  WHERE NOT x.id IN $members AND coalesce(x.status, '') <> 'dissolved'
  WITH t, of, size(found) AS projects, x, count(*) AS n
  ORDER BY n DESC, x.id
  WITH t, of, projects, collect(x.id)[..3] AS organization_ids, collect(x.name)[..3] AS organizations
  RETURN 2 AS rank, t.id AS gap_id, projects, of, organization_ids, organizations, CASE WHEN $language = 'en' THEN coalesce(t.label_en, t.label_de, t.id) ELSE coalesce(t.label_de, t.label_en, t.id) END AS gap
}
RETURN CASE rank WHEN 1 THEN CASE $language WHEN 'en' THEN 'kind' ELSE 'Art' END ELSE CASE $language WHEN 'en' THEN 'topic' ELSE 'Thema' END END AS missing,
       gap_id, gap, projects, of, organization_ids, organizations
ORDER BY rank, projects DESC, gap_id
