// name: projects_per_programme_topic_year
// de: Projekte je Programm, Thema und Jahr
// en: Projects per programme, topic and year
// book: phrase
// text de: Wie viele Projekte mit Organisationen des Ortes es gibt, nach Förderprogramm, Thema und Jahr des Beginns (oder der Bewilligung). «Programm»:
//   wie es die Quelle nennt. Ein Projekt mit mehreren Themen steht bei jedem. «Organisationen»: verschiedene des Ortes in diesen Projekten.
// text en: How many projects with organisations of the place there are, by programme, topic and year of start (or approval). “Programme”: as the source
//   calls it. A project with several topics stands with each of them. “Organisations”: different ones of the place in these projects.
// param place: place = "place:05119"
// param place de: Ort
// param place en: Place
// param topic: topic = ""
// param topic de: Thema mit seinen engeren (leer: alle)
// param topic en: Topic with its narrower ones (empty: all)
// param scheme: string = ""
// param scheme de: nur dieses Themensystem (euroscivoc, efre-nrw, h2020-part, leistungsplan; leer: alle)
// param scheme en: only this scheme of topics (euroscivoc, efre-nrw, h2020-part, leistungsplan; empty: all)
// param since: int = 0
// param since de: ab Jahr
// param since en: from year
// param language: string = "de"
// param language de: Sprache der Antwort (de, en)
// param language en: Language of the answer (de, en)
// column programme de: Programm
// column programme en: Programme
// column topic_id de: Kennung des Themas
// column topic_id en: Topic id
// column topic de: Thema
// column topic en: Topic
// column year de: Jahr
// column year en: Year
// column projects de: Projekte
// column projects en: Projects
// column organizations de: Organisationen
// column organizations en: Organisations
OPTIONAL MATCH (:Topic {id: $topic})<-[:BROADER*0..4]-(n:Topic)
WITH collect(DISTINCT n.id) AS wanted
MATCH (:Place {id: $place})<-[:WITHIN*0..3]-(:Place)<-[:LOCATED_IN]-(o:Organization)
WHERE o.projects > 0
WITH DISTINCT wanted, o
MATCH (o)-[:PARTICIPATES_IN]->(p:Project)-[:ABOUT]->(t:Topic)
WHERE ($topic = '' OR t.id IN wanted) AND ($scheme = '' OR t.scheme = $scheme) AND t.scheme <> 'cordis-call' AND toInteger(substring(p.start, 0, 4)) >= $since
WITH coalesce(p.programme, '') AS programme, t, substring(p.start, 0, 4) AS year, count(DISTINCT p.id) AS projects, count(DISTINCT o.id) AS organizations
RETURN programme, t.id AS topic_id, CASE WHEN $language = 'en' THEN coalesce(t.label_en, t.label_de, t.id) ELSE coalesce(t.label_de, t.label_en, t.id) END AS topic, year, projects, organizations
ORDER BY year DESC, projects DESC, programme, topic_id
