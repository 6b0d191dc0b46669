"""What an auditor of the contracts asks for: mutants, layouts, sizes; see docs/security."""
