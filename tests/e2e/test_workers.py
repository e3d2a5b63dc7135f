"""What a control room notices of a worker that dies, joins or is replaced: next to nothing."""

import pytest

from tests.e2e.workers import run

pytestmark = pytest.mark.e2e


def test_cameras_find_another_worker_shares_even_out_and_nothing_is_double() -> None:
    """How fast stands in docs/reliability.md: a machine that does other things is slower, and no less right."""
    found = run()
    assert found["cameras_of_the_killed"] >= 2
    assert found["cameras_of_the_leaver"] >= 2
    assert found["all_elsewhere_after_kill_s"] < 30
    assert (found["segments_overlapping"], found["alerts_doubled"]) == (0, 0)
