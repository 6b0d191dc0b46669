"""Images become records: frozen backbone, projection and constants, fixed by a recipe."""
