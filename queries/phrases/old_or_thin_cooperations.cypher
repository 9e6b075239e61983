// name: old_or_thin_cooperations
// de: Alte oder dünn belegte Zusammenarbeit
// en: Cooperations that are old or rest on a single piece of evidence
// book: phrase
// text de: Verbindungen der Organisationen am Ort, die eingeschlafen sein könnten oder an einem einzigen Beleg hängen. «Zusammenarbeit»: ein
//   gemeinsames Projekt oder eine in einer Quelle genannte Kooperation. «Alt»: die letzte davon begann vor dem gewählten Jahr. «Ein Beleg»: es
//   gibt nur ein gemeinsames Projekt oder nur eine Nennung. Projekte mit vielen Beteiligten bleiben weg: dort kennt nicht jeder jeden.
// text en: Connections of the local organisations that may have fallen asleep or hang on a single piece of evidence. “Cooperation”: a common project,
//   or a cooperation stated by a source. “Old”: the last one began before the chosen year. “Single evidence”: there is only one common project
//   or one statement. Projects with many participants are left out: there not everybody knows everybody.
// param place: place = "place:05119"
// param place de: Ort
// param place en: Place
// param before: int = 2012
// param before de: alt: zuletzt vor dem Jahr
// param before en: old: latest before the year
// param participants: int = 10
// param participants de: Projekte mit höchstens so vielen Beteiligten
// param participants en: projects with at most so many participants
// column organization_id de: Kennung
// column organization_id en: Id
// column organization de: Organisation
// column organization en: Organisation
// column partner_id de: Kennung des Partners
// column partner_id en: Partner id
// column partner de: Partner
// column partner en: Partner
// column city de: Stadt des Partners
// column city en: City of the partner
// column occasions de: Anlässe
// column occasions en: Occasions
// column last_year de: Zuletzt
// column last_year en: Latest
// column old de: Alt
// column old en: Old
// column single de: Ein Beleg
// column single en: Single evidence
// column evidence_ids de: Belege
// column evidence_ids en: Evidence
MATCH (:Place {id: $place})<-[:WITHIN*0..3]-(:Place)<-[:LOCATED_IN]-(o:Organization)
WHERE o.partners > 0
WITH DISTINCT o
CALL {
  WITH o
  MATCH (o)-[a:PARTICIPATES_IN]->(p:Project)<-[b:PARTICIPATES_IN]-(x:Organization)
  WHERE p.participants <= $participants AND x.id <> o.id
  RETURN x, p.id AS occasion, substring(p.start, 0, 4) AS year, a.evidence[0] AS one, b.evidence[0] AS two
  UNION ALL
  WITH o
  MATCH (o)-[c:COOPERATES_WITH]-(x:Organization)
  RETURN x, c.evidence[0] AS occasion, substring(coalesce(c.since, c.last_seen), 0, 4) AS year, c.evidence[0] AS one, c.evidence[1] AS two
}
WITH o, x, occasion, year, one, two
ORDER BY year DESC, occasion
WITH o, x, count(DISTINCT occasion) AS occasions, max(year) AS last_year, collect(one) AS ones, collect(two) AS twos
WHERE toInteger(last_year) < $before OR occasions = 1
RETURN o.id AS organization_id, o.name AS organization, x.id AS partner_id, x.name AS partner, x.city AS city, occasions, last_year,
       coalesce(toInteger(last_year) < $before, false) AS old, occasions = 1 AS single, ones[..3] + twos[..3] AS evidence_ids
ORDER BY last_year, organization_id, partner_id
