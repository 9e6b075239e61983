// name: organization_links
// de: Wovon eine Organisation ein Teil ist, ihre Teile und die Kooperationen, die eine Quelle nennt
// en: What an organisation is part of, its parts, and the cooperations that a source states
// book: program
// param id: string
// param limit: int = 150
MATCH (a:Organization {id: $id})-[r:PART_OF|COOPERATES_WITH]-(o:Organization)
RETURN type(r) AS type, startNode(r).id AS first,
       o.id AS id, o.name AS name, o.city AS city, o.country AS country, labels(o) AS labels, o.projects AS projects, o.partners AS partners,
       r.status AS status, r.since AS since, r.evidence AS evidence
ORDER BY type, name, id
LIMIT $limit
