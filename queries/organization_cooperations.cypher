// name: organization_cooperations
// de: Kooperationen, die eine Quelle nennt
// en: Cooperations that a source states
// book: program
// param id: string
// param limit: int = 50
MATCH (:Organization {id: $id})-[r:COOPERATES_WITH]-(o:Organization)
RETURN o.id AS id, o.name AS name, o.city AS city, o.country AS country, labels(o) AS labels, o.projects AS projects, o.partners AS partners, r.status AS status, r.since AS since, r.evidence AS evidence
ORDER BY name, id
LIMIT $limit
