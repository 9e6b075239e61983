"""From publishers' files and texts to claims, from claims to identity, from identity to the graph.

Imports `graph`; is imported by `web` and the command line only.
"""
