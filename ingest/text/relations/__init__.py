"""Relations in a text: the layout, what pronouns and «das Institut» stand for, cue words, pairs of names, what decides on them, and how far they are."""
