"""What zkfl costs; see README.md."""
