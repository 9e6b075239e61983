// name: alias_of_organization
// de: Weitere Kennungen einer Organisation
// en: Further ids of an organisation
// book: program
// param id: string
// param limit: int = 50
MATCH (o:Organization {id: $id})<-[:IDENTIFIES]-(a:Alias)
RETURN a.id AS id, a.source AS source
ORDER BY id
LIMIT $limit
