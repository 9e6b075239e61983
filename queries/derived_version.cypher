// name: derived_version
// de: Version des Graphen
// en: Version of the graph
// book: program
MATCH (m:Meta {id: 'meta'})
RETURN m.version AS version, m.state AS state
