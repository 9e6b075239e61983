// name: organization_partners
// de: Partner einer Organisation: wer in denselben Projekten ist
// en: Partners of an organisation: who is in the same projects
// book: program
// param id: string
// param skip: int = 0
// param limit: int = 25
MATCH (:Organization {id: $id})-[:PARTICIPATES_IN]->(p:Project)<-[:PARTICIPATES_IN]-(o:Organization)
WHERE o.id <> $id
WITH o, count(p) AS shared
RETURN o.id AS id, o.name AS name, o.city AS city, o.country AS country, labels(o) AS labels, o.projects AS projects, o.partners AS partners, shared
ORDER BY shared DESC, name, id
SKIP $skip
LIMIT $limit
