// name: projects_of_organization
// de: Projekte einer Organisation, allein oder mit ihren Instituten und Töchtern
// en: Projects of an organisation, alone or with its institutes and subsidiaries
// book: phrase
// text de: Alle Projekte, an denen die Organisation beteiligt ist, die jüngsten zuerst. «Mit Teilen»: auch die Projekte von allem, was nach den Quellen
//   ein Teil von ihr ist (Institute, Lehrstühle, Kliniken, Töchter), und von deren Teilen, bis zu sechs Stufen tief. Ein Projekt, an dem mehrere
//   von ihnen beteiligt sind, zählt einmal; «Über» nennt sie alle. «Belege»: Kennungen der Zeilen in den Quellen, höchstens sechs.
// text en: All projects that the organisation takes part in, newest first. “With parts”: the projects of everything that the sources call a part of it
//   (institutes, chairs, hospitals, subsidiaries) as well, and of their parts, down to six steps. A project in which several of them take part
//   counts once; “Through” names them all. “Evidence”: ids of the rows in the sources, at most six.
// param organization: organization = "ror:04xfq0f34"
// param organization de: Organisation
// param organization en: Organisation
// param parts: bool = true
// param parts de: mit Teilen (Instituten, Töchtern)
// param parts en: with parts (institutes, subsidiaries)
// param since: int = 0
// param since de: ab Jahr
// param since en: from year
// column year de: Jahr
// column year en: Year
// column project_id de: Kennung des Projekts
// column project_id en: Project id
// column project de: Projekt
// column project en: Project
// column programme de: Programm
// column programme en: Programme
// column participants de: Beteiligte
// column participants en: Participants
// column via_ids de: Kennungen
// column via_ids en: Ids
// column via de: Über
// column via en: Through
// column evidence_ids de: Belege
// column evidence_ids en: Evidence
MATCH (u:Organization {id: $organization})
OPTIONAL MATCH (u)<-[:PART_OF*1..6]-(d:Organization)
WITH u.id AS own, collect(DISTINCT d.id) AS parts
UNWIND [own] + CASE WHEN $parts THEN parts ELSE [] END AS id
WITH DISTINCT id
MATCH (m:Organization {id: id})-[r:PARTICIPATES_IN]->(p:Project)
WHERE $since = 0 OR toInteger(substring(p.start, 0, 4)) >= $since
WITH p, m.id AS mid, coalesce(m.name, m.id) AS mname, r.evidence[0] AS proof
ORDER BY mid
WITH p, collect(mid) AS via_ids, collect(mname) AS via, collect(proof) AS proofs
RETURN substring(p.start, 0, 4) AS year, p.id AS project_id, coalesce(p.title, p.acronym, p.theme, p.programme + ', ' + substring(p.start, 0, 4), p.id) AS project,
       p.programme AS programme, p.participants AS participants, via_ids, via, proofs[..6] AS evidence_ids
ORDER BY CASE WHEN year IS NULL THEN 1 ELSE 0 END, year DESC, project_id
