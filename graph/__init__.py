"""The graph: its model and vocabulary, the engines behind one Bolt driver, reading and writing, derived files, suggestion, state.

Nothing here imports `ingest` or `web`; whoever wants the graph imports from here.
"""
