"""What a measurement needs beside it: the machine it was made on."""

import os
import platform
from importlib.metadata import version
from pathlib import Path
from typing import Any


def describe_machine() -> dict[str, Any]:
    """Return processor, cores, load, memory and versions under flat keys."""
    names = [line.partition(":")[2].strip() for line in _lines("/proc/cpuinfo") if line.startswith("model name")]
    total_kb = next((int(line.split()[1]) for line in _lines("/proc/meminfo") if line.startswith("MemTotal")), 0)
    return {
        "machine_cpu": names[0] if names else platform.processor() or "unknown",
        "machine_cores": len(os.sched_getaffinity(0)),
        "machine_memory_gib": round(total_kb / 2**20, 1),
        "machine_load_1min": round(os.getloadavg()[0], 2),
        "python": platform.python_version(),
        "openvino": version("openvino"),
        "av": version("av"),
    }


def _lines(path: str) -> list[str]:
    return Path(path).read_text().splitlines() if Path(path).is_file() else []
