"""Looks before the work: at a site that is to take part in a round, at a machine for zkfl."""
