"""Identity: which records are one organisation, where they are, what kind they are.  Decisions over claims, never a change to them."""
