// name: console_start
// de: Beispiel, mit dem die Konsole beginnt
// en: The example that the console begins with
// book: program
MATCH (o:Company)-[:PARTICIPATES_IN]->(p:Project)
RETURN o.id AS organization_id, o.name AS organization, p.id AS project_id, p.title AS project
LIMIT 25
