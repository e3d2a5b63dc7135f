"""The network library tells nobody that it runs: no identifier on the disk, no telemetry in the process."""

import os
import subprocess
import sys
from pathlib import Path

PROGRAM = """
import sys
from inference.core.masking.network import NetworkConfig, SegmentationNetwork
SegmentationNetwork(NetworkConfig())
assert "openvino" in sys.modules
assert not [name for name, module in sys.modules.items() if name.startswith("openvino_telemetry") and module]
"""


def test_loading_the_network_writes_nothing_below_the_home_folder_and_loads_no_telemetry(tmp_path: Path) -> None:
    checkout = Path(__file__).parents[3]
    environment = {**os.environ, "HOME": str(tmp_path), "TMPDIR": str(tmp_path), "PYTHONDONTWRITEBYTECODE": "1"}
    command = [sys.executable, "-c", PROGRAM]
    done = subprocess.run(command, cwd=checkout, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert not [path.name for path in tmp_path.rglob("*")]
