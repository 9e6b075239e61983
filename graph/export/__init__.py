"""Files of the graph or of a part of it: CSV, CSV for neo4j-admin, JSON, JSON lines, JSON-LD, GraphML, each with the licences of what it holds."""
