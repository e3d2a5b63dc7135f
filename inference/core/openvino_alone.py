"""OpenVINO without its telemetry.

`import openvino` alone sends an event with an identifier of this machine to Google Analytics and writes that identifier
below the home folder (package `openvino_telemetry`, which OpenVINO pulls in and takes a stub for where it is missing).
A program that watches public places tells nobody outside that it runs.
"""

import sys
from typing import Any


def load_openvino() -> Any:
    """Return the module `openvino`, imported so that it finds no telemetry."""
    sys.modules.setdefault("openvino_telemetry", None)  # type: ignore[arg-type]  # None: "there is no such module"
    import openvino

    return openvino
