// name: organization
// de: Eine Organisation
// en: One organisation
// book: program
// param id: string
MATCH (n:Organization {id: $id})
RETURN n AS node
