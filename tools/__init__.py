"""What `make` runs: execution, the site, the decks and their checks."""
