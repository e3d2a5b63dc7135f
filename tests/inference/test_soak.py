"""A short soak of real lines behind a failing one, and what the soak refuses."""

from pathlib import Path

import pytest

from tests.soak import FAULTS, Report, Size, judge, run, summary


def report(**changes: object) -> Report:
    sizes = [Size(200.0, 30, 20) for _ in range(20)]
    found = Report(20, "cover-all", {fault: [1.0] * 5 for fault in FAULTS}, sizes, 100.0, [0.0, 0.0, 0.0])
    for name, value in changes.items():
        setattr(found, name, value)
    return found


def test_a_soak_without_fault_is_accepted() -> None:
    assert judge(report()) == []
    assert summary(report(), [])["is_good"] is True


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"sizes": [Size(200.0 + 2 * n, 30, 20) for n in range(20)]}, "Memory grew"),
        ({"sizes": [Size(200.0, 30 + n, 20) for n in range(20)]}, "Open files grew"),
        ({"sizes": [Size(200.0, 30, 20 + n) for n in range(20)]}, "Open threads grew"),
        ({"back_s": {"stall": [1.0, 10.4]}}, "Back after 10.4 s"),
        ({"others_missing": [0.0, 0.03, 0.0]}, "lost frames"),
        ({"others_reconnects": 1}, "reconnected 1 times"),
    ],
)
def test_a_soak_refuses_what_leaks_is_late_or_harms_others(changes: dict[str, object], words: str) -> None:
    assert words in " ".join(judge(report(**changes)))


@pytest.mark.e2e
def test_one_fault_of_each_kind_on_one_of_four_cameras_harms_nobody(tmp_path: Path) -> None:
    found = run(len(FAULTS), "cover-all", tmp_path)
    assert all(len(back_s) == 1 for back_s in found.back_s.values())
    # memory settles later than this ends, and one frame of so few is more than the share that a long run may lose
    assert max(found.others_missing) < 0.05
    assert not [told for told in judge(found) if "Memory" not in told and "lost frames" not in told]
