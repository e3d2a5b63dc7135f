"""OpenVINO as PACA loads it: without its telemetry, and ready for several threads at once.

`import openvino` alone sends an event with an identifier of this machine to Google Analytics and writes that identifier
below the home folder (package `openvino_telemetry`, which OpenVINO pulls in and takes a stub for where it is missing).
A program that watches public places tells nobody outside that it runs.

Its tables of element types are made at their first use, in C++: one thread that makes them lets go of Python's global
lock meanwhile, and a second one that comes takes that lock and waits for the first for ever (2026.4.1, seen with two
cameras that began at once; every thread of the process stands still). So they are made here, by one thread.
"""

import sys
import threading
from typing import Any

import numpy as np

_lock = threading.Lock()


def load_openvino() -> Any:
    """Return the module `openvino`, imported so that it finds no telemetry, its tables made."""
    with _lock:
        sys.modules.setdefault("openvino_telemetry", None)  # type: ignore[arg-type]  # None: "there is no such module"
        import openvino

        tensor = openvino.Tensor(np.zeros(1, np.uint8), shared_memory=True)
        tensor.get_element_type().to_dtype()
        np.array(tensor.data)
    return openvino
