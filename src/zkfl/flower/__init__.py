"""Flower as the carrier between stores: it moves artefacts, and the chain decides.

Flower reads its switches when it is imported, so they are set here, before any module of this
package can import it: no usage reports, no question to its makers for a newer version, and
nothing on the screen but warnings, unless the environment asks for more.
"""

import os

os.environ["FLWR_TELEMETRY_ENABLED"] = "0"
os.environ["FLWR_DISABLE_UPDATE_CHECK"] = "1"
os.environ.setdefault("FLWR_LOG_LEVEL", "WARNING")
