"""What goes with a model that leaves the consortium: read from the chain or checked, or unknown."""
