// name: organization_many
// de: Mehrere Organisationen
// en: Several organisations
// book: program
// param ids: strings
UNWIND $ids AS wanted
MATCH (o:Organization {id: wanted})
RETURN o.id AS id, o.name AS name, o.city AS city, o.country AS country, labels(o) AS labels, o.projects AS projects, o.partners AS partners
