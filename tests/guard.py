"""The network guard of this process: the one that Python loaded at its start, if it did.

A process that a test starts (and a worker of pytest-xdist) has it from its start; the first one
loads it here. Two of them would refuse with two different exceptions.
"""

from __future__ import annotations

import sys
from importlib import import_module

_started = sys.modules.get("sitecustomize")
_guard = (
    _started
    if hasattr(_started, "NetworkForbidden")
    else import_module("tests.guarded.sitecustomize")
)
NetworkForbidden: type[RuntimeError] = _guard.NetworkForbidden  # type: ignore[union-attr]
refused: list[str] = _guard.refused  # type: ignore[union-attr]
