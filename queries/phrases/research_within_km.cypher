// name: research_within_km
// de: Forschung zu einem Thema im Umkreis
// en: Research on a topic within a distance
// book: phrase
// text de: Hochschulen und Forschungsinstitute, die höchstens so viele Kilometer vom Mittelpunkt des Ortes entfernt sind (Luftlinie) und an dem Thema
//   oder einem engeren Thema arbeiten. «Arbeiten an»: ein Projekt, an dem sie beteiligt sind, handelt davon, oder ihr Name sagt es. «Projekte»:
//   ihre Projekte zu diesen Themen. Wo die Adresse nicht bekannt ist, steht der Mittelpunkt der Gemeinde.
// text en: Universities and research institutes at most so many kilometres from the middle of the place (as the crow flies) that work on the topic or a
//   narrower one. “Work on”: a project they take part in is about it, or their name says so. “Projects”: their projects on these topics. Where
//   the address is not known, the middle of the municipality counts.
// param place: place = "place:05119"
// param place de: Ort
// param place en: Place
// param km: float = 30
// param km de: Umkreis in Kilometern
// param km en: Distance in kilometres
// param topic: topic = "euroscivoc:1209"
// param topic de: Thema
// param topic en: Topic
// param language: string = "de"
// param language de: Sprache der Antwort (de, en)
// param language en: Language of the answer (de, en)
// column organization_id de: Kennung
// column organization_id en: Id
// column organization de: Einrichtung
// column organization en: Institution
// column city de: Stadt
// column city en: City
// column km de: Entfernung in km
// column km en: Distance in km
// column topics de: Themen
// column topics en: Topics
// column projects de: Projekte
// column projects en: Projects
// column partners de: Partner
// column partners en: Partners
MATCH (c:Place {id: $place})
MATCH (:Topic {id: $topic})<-[:BROADER*0..4]-(t:Topic)<-[w:WORKS_ON]-(o:Organization)
WHERE (o:University OR o:ResearchInstitute) AND coalesce(o.status, '') <> 'dissolved'
WITH c, o, w, t
ORDER BY w.weight DESC, t.id
WITH c, o, collect(DISTINCT t.id) AS ids, collect(DISTINCT CASE WHEN $language = 'en' THEN coalesce(t.label_en, t.label_de, t.id) ELSE coalesce(t.label_de, t.label_en, t.id) END) AS topics
OPTIONAL MATCH (o)-[:LOCATED_IN]->(l:Place)
WITH c, o, ids, topics, min(coalesce(o.lat, l.lat)) AS lat, min(coalesce(o.lon, l.lon)) AS lon
WITH o, ids, topics, 12742 * asin(sqrt(sin(radians(lat - c.lat) / 2) ^ 2 + cos(radians(c.lat)) * cos(radians(lat)) * sin(radians(lon - c.lon) / 2) ^ 2)) AS far
WHERE far <= $km
OPTIONAL MATCH (o)-[:PARTICIPATES_IN]->(p:Project)-[:ABOUT]->(t:Topic)
WHERE t.id IN ids
WITH o, topics, far, count(DISTINCT p) AS projects
RETURN o.id AS organization_id, o.name AS organization, o.city AS city, round(far * 10) / 10 AS km, topics[..5] AS topics, projects, o.partners AS partners
ORDER BY projects DESC, km, organization_id
