// name: meta
// de: Stand des Graphen
// en: State of the graph
// book: program
MATCH (m:Meta {id: 'meta'})
RETURN m.schema AS schema, m.version AS version, m.store AS store, m.state AS state, m.inputs AS inputs
