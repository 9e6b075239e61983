// name: newcomers
// de: Neulinge: erstes Projekt in den letzten Jahren
// en: Newcomers: first project in recent years
// book: phrase
// text de: Firmen am Ort, deren erstes gefördertes Projekt in die letzten Jahre der Daten fällt. «Firma»: in den Daten als Unternehmen geführt; was das
//   Handelsregister als erloschen kennt, bleibt weg. «Letzte Jahre der Daten»: gezählt vom jüngsten Projekt zurück, an dem eine Organisation des
//   Ortes beteiligt ist, nicht von heute. «Erstes Projekt»: das mit dem frühesten Beginn; was vor den geladenen Quellen liegt, ist nicht
//   bekannt.
// text en: Local firms whose first funded project lies in the last years of the data. “Firm”: the data call it a company; what the commercial register
//   knows as dissolved is left out. “Last years of the data”: counted back from the latest project that an organisation of the place takes part
//   in, not from today. “First project”: the one with the earliest start; what lies before the loaded sources is not known.
// param place: place = "place:region:ruhr"
// param place de: Ort
// param place en: Place
// param years: int = 3
// param years de: in den letzten so vielen Jahren
// param years en: in the last so many years
// column organization_id de: Kennung
// column organization_id en: Id
// column organization de: Firma
// column organization en: Firm
// column city de: Stadt
// column city en: City
// column first_year de: Erstes Projekt
// column first_year en: First project
// column project_id de: Kennung des Projekts
// column project_id en: Project id
// column project de: Projekt
// column project en: Project
// column projects de: Projekte
// column projects en: Projects
// column partners de: Partner
// column partners en: Partners
// column research_partners de: Partner aus der Forschung
// column research_partners en: Research partners
MATCH (:Place {id: $place})<-[:WITHIN*0..3]-(:Place)<-[:LOCATED_IN]-(o:Organization)
WHERE o.projects > 0
WITH DISTINCT o
MATCH (o)-[:PARTICIPATES_IN]->(p:Project)
WHERE p.start IS NOT NULL
WITH o, p
ORDER BY p.start, p.id
WITH o, collect(p)[0] AS first, max(p.start) AS latest
WITH collect({o: o, p: first}) AS found, toInteger(substring(max(latest), 0, 4)) AS last
UNWIND found AS f
WITH last, f.o AS o, f.p AS p
WHERE o:Company AND coalesce(o.status, '') <> 'dissolved' AND toInteger(substring(p.start, 0, 4)) > last - $years
RETURN o.id AS organization_id, o.name AS organization, o.city AS city, substring(p.start, 0, 4) AS first_year, p.id AS project_id, coalesce(p.title, p.acronym, p.theme, p.programme + ', ' + substring(p.start, 0, 4), p.id) AS project,
       o.projects AS projects, o.partners AS partners, o.research_partners AS research_partners
ORDER BY p.start DESC, organization_id
