// name: joint_application_topics
// de: Themen, zu denen mehrere Firmen am Ort gemeinsam einen Antrag stellen könnten
// en: Topics in which several local firms could apply together
// book: phrase
// text de: Themen, an denen mindestens so viele Firmen des Ortes arbeiten, die engeren Themen eingerechnet. «Firma»: in den Daten als Unternehmen
//   geführt; was das Handelsregister als erloschen kennt, bleibt weg. «Arbeiten an»: ein Projekt handelt davon, oder der Name sagt es. «Mit
//   Fördererfahrung»: Firmen mit mindestens einem geförderten Projekt; eine von ihnen könnte den Antrag führen. «Schon gemeinsam»: Projekte, in
//   denen zwei oder mehr dieser Firmen schon zusammen sind. Was mehr Firmen betrifft als die Obergrenze, ist zu allgemein und fehlt; auch ein
//   Thema, von dem ein engeres dieselben Firmen hat; die weiten Programmteile der EU (h2020-part) stehen zuletzt.
// text en: Topics that at least so many firms of the place work on, narrower topics included. “Firm”: the data call it a company; what the commercial
//   register knows as dissolved is left out. “Work on”: a project is about it, or the name says so. “With experience”: firms with at least one
//   funded project; one of them could lead the application. “Already together”: projects that two or more of these firms share. What concerns
//   more firms than the upper limit is too general and left out, and so is a topic of which a narrower one has the same firms; the wide parts of
//   the EU programme (h2020-part) come last.
// param place: place = "place:region:ruhr"
// param place de: Ort
// param place en: Place
// param firms: int = 3
// param firms de: mindestens so viele Firmen
// param firms en: at least so many firms
// param most: int = 15
// param most de: höchstens so viele Firmen
// param most en: at most so many firms
// param scheme: string = "euroscivoc"
// param scheme de: nur dieses Themensystem (euroscivoc, efre-nrw, wz2008, ...; leer: alle)
// param scheme en: only this scheme (euroscivoc, efre-nrw, wz2008, ...; empty: all)
// param language: string = "de"
// param language de: Sprache der Antwort (de, en)
// param language en: Language of the answer (de, en)
// column topic_id de: Kennung des Themas
// column topic_id en: Topic id
// column topic de: Thema
// column topic en: Topic
// column count de: Zahl der Firmen
// column count en: Number of firms
// column firm_ids de: Kennungen der Firmen
// column firm_ids en: Ids of the firms
// column firms de: Firmen
// column firms en: Firms
// column experienced de: Mit Fördererfahrung
// column experienced en: With experience
// column together de: Schon gemeinsam
// column together en: Already together
MATCH (:Place {id: $place})<-[:WITHIN*0..3]-(:Place)<-[:LOCATED_IN]-(f:Company)
WHERE coalesce(f.status, '') <> 'dissolved'
WITH DISTINCT f
MATCH (f)-[:WORKS_ON]->(:Topic)-[:BROADER*0..4]->(t:Topic)
WHERE ($scheme = '' OR t.scheme = $scheme) AND t.scheme <> 'cordis-call'
WITH DISTINCT t, f
ORDER BY t.id, f.id
WITH t, collect(f.id) AS firm_ids, collect(f.name) AS firms, sum(CASE WHEN f.projects > 0 THEN 1 ELSE 0 END) AS experienced
WHERE size(firm_ids) >= $firms AND size(firm_ids) <= $most
OPTIONAL MATCH (t)<-[:BROADER]-(n:Topic)<-[:BROADER*0..3]-(:Topic)<-[:WORKS_ON]-(x:Organization)
WHERE x.id IN firm_ids
WITH t, firm_ids, firms, experienced, n, count(DISTINCT x) AS below
WITH t, firm_ids, firms, experienced, max(below) AS most_below
WHERE most_below < size(firm_ids)
UNWIND firm_ids AS id
OPTIONAL MATCH (:Organization {id: id})-[:PARTICIPATES_IN]->(p:Project)
WITH t, firm_ids, firms, experienced, p, count(*) AS n
WITH t, firm_ids, firms, experienced, sum(CASE WHEN p IS NOT NULL AND n > 1 THEN 1 ELSE 0 END) AS together
RETURN t.id AS topic_id, CASE WHEN $language = 'en' THEN coalesce(t.label_en, t.label_de, t.id) ELSE coalesce(t.label_de, t.label_en, t.id) END AS topic, size(firm_ids) AS count, firm_ids, firms, experienced, together
ORDER BY CASE WHEN t.scheme = 'h2020-part' THEN 1 ELSE 0 END, count DESC, experienced DESC, topic_id
