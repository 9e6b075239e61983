// name: documents_total
// de: Wie viele Dokumente es gibt
// en: How many documents there are
// book: program
MATCH (d:Document)
RETURN count(d) AS total
