"""The root of every error zkfl raises on purpose."""


class ZkflError(Exception):
    """Something was refused; the message says what, which value, and what to do."""
