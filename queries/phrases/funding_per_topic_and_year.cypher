// name: funding_per_topic_and_year
// de: Fördermittel je Thema und Jahr
// en: Funding per topic and year
// book: phrase
// text de: Wie viel Förderung in einen Ort geflossen ist, nach Thema und Jahr. «Förderung»: was die Quelle für diese Organisation nennt, sonst die
//   Förderung des Projekts, wenn sie dort allein ist; wo die Quelle nur eine Summe für mehrere Beteiligte nennt, wird nichts aufgeteilt und
//   «ohne Betrag» gezählt. Ein Projekt mit mehreren Themen steht bei jedem, und jede Quelle hat eigene Themen: die Summen der Themen dürfen
//   nicht zusammengezählt werden. «Jahr»: Beginn des Projekts oder Jahr der Bewilligung, nicht das der Zahlung.
// text en: How much funding came into a place, by topic and year. “Funding”: what the source states for this organisation, else the project's funding
//   where it is alone in it; where the source states only a sum for several participants, nothing is divided and the participation is counted as
//   “without amount”. A project with several topics stands with each of them, and each source has topics of its own: do not add up the topics.
//   “Year”: start of the project or year of approval, not of payment.
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
// column year de: Jahr
// column year en: Year
// column topic_id de: Kennung des Themas
// column topic_id en: Topic id
// column topic de: Thema
// column topic en: Topic
// column funding_eur de: Förderung in Euro
// column funding_eur en: Funding in euro
// column projects de: Projekte
// column projects en: Projects
// column organizations de: Organisationen
// column organizations en: Organisations
// column without_amount de: Beteiligungen ohne Betrag
// column without_amount en: Participations without amount
OPTIONAL MATCH (:Topic {id: $topic})<-[:BROADER*0..4]-(n:Topic)
WITH collect(DISTINCT n.id) AS wanted
MATCH (:Place {id: $place})<-[:WITHIN*0..3]-(:Place)<-[:LOCATED_IN]-(o:Organization)
WHERE o.projects > 0
WITH DISTINCT wanted, o
MATCH (o)-[r:PARTICIPATES_IN]->(p:Project)-[:ABOUT]->(t:Topic)
WHERE ($topic = '' OR t.id IN wanted) AND ($scheme = '' OR t.scheme = $scheme) AND t.scheme <> 'cordis-call' AND toInteger(substring(p.start, 0, 4)) >= $since
WITH t, substring(p.start, 0, 4) AS year, p.id AS pid, o.id AS oid, coalesce(r.funding_eur, CASE WHEN p.participants = 1 THEN p.funding_eur ELSE null END) AS eur
WITH t, year, sum(eur) AS funding, count(DISTINCT pid) AS projects, count(DISTINCT oid) AS organizations, sum(CASE WHEN eur IS NULL THEN 1 ELSE 0 END) AS without_amount
RETURN year, t.id AS topic_id, CASE WHEN $language = 'en' THEN coalesce(t.label_en, t.label_de, t.id) ELSE coalesce(t.label_de, t.label_en, t.id) END AS topic, round(funding) AS funding_eur, projects, organizations, without_amount
ORDER BY year DESC, funding_eur DESC, topic_id
