"""The local chains that zkfl can start, by name; to be imported without web3."""

NODE_NAMES = ("anvil", "hardhat")
"""The first is the default."""
