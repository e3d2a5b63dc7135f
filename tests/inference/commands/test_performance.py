import json
import sys
from pathlib import Path

import pytest

from inference.commands import performance

MACHINE = {
    "machine_cpu": "A", "machine_cores": 2, "machine_memory_gib": 8, "machine_load_1min": 0.1,
    "python": "3.11", "openvino": "1", "av": "1",
}  # fmt: skip


def test_figures_of_other_commands_stay_when_the_bench_writes_its_page(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "detection.json").write_text(json.dumps({**MACHINE, "paca_ms": 1.5, "paca_p95_ms": 2.5}))
    page = tmp_path / "performance.md"
    page.write_text(f"# Performance\nold figures\n\n{performance.KEPT}\n## The desk\n12 ms\n")
    monkeypatch.setattr(sys, "argv", ["performance", str(tmp_path), str(page)])
    for _ in range(2):  # and again, and none of it twice
        performance.main()
        text = page.read_text()
        assert "old figures" not in text
        assert "| paca | 1.50 | 2.50 |" in text
        assert text.endswith(f"\n\n{performance.KEPT}\n## The desk\n12 ms\n")
        assert text.count(performance.KEPT) == 1


def test_a_page_that_is_not_there_yet_has_nothing_to_keep(tmp_path: Path) -> None:
    assert performance.kept_part(tmp_path / "performance.md") == ""
