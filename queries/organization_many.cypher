// name: organization_many
// de: Mehrere Organisationen
// en: Several organisations
// book: program
// param ids: strings
UNWIND $ids AS id
MATCH (n:Organization {id: id})
RETURN n AS node
