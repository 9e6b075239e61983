// name: firms_without_research
// de: Firmen ohne Kontakt zur Forschung
// en: Firms without any contact to research
// book: phrase
// text de: Firmen am Ort, die mit keiner Hochschule und keinem Forschungsinstitut ein Projekt teilen und von denen keine Quelle eine Zusammenarbeit mit
//   der Forschung nennt. «Firma»: in den Daten als Unternehmen geführt; was das Handelsregister als erloschen kennt, bleibt weg. Auch Firmen,
//   die nur im Handelsregister stehen, sind dabei; ihre Themen stammen dann aus dem Namen. Kein Kontakt heißt: keiner in den geladenen Quellen.
//   «Forschung zum Thema»: Hochschulen und Forschungsinstitute der Region, die an einem ihrer Themen oder einem engeren arbeiten; mit ihnen
//   ließe sich ein Kontakt beginnen.
// text en: Local firms that share no project with a university or research institute and of which no source states a cooperation with research. “Firm”:
//   the data call it a company; what the commercial register knows as dissolved is left out. Firms that only the commercial register knows are
//   included; their topics come from the name. No contact means: none in the sources that are loaded. “Research on the topic”: universities and
//   research institutes of the region that work on one of its topics or a narrower one; a contact could begin with them.
// param place: place = "place:05119"
// param place de: Ort
// param place en: Place
// param region: place = "place:region:ruhr"
// param region de: Region
// param region en: Region
// param topic: topic = ""
// param topic de: Thema (leer: alle)
// param topic en: Topic (empty: all)
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
// column partners de: Partner
// column partners en: Partners
// column topics de: Themen
// column topics en: Topics
// column research_ids de: Kennungen der Forschung
// column research_ids en: Ids of research
// column research de: Forschung zum Thema
// column research en: Research on the topic
OPTIONAL MATCH (:Place {id: $region})<-[:WITHIN*0..3]-(:Place)<-[:LOCATED_IN]-(s:Organization)
WHERE (s:University OR s:ResearchInstitute) AND coalesce(s.status, '') <> 'dissolved'
WITH collect(DISTINCT s.id) AS regional
OPTIONAL MATCH (:Topic {id: $topic})<-[:BROADER*0..4]-(n:Topic)
WITH regional, collect(DISTINCT n.id) AS wanted
MATCH (:Place {id: $place})<-[:WITHIN*0..3]-(:Place)<-[:LOCATED_IN]-(o:Company)
WHERE o.research_partners = 0 AND coalesce(o.status, '') <> 'dissolved'
OPTIONAL MATCH (o)-[w:WORKS_ON]->(t:Topic)
OPTIONAL MATCH (t)<-[:BROADER*0..4]-(:Topic)<-[:WORKS_ON]-(r:Organization)
WHERE r.id IN regional
WITH wanted, o, w, t, r
ORDER BY w.weight DESC, t.id, r.id
WITH wanted, o, collect(DISTINCT t.id) AS ids, collect(DISTINCT CASE WHEN $language = 'en' THEN coalesce(t.label_en, t.label_de, t.id) ELSE coalesce(t.label_de, t.label_en, t.id) END) AS topics, collect(DISTINCT r.id) AS research_ids, collect(DISTINCT r.name) AS research
WHERE $topic = '' OR any(x IN ids WHERE x IN wanted)
RETURN o.id AS organization_id, o.name AS organization, o.city AS city, o.projects AS projects, o.partners AS partners, topics[..3] AS topics,
       research_ids[..3] AS research_ids, research[..3] AS research
ORDER BY projects DESC, partners DESC, size(topics) DESC, organization_id
