"""Fault drills: real processes, killed with SIGKILL at every step of a round, and what follows."""
