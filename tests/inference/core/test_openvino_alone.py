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


TOGETHER = """
import threading
import numpy as np
from inference.core.masking.network import NetworkConfig, SegmentationNetwork
network, begin = SegmentationNetwork(NetworkConfig()), threading.Barrier(6)
network._run._compiled((1, 384, 640, 3))
def look() -> None:
    begin.wait()
    network.probabilities(np.zeros((360, 640, 3), np.uint8))
threads = [threading.Thread(target=look) for _ in range(6)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
"""


def test_cameras_that_begin_at_once_do_not_wait_for_each_other_for_ever() -> None:
    checkout = Path(__file__).parents[3]
    for _ in range(3):  # each process has one first use
        done = subprocess.run(
            [sys.executable, "-c", TOGETHER], cwd=checkout, timeout=60, capture_output=True, text=True
        )
        assert done.returncode == 0, done.stderr
