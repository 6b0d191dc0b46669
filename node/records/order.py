"""Shuffles that are a function of a key alone, the same on every machine and version."""

import hashlib
import hmac


def keyed_order(key: bytes, count: int) -> list[int]:
    """Return ``0..count-1`` sorted by HMAC-SHA256 under the key.

    To anyone without the key the order is indistinguishable from a random one; NumPy's
    generators promise neither that nor the same stream in the next version.
    """
    return sorted(
        range(count), key=lambda i: hmac.digest(key, i.to_bytes(8, "big"), hashlib.sha256)
    )
