// name: bridges_to_cities
// de: Brücken in andere Städte
// en: Bridges to other cities
// book: phrase
// text de: Welche Organisationen des Ortes mit Partnern in den meisten anderen Städten verbunden sind. «Partner»: Organisation, die mit ihr ein Projekt
//   teilt. «Andere Stadt»: eine andere als die eigene, im In- und Ausland; Partner ohne bekannte Stadt zählen nicht. Eine Stadt, die in den
//   Quellen verschieden geschrieben ist, kann doppelt zählen.
// text en: Which organisations of the place are connected to partners in most other cities. “Partner”: an organisation that shares a project with it.
//   “Other city”: another than its own, at home or abroad; partners without a known city do not count. A city that the sources spell in
//   different ways may count twice.
// param place: place = "place:region:ruhr"
// param place de: Ort
// param place en: Place
// column organization_id de: Kennung
// column organization_id en: Id
// column organization de: Organisation
// column organization en: Organisation
// column city de: Stadt
// column city en: City
// column cities de: Andere Städte
// column cities en: Other cities
// column countries de: Länder
// column countries en: Countries
// column partners de: Partner
// column partners en: Partners
// column projects de: Projekte
// column projects en: Projects
MATCH (:Place {id: $place})<-[:WITHIN*0..3]-(:Place)<-[:LOCATED_IN]-(o:Organization)
WHERE o.partners > 0
WITH DISTINCT o
MATCH (o)-[:PARTICIPATES_IN]->(:Project)<-[:PARTICIPATES_IN]-(x:Organization)
WHERE x.id <> o.id AND x.city IS NOT NULL AND toLower(x.city) <> toLower(coalesce(o.city, ''))
WITH DISTINCT o, toLower(x.city) AS city, coalesce(x.country, '') AS country
WITH o, count(*) AS cities, count(DISTINCT country) AS countries
RETURN o.id AS organization_id, o.name AS organization, o.city AS city, cities, countries, o.partners AS partners, o.projects AS projects
ORDER BY cities DESC, countries DESC, organization_id
