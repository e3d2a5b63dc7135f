from pathlib import Path

import pytest

from alerts.system.causes import CAMERA_CAUSES, PRIVACY, RULES, Cause
from paca_site.metrics.measures import REGISTRY

DOCUMENT = (Path(__file__).resolve().parents[3] / "docs" / "operations.md").read_text()


@pytest.mark.parametrize("cause", Cause)
def test_every_cause_has_its_rule_and_its_row(cause: Cause) -> None:
    assert RULES[cause].advice.endswith(".")
    mark = " *" if cause in PRIVACY else ""
    rows = [line for line in DOCUMENT.splitlines() if line.startswith(f"| {cause.label}{mark} |")]
    assert len(rows) == 1
    told_after = rows[0].split("|")[4].strip()
    seconds = RULES[cause].raise_after.total_seconds()
    assert (told_after == f"{seconds:.0f} s") is (seconds > 0)


def test_what_a_worker_judges_is_told_of_its_camera() -> None:
    assert set(CAMERA_CAUSES) <= set(RULES)
    assert set(PRIVACY) <= set(CAMERA_CAUSES)


def test_every_measure_has_a_row() -> None:
    families = [family.name for family in REGISTRY.collect()]
    assert families
    assert not [name for name in families if f"`{name}" not in DOCUMENT]
