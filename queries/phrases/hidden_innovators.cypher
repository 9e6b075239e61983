// name: hidden_innovators
// de: Verborgene Innovatoren: Firmen mit Projekten, aber wenigen Partnern
// en: Hidden innovators: firms with projects but few partners
// book: phrase
// text de: Firmen am Ort, die an geförderten Projekten beteiligt sind oder Partner in der Forschung haben, aber nur wenige Partner insgesamt. «Firma»:
//   in den Daten als Unternehmen geführt; was das Handelsregister als erloschen kennt, bleibt weg. «Partner»: Organisationen, mit denen sie ein
//   Projekt teilt oder eine Zusammenarbeit in einer Quelle steht. «Forschung»: Hochschulen und Forschungsinstitute. «Über Partner bekannt»: die
//   Partner ihrer Partner, zusammengezählt (wer mehrfach vorkommt, zählt mehrfach). Vorschlagslisten finden eine Firma vor allem auf diesem Weg;
//   wo die Zahl klein ist, wird die Firma kaum jemandem vorgeschlagen. Sie steht hier an Stelle der Vorschlagslisten anderer, die nicht im
//   Graphen gespeichert sind. Der Zweck des Projekts wird nicht bewertet: auch ein Kino mit einer Förderung ist dabei. Ein Thema grenzt das ein.
// text en: Local firms that take part in funded projects or have partners in research, but few partners in all. “Firm”: the data call it a company;
//   what the commercial register knows as dissolved is left out. “Partner”: an organisation that shares a project with it, or a source states a
//   cooperation. “Research”: universities and research institutes. “Known through partners”: the partners of their partners, added up (who
//   occurs twice counts twice). Lists of suggestions mostly find a firm on this way; where the number is small, the firm is hardly suggested to
//   anybody. It stands for the suggestion lists of others, which are not stored in the graph. The purpose of a project is not judged: a cinema
//   with a grant is among them. A topic narrows that down.
// param place: place = "place:region:ruhr"
// param place de: Ort
// param place en: Place
// param topic: topic = ""
// param topic de: Thema (leer: alle)
// param topic en: Topic (empty: all)
// param partners: int = 5
// param partners de: höchstens so viele Partner
// param partners en: at most so many partners
// param known: int = 100
// param known de: höchstens so viele über Partner bekannt
// param known en: at most so many known through partners
// param language: string = "de"
// param language de: Sprache der Antwort (de, en)
// param language en: Language of the answer (de, en)
// column organization_id de: Kennung
// column organization_id en: Id
// column organization de: Firma
// column organization en: Firm
// column city de: Stadt
// column city en: City
// column projects de: Projekte
// column projects en: Projects
// column research_partners de: Partner aus der Forschung
// column research_partners en: Research partners
// column partners de: Partner
// column partners en: Partners
// column known de: Über Partner bekannt
// column known en: Known through partners
// column topics de: Themen
// column topics en: Topics
// column last_year de: Zuletzt
// column last_year en: Latest
// column project_id de: Kennung des Projekts
// column project_id en: Project id
// column project de: Jüngstes Projekt
// column project en: Latest project
MATCH (:Place {id: $place})<-[:WITHIN*0..3]-(:Place)<-[:LOCATED_IN]-(o:Company)
WHERE (o.projects > 0 OR o.research_partners > 0) AND o.partners <= $partners AND coalesce(o.status, '') <> 'dissolved'
WITH DISTINCT o
OPTIONAL MATCH (o)-[:PARTICIPATES_IN]->(:Project)<-[:PARTICIPATES_IN]-(b:Organization)
WHERE b.id <> o.id
WITH DISTINCT o, b
WITH o, sum(coalesce(b.partners - 1, 0)) AS by_projects
OPTIONAL MATCH (o)-[:COOPERATES_WITH]-(c:Organization)
WITH o, by_projects, sum(coalesce(c.partners - 1, 0)) AS by_statement
WITH o, by_projects + by_statement AS known
WHERE known <= $known
OPTIONAL MATCH (o)-[w:WORKS_ON]->(t:Topic)
WITH o, known, w, t
ORDER BY w.weight DESC, t.id
WITH o, known, collect(CASE WHEN $language = 'en' THEN coalesce(t.label_en, t.label_de, t.id) ELSE coalesce(t.label_de, t.label_en, t.id) END)[..3] AS topics, collect(t.id) AS topic_ids
OPTIONAL MATCH (:Topic {id: $topic})<-[:BROADER*0..4]-(n:Topic)
WHERE n.id IN topic_ids
WITH o, known, topics, count(n) AS fits
WHERE $topic = '' OR fits > 0
OPTIONAL MATCH (o)-[:PARTICIPATES_IN]->(p:Project)
WITH o, known, topics, p
ORDER BY coalesce(p.start, '') DESC, p.id
WITH o, known, topics, collect(p)[0] AS p
RETURN o.id AS organization_id, o.name AS organization, o.city AS city, o.projects AS projects, o.research_partners AS research_partners, o.partners AS partners,
       known, topics, substring(p.start, 0, 4) AS last_year, p.id AS project_id, coalesce(p.title, p.acronym, p.theme, p.programme + ', ' + substring(p.start, 0, 4), p.id) AS project
ORDER BY research_partners DESC, projects DESC, known, organization_id
