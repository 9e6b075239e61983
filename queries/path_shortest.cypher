// name: path_shortest
// de: Der kürzeste Weg zwischen zwei Organisationen
// en: The shortest path between two organisations
// book: program
// param a: string
// param b: string
MATCH (a:Organization {id: $a}), (b:Organization {id: $b})
MATCH w = shortestPath((a)-[:PARTICIPATES_IN|COOPERATES_WITH*..8]-(b))
RETURN w AS path
LIMIT 1
