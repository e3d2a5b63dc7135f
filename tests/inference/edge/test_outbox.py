"""The box's only store: bounded, in order, nothing lost with the process."""

import os
import signal
import subprocess
import sys
import time
from datetime import UTC, datetime
from itertools import pairwise
from pathlib import Path

import pytest

from inference.core.boxes.attesting import GENESIS, chain_faults, record_hash, record_parse, sum_faults
from inference.core.events import AnomalyEvent, Phase
from inference.edge.outbox import Outbox

AT = datetime(2026, 11, 23, 12, tzinfo=UTC)


def event(number: int, phase: Phase = "started", score: float = 0.8) -> AnomalyEvent:
    return AnomalyEvent(
        event_id=f"{number:032x}",
        phase=phase,
        kind="dispersal",
        started_at=AT,
        peak_at=AT,
        score=score,
        confidence=80.0,
        threshold=0.5,
        sentence="People moving apart",
        facts={"people": 9.0},
        region=((0.0, 0.0), (1.0, 0.0), (1.0, 1.0)),
        regions=(),
        scores=(),
        masker="m",
        detector="d",
        ended_at=AT if phase == "ended" else None,
    )


def waiting(outbox: Outbox) -> list[str]:
    found = []
    while (state := outbox.event_next()) is not None:
        found.append(str(state.body["event_id"])[-2:])
        outbox.event_done(state.key)
    return found


def test_states_wait_in_order_and_those_in_the_middle_replace_each_other(tmp_path: Path) -> None:
    outbox = Outbox(tmp_path / "outbox.sqlite")
    for state in (event(1), event(2), event(1, "ongoing", 0.81), event(1, "ongoing", 0.9), event(1, "ended")):
        outbox.event_put(3, state)
    assert outbox.event_count() == 3
    assert waiting(outbox) == ["01", "02", "01"]


def test_a_full_outbox_spares_starts_and_ends_and_counts_what_it_loses(tmp_path: Path) -> None:
    outbox = Outbox(tmp_path / "outbox.sqlite", max_events=3)
    outbox.event_put(1, event(1))
    outbox.event_put(1, event(1, "ongoing"))
    outbox.event_put(1, event(2))
    outbox.event_put(1, event(3))
    assert outbox.event_count() == 3
    assert outbox.fact("events_lost", "0") == "0"
    outbox.event_put(1, event(4))
    assert outbox.fact("events_lost", "0") == "1"
    assert waiting(outbox) == ["02", "03", "04"]


def test_the_file_is_readable_by_its_owner_only(tmp_path: Path) -> None:
    outbox = Outbox(tmp_path / "box" / "outbox.sqlite")  # held: what is let go of takes its log away meanwhile
    outbox.event_put(1, event(1))
    assert {path.stat().st_mode & 0o077 for path in (tmp_path / "box").iterdir()} == {0}


def test_the_chain_goes_on_over_restarts_and_begins_anew_with_an_enrolment(tmp_path: Path) -> None:
    path = tmp_path / "outbox.sqlite"
    texts, counts = [], {"decoded": 2, "masked": 1, "withheld": 1, "discarded": 0, "held_before": 0, "held": 0}
    for minute in range(3):
        outbox = Outbox(path)
        began, ended = AT.replace(minute=minute).isoformat(), AT.replace(minute=minute + 1).isoformat()
        outbox.record_add(1, began, ended, {"1": {**counts, "raw_left": 0}})
        outbox.close()
    outbox = Outbox(path)
    number, head = outbox.head(1)
    while (row := outbox.record_next()) is not None:
        texts.append(row[1])
        outbox.record_done(row[0])
    before, before_hash = None, GENESIS
    for text in texts:
        record = record_parse(text)
        assert [*sum_faults(record), *chain_faults(record, before, before_hash)] == []
        before, before_hash = record, record_hash(text)
    assert (number, head) == (3, before_hash)
    assert outbox.head(2) == (0, GENESIS)
    assert outbox.record_add(2, AT.isoformat(), AT.isoformat(), {})["number"] == 1


WRITER = """
import sys
from pathlib import Path
from inference.edge.outbox import Outbox
from tests.inference.edge.test_outbox import event
outbox = Outbox(Path(sys.argv[1]))
first = int(sys.argv[2])
for number in range(first, first + 10**6):
    outbox.event_put(1, event(number))
    print(number, flush=True)
    outbox.record_add(1, "a", "b", {})
"""


def test_what_was_put_outlives_a_kill_between_any_two_steps(tmp_path: Path) -> None:
    path, first = tmp_path / "outbox.sqlite", 1
    for delay_s in (0.0, 0.03, 0.07, 0.11):
        told: list[int] = []
        command = [sys.executable, "-c", WRITER, str(path), str(first)]
        with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=Path(__file__).parents[3]) as writer:
            assert writer.stdout is not None
            told.append(int(writer.stdout.readline()))
            time.sleep(delay_s)
            os.kill(writer.pid, signal.SIGKILL)
            told += [int(line) for line in writer.stdout.read().split()]
        outbox = Outbox(path, 10**6)
        found = waiting_numbers(outbox)
        assert found[: len(told)] == told, "what was said to be kept is kept, in order, once"
        assert len(found) - len(told) <= 1, "at most the one whose answer the kill cut off"
        numbers = [row[0] for row in iter_records(outbox)]
        assert all(later - earlier == 1 for earlier, later in pairwise(numbers))
        outbox.close()
        first = found[-1] + 1


def waiting_numbers(outbox: Outbox) -> list[int]:
    found = []
    while (state := outbox.event_next()) is not None:
        found.append(int(state.body["event_id"], 16))
        outbox.event_done(state.key)
    return found


def iter_records(outbox: Outbox) -> list[tuple[int, str]]:
    found = []
    while (row := outbox.record_next()) is not None:
        found.append(row)
        outbox.record_done(row[0])
    return found


@pytest.mark.parametrize("enrolment", [1, 2])
def test_an_empty_outbox_has_an_empty_chain(tmp_path: Path, enrolment: int) -> None:
    assert Outbox(tmp_path / "outbox.sqlite").head(enrolment) == (0, GENESIS)
