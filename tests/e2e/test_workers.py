"""What a control room notices of a worker that dies, joins or is replaced: next to nothing."""

import pytest

from tests.e2e.workers import run

pytestmark = pytest.mark.e2e


def test_cameras_find_another_worker_shares_even_out_and_nothing_is_double() -> None:
    found = run()
    assert found["cameras_of_the_killed"] >= 2
    assert found["cameras_of_the_leaver"] >= 2
    assert found["all_elsewhere_after_kill_s"] <= 8.0, "5 s on a machine with nothing else to do"
    assert found["even_after_join_s"] <= 30.0
    assert found["gap_after_term_s"] <= 2.0, "handed over, not dropped and found again"
    assert (found["segments_overlapping"], found["alerts_doubled"]) == (0, 0)
