"""Taking part by files: a node without network, and the relay that carries for it."""
