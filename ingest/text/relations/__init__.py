"""Relations in a text: the layout, what pronouns and «das Institut» stand for, cue words, rules, pairs of names, and what decides on them."""

from ingest.text.relations.deciding import relate

__all__ = ["relate"]
