// name: organization_places
// de: Wo eine Organisation ihren Sitz hat
// en: Where an organisation has its seat
// book: program
// param id: string
// param limit: int = 5
MATCH (o:Organization {id: $id})-[r:LOCATED_IN]->(l:Place)
RETURN l.id AS id, l.name AS name, l.level AS level, l.organizations AS organizations, r.evidence AS evidence
ORDER BY id
LIMIT $limit
