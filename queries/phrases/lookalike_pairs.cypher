// name: lookalike_pairs
// de: Firma und Forschungseinrichtung mit gemeinsamen Partnern und Themen, aber ohne Projekt
// en: Firm and research institution that share partners and topics but no project
// book: phrase
// text de: Paare, die sich über Dritte schon fast kennen: eine Firma des Ortes und eine Forschungseinrichtung der Region haben gemeinsame Partner und
//   gemeinsame Themen, aber noch kein gemeinsames Projekt und keine genannte Zusammenarbeit. «Firma»: in den Daten als Unternehmen geführt; was
//   das Handelsregister als erloschen kennt, bleibt weg. «Forschungseinrichtung»: Hochschule oder Forschungsinstitut. «Gemeinsamer Partner»:
//   eine dritte Organisation, die mit beiden in einem Projekt von überschaubarer Größe war; sie könnte die beiden bekannt machen. «Gemeinsames
//   Thema»: beide arbeiten daran; die weiten Programmteile der EU (h2020-part) zählen nicht.
// text en: Pairs that nearly know each other through others: a firm of the place and a research institution of the region have common partners and
//   common topics, but no common project and no stated cooperation yet. “Firm”: the data call it a company; what the commercial register knows
//   as dissolved is left out. “Research institution”: university or research institute. “Common partner”: a third organisation that was with
//   both in a project of manageable size; it could introduce them. “Common topic”: both work on it; the wide parts of the EU programme
//   (h2020-part) do not count.
// param place: place = "place:region:ruhr"
// param place de: Ort
// param place en: Place
// param region: place = "place:region:ruhr"
// param region de: Region
// param region en: Region
// param least: int = 1
// param least de: mindestens so viele gemeinsame Partner
// param least en: at least so many common partners
// param participants: int = 12
// param participants de: Projekte mit höchstens so vielen Beteiligten
// param participants en: projects with at most so many participants
// param language: string = "de"
// param language de: Sprache der Antwort (de, en)
// param language en: Language of the answer (de, en)
// column firm_id de: Kennung der Firma
// column firm_id en: Firm id
// column firm de: Firma
// column firm en: Firm
// column research_id de: Kennung der Einrichtung
// column research_id en: Institution id
// column research de: Forschungseinrichtung
// column research en: Research institution
// column common_partners de: Gemeinsame Partner
// column common_partners en: Common partners
// column partner_ids de: Kennungen der Partner
// column partner_ids en: Partner ids
// column partners de: Wer sie bekannt machen kann
// column partners en: Who can introduce them
// column common_topics de: Gemeinsame Themen
// column common_topics en: Common topics
// column topics de: Themen
// column topics en: Topics
MATCH (:Place {id: $region})<-[:WITHIN*0..3]-(:Place)<-[:LOCATED_IN]-(s:Organization)
WHERE (s:University OR s:ResearchInstitute) AND s.partners > 0 AND coalesce(s.status, '') <> 'dissolved'
WITH collect(DISTINCT s.id) AS regional
MATCH (:Place {id: $place})<-[:WITHIN*0..3]-(:Place)<-[:LOCATED_IN]-(f:Company)
WHERE f.partners > 0 AND coalesce(f.status, '') <> 'dissolved'
WITH DISTINCT regional, f
MATCH (f)-[:WORKS_ON]->(t:Topic)<-[:WORKS_ON]-(r:Organization)
WHERE r.id IN regional AND NOT t.scheme IN ['cordis-call', 'h2020-part']
WITH f, collect(DISTINCT r.id) AS alike
OPTIONAL MATCH (f)-[:COOPERATES_WITH]-(c:Organization)
WITH f, alike, collect(c.id) AS stated
MATCH (f)-[:PARTICIPATES_IN]->(p:Project)<-[:PARTICIPATES_IN]-(x:Organization)
WHERE x.id <> f.id
WITH f, alike, stated, collect(DISTINCT x.id) AS met, collect(DISTINCT CASE WHEN p.participants <= $participants THEN x ELSE null END) AS close
WITH f, alike, stated + met AS known, close
UNWIND close AS x
MATCH (x)-[:PARTICIPATES_IN]->(p:Project)<-[:PARTICIPATES_IN]-(r:Organization)
WHERE p.participants <= $participants AND r.id IN alike AND NOT r.id IN known
WITH DISTINCT f, r, x
ORDER BY x.id
WITH f, r, collect(x.id) AS partner_ids, collect(x.name) AS partners
WHERE size(partner_ids) >= $least
MATCH (f)-[:WORKS_ON]->(t:Topic)<-[:WORKS_ON]-(r)
WHERE NOT t.scheme IN ['cordis-call', 'h2020-part']
WITH f, r, partner_ids, partners, t
ORDER BY t.id
WITH f, r, partner_ids, partners, collect(CASE WHEN $language = 'en' THEN coalesce(t.label_en, t.label_de, t.id) ELSE coalesce(t.label_de, t.label_en, t.id) END) AS topics
RETURN f.id AS firm_id, f.name AS firm, r.id AS research_id, r.name AS research, size(partner_ids) AS common_partners, partner_ids[..5] AS partner_ids, partners[..5] AS partners,
       size(topics) AS common_topics, topics[..5] AS topics
ORDER BY common_partners DESC, common_topics DESC, firm_id, research_id
