"""What every registered detector must do."""

import re

import numpy as np
import pytest

from inference.core.detection.registry import DETECTORS, create_detector
from inference.core.errors import DetectionError
from inference.core.events import AnomalyEvent
from inference.core.frames import RawFrame
from inference.core.masking.withhold import withhold
from tests.inference.core.detection.scenes import STARTED_AT, brawling, empty, masked_frames, walking

pytestmark = pytest.mark.parametrize("name", sorted(DETECTORS))
SENSITIVE = 0.02
"""So low that any movement starts an event: the contract is about events, not about when."""


def raw() -> RawFrame:
    return RawFrame(np.zeros((90, 160, 3), np.uint8), 0, 0.0, STARTED_AT)


def events_of(name: str, fps: float = 12.5, duration_s: float = 6.0) -> list[AnomalyEvent]:
    detector = create_detector(name, threshold=SENSITIVE)
    found = [event for frame in masked_frames(brawling, duration_s, fps) for event in detector.update(frame).events]
    return [*found, *detector.finish()]


def test_it_refuses_an_unmasked_frame(name: str) -> None:
    with pytest.raises(TypeError, match="MaskedFrame"):
        create_detector(name).update(raw())  # type: ignore[arg-type]


def test_scores_are_between_0_and_1_and_regions_within_the_picture(name: str) -> None:
    detector = create_detector(name)
    for draw in (empty, walking, brawling):
        for frame in masked_frames(draw, 2.0):
            detection = detector.update(frame)
            assert 0.0 <= detection.score <= 1.0
            for x, y in detection.region or ():
                assert 0.0 <= x <= 1.0
                assert 0.0 <= y <= 1.0
        detector.finish()


@pytest.mark.parametrize("fps", [5.0, 12.5])
def test_one_incident_is_one_event_that_starts_goes_on_and_ends(name: str, fps: float) -> None:
    events = events_of(name, fps)
    assert len({event.event_id for event in events}) == 1
    assert [event.phase for event in events if event.phase != "ongoing"] == ["started", "ended"]
    assert events[-1].ended_at is not None
    assert events[-1].ended_at > events[-1].started_at


def test_ongoing_is_said_at_most_once_a_second(name: str) -> None:
    ongoing = [event for event in events_of(name) if event.phase == "ongoing"]
    assert 3 <= len(ongoing) <= 6


def test_an_event_carries_its_region_scores_and_sentence(name: str) -> None:
    last = events_of(name)[-1]
    assert len(last.region) >= 3
    assert all(0.0 <= value <= 1.0 for corner in last.region for value in corner)
    assert last.scores[-1].offset_s > 3.0
    assert all(
        later.offset_s - sooner.offset_s > 0.09 for sooner, later in zip(last.scores, last.scores[1:], strict=False)
    )
    assert last.sentence
    assert last.detector == create_detector(name, threshold=SENSITIVE).fingerprint
    assert 0.0 <= last.confidence <= 100.0


def test_a_withheld_frame_ends_the_event_and_forgets_motion(name: str) -> None:
    detector = create_detector(name, threshold=SENSITIVE)
    started = [event for frame in masked_frames(brawling, 4.0) for event in detector.update(frame).events]
    detection = detector.update(withhold(raw(), "masking down: test", 0.0))
    assert started[0].phase == "started"
    assert [event.phase for event in detection.events] == ["ended"]
    assert detection.score == 0.0
    assert detector.finish() == ()
    first = next(iter(masked_frames(brawling, 1.0, starts_s=9.0)))
    assert detector.update(first).score == 0.0


def test_time_that_jumps_back_ends_the_event(name: str) -> None:
    detector = create_detector(name, threshold=SENSITIVE)
    for frame in masked_frames(brawling, 4.0):
        detector.update(frame)
    first = next(iter(masked_frames(brawling, 1.0)))
    assert [event.phase for event in detector.update(first).events] == ["ended"]


def test_the_same_frames_give_the_same_scores(name: str) -> None:
    detectors = create_detector(name), create_detector(name)
    for frame in masked_frames(brawling, 2.0):
        assert detectors[0].update(frame).score == detectors[1].update(frame).score


def test_the_fingerprint_is_short_hex_and_changes_with_the_settings(name: str) -> None:
    default, other = create_detector(name).fingerprint, create_detector(name, threshold=0.31).fingerprint
    assert re.fullmatch(r"[0-9a-f]{8,16}", default)
    assert default != other


def test_a_wrong_option_is_refused_with_the_allowed_ones(name: str) -> None:
    with pytest.raises(DetectionError, match="threshold"):
        create_detector(name, sensitivity=3)
    with pytest.raises(DetectionError, match="between 0 and 1"):
        create_detector(name, threshold=1.5)


def test_an_unknown_detector_is_refused_with_the_registered_ones(name: str) -> None:
    with pytest.raises(DetectionError, match=name):
        create_detector("crystal-ball")
