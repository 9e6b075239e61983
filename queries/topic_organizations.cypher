// name: topic_organizations
// de: Organisationen mit den meisten Projekten zu einem Thema
// en: Organisations with most projects on a topic
// book: program
// param id: string
// param skip: int = 0
// param limit: int = 25
MATCH (t:Topic {id: $id})<-[r:WORKS_ON]-(o:Organization)
RETURN o.id AS id, o.name AS name, o.city AS city, o.country AS country, labels(o) AS labels, o.projects AS projects, o.partners AS partners, r.weight AS weight, r.projects AS shared
ORDER BY shared DESC, weight DESC, id
SKIP $skip
LIMIT $limit
