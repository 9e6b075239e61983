"""From texts to claims: topics in titles and names by words (topics.py), later pages and PDFs with a pipeline.

spaCy may be imported only here, and never where a page of the site waits for it.
"""
