// name: organization_children
// de: Teile einer Organisation
// en: Parts of an organisation
// book: program
// param id: string
// param limit: int = 50
MATCH (:Organization {id: $id})<-[r:PART_OF]-(o:Organization)
RETURN o.id AS id, o.name AS name, o.city AS city, o.country AS country, labels(o) AS labels, o.projects AS projects, o.partners AS partners, r.evidence AS evidence
ORDER BY name, id
LIMIT $limit
