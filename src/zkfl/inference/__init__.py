"""Proven predictions: what the consortium's committed model says of one committed record."""
