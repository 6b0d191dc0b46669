"""What the figures were measured on."""

import os
import platform
from importlib.metadata import version

_PACKAGES = ("ezkl", "torch", "tenseal", "web3", "cryptography", "numpy")


def describe_machine() -> dict[str, object]:
    """Return cores, memory in bytes, versions, and how busy the machine already is."""
    return {
        "system": f"{platform.system()} {platform.machine()}",
        "python": platform.python_version(),
        "cores": os.cpu_count(),
        "memory_bytes": os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE"),
        "load_before": os.getloadavg()[0],
        "packages": {name: version(name) for name in _PACKAGES},
    }
