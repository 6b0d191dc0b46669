"""The zkfl command."""
