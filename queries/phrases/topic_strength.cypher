// name: topic_strength
// de: Stärken eines Ortes: Themen im Vergleich mit der Region
// en: Strengths of a place: topics compared with the region
// book: phrase
// text de: Womit sich die Organisationen eines Ortes mehr beschäftigen als die der Region. «Beteiligung»: eine Organisation in einem Projekt; zu einem
//   Thema gehört sie, wenn das Projekt von ihm oder einem engeren Thema handelt. «Anteil»: Beteiligungen des Ortes zu dem Thema, geteilt durch
//   die der ganzen Region zu dem Thema. «Spezialisierung»: Anteil des Themas an allen Beteiligungen des Ortes, geteilt durch denselben Anteil in
//   der Region; 1 ist so wie die Region, 2 doppelt so viel. Bei wenigen Beteiligungen sagt der Wert wenig: darum zählen nur Themen mit einer
//   Mindestzahl. Verglichen werden die Themen eines Systems (euroscivoc: Wissenschaft, efre-nrw: Themen des Landesprogramms, h2020-part:
//   Programmteile der EU).
// text en: What the organisations of a place do more than those of the region. “Participation”: one organisation in one project; it belongs to a topic
//   when the project is about it or a narrower one. “Share”: participations of the place on the topic divided by those of the whole region on
//   it. “Specialisation”: share of the topic in all participations of the place, divided by the same share in the region; 1 is like the region,
//   2 is twice as much. With few participations the figure says little, therefore only topics with a least number count. Topics of one scheme
//   are compared (euroscivoc: science, efre-nrw: themes of the state's programme, h2020-part: parts of the EU programme).
// param place: place = "place:05119"
// param place de: Ort
// param place en: Place
// param region: place = "place:region:ruhr"
// param region de: Region
// param region en: Region
// param scheme: string = "euroscivoc"
// param scheme de: Themensystem
// param scheme en: Scheme of topics
// param least: int = 1
// param least de: mindestens so viele Beteiligungen am Ort
// param least en: at least so many participations of the place
// param language: string = "de"
// param language de: Sprache der Antwort (de, en)
// param language en: Language of the answer (de, en)
// column topic_id de: Kennung des Themas
// column topic_id en: Topic id
// column topic de: Thema
// column topic en: Topic
// column local de: Beteiligungen am Ort
// column local en: Participations of the place
// column regional de: Beteiligungen in der Region
// column regional en: Participations in the region
// column share_percent de: Anteil in %
// column share_percent en: Share in %
// column quotient de: Spezialisierung
// column quotient en: Specialisation
MATCH (:Place {id: $place})<-[:WITHIN*0..3]-(:Place)<-[:LOCATED_IN]-(c:Organization)
WITH collect(DISTINCT c.id) AS here
MATCH (:Place {id: $region})<-[:WITHIN*0..3]-(:Place)<-[:LOCATED_IN]-(o:Organization)
WHERE o.projects > 0
WITH DISTINCT here, o.id AS id, o.projects AS projects, o
WITH here, collect(o) AS organizations, sum(projects) AS all_regional, sum(CASE WHEN id IN here THEN projects ELSE 0 END) AS all_local
UNWIND organizations AS o
MATCH (o)-[:PARTICIPATES_IN]->(p:Project)-[:ABOUT]->(:Topic {scheme: $scheme})-[:BROADER*0..4]->(t:Topic)
WITH DISTINCT all_regional, all_local, o.id IN here AS is_local, o.id AS oid, p.id AS pid, t
WITH t, all_regional, all_local, count(*) AS regional, sum(CASE WHEN is_local THEN 1 ELSE 0 END) AS local
WHERE local >= $least
RETURN t.id AS topic_id, CASE WHEN $language = 'en' THEN coalesce(t.label_en, t.label_de, t.id) ELSE coalesce(t.label_de, t.label_en, t.id) END AS topic, local, regional, round(1000.0 * local / regional) / 10 AS share_percent,
       round(100.0 * local * all_regional / (all_local * regional)) / 100 AS quotient
ORDER BY quotient DESC, local DESC, topic_id
