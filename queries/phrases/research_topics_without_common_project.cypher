// name: research_topics_without_common_project
// de: Forschungsthemen mit Firmen am Ort, aber ohne gemeinsames Projekt
// en: Research topics with local firms in them but no common project
// book: phrase
// text de: Themen, an denen Firmen des Ortes und Forschungseinrichtungen der Region arbeiten, ohne dass eine dieser Firmen mit einer dieser
//   Einrichtungen je ein Projekt geteilt hat, gleich zu welchem Thema. «Firma»: in den Daten als Unternehmen geführt; was das Handelsregister
//   als erloschen kennt, bleibt weg. «Forschungseinrichtung»: Hochschule oder Forschungsinstitut; höchstens zehn werden gezeigt. «Arbeiten an»:
//   ein Projekt handelt von dem Thema, oder der Name sagt es; bei der Forschung zählen die engeren Themen mit. Die weiten Programmteile der EU
//   (h2020-part) stehen zuletzt.
// text en: Topics that firms of the place and research institutions of the region work on, while none of these firms has ever shared a project with one
//   of these institutions, whatever its topic. “Firm”: the data call it a company; what the commercial register knows as dissolved is left out.
//   “Research institution”: university or research institute; at most ten are shown. “Work on”: a project is about the topic, or the name says
//   so; for research, narrower topics count as well. The wide parts of the EU programme (h2020-part) come last.
// param place: place = "place:05119"
// param place de: Ort
// param place en: Place
// param region: place = "place:region:ruhr"
// param region de: Region
// param region en: Region
// param language: string = "de"
// param language de: Sprache der Antwort (de, en)
// param language en: Language of the answer (de, en)
// column topic_id de: Kennung des Themas
// column topic_id en: Topic id
// column topic de: Thema
// column topic en: Topic
// column firm_ids de: Kennungen der Firmen
// column firm_ids en: Ids of the firms
// column firms de: Firmen
// column firms en: Firms
// column research_ids de: Kennungen der Einrichtungen
// column research_ids en: Ids of the institutions
// column research de: Forschungseinrichtungen
// column research en: Research institutions
MATCH (:Place {id: $region})<-[:WITHIN*0..3]-(:Place)<-[:LOCATED_IN]-(r:Organization)
WHERE (r:University OR r:ResearchInstitute) AND coalesce(r.status, '') <> 'dissolved'
WITH collect(DISTINCT r.id) AS regional
MATCH (:Place {id: $place})<-[:WITHIN*0..3]-(:Place)<-[:LOCATED_IN]-(f:Company)
WHERE coalesce(f.status, '') <> 'dissolved'
OPTIONAL MATCH (f)-[:PARTICIPATES_IN]->(:Project)<-[:PARTICIPATES_IN]-(x:Organization)
WHERE x.id IN regional
WITH regional, f, collect(DISTINCT x.id) AS known
MATCH (f)-[:WORKS_ON]->(t:Topic)
WHERE t.scheme <> 'cordis-call'
WITH regional, t, f, known
ORDER BY f.id
WITH regional, t, collect(f.id) AS firm_ids, collect(f.name) AS firms, collect(known) AS all_known
MATCH (t)<-[:BROADER*0..4]-(:Topic)<-[:WORKS_ON]-(r:Organization)
WHERE r.id IN regional
WITH DISTINCT t, firm_ids, firms, all_known, r
ORDER BY r.id
WITH t, firm_ids, firms, all_known, collect(r.id) AS research_ids, collect(r.name) AS research
WHERE NOT any(known IN all_known WHERE any(x IN known WHERE x IN research_ids))
RETURN t.id AS topic_id, CASE WHEN $language = 'en' THEN coalesce(t.label_en, t.label_de, t.id) ELSE coalesce(t.label_de, t.label_en, t.id) END AS topic, firm_ids, firms, research_ids[..10] AS research_ids, research[..10] AS research
ORDER BY CASE WHEN t.scheme = 'h2020-part' THEN 1 ELSE 0 END, size(firm_ids) DESC, size(research_ids) DESC, topic_id
