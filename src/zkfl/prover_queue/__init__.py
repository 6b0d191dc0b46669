"""Proofs made on another machine of the same hospital: node, queue, workers."""
