"""Reading: from the bytes of a page, a PDF, a letter or a feed to one normalised text with a map back (one file a format).

`ingest/text/read.py` is the only door; parsers of hostile formats run in the worker (worker.py), never in the caller's process.
"""
