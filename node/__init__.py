"""zkfl."""
