"""Here the gate is as it is for users: only assessments stand in it, and they are asked."""

import pytest

from cameras.assessing import gate


@pytest.fixture(autouse=True)
def _assessments_are_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("cameras.running.AGAINST_RUNNING", (gate.reasons_against_running,))
    monkeypatch.setattr("cameras.running.AGAINST_STARTING", (gate.reasons_against_starting,))
