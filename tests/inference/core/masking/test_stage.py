"""However a masker breaks, the stage gives every frame once, in order, masked or withheld."""

from dataclasses import replace

import numpy as np
import pytest

from inference.core.errors import MaskingError
from inference.core.frames import MaskedFrame, RawFrame, Tracks
from inference.core.masking.mint import MINT
from inference.core.masking.paca_seg import PacaSegConfig, PacaSegMasker
from inference.core.masking.stage import MaskingStage, StageConfig
from inference.core.masking.withhold import WITHHELD_COLOUR, withhold
from tests.inference.core.masking.scene import FaultyNetwork, PatternNetwork, leaks, raw
from tests.inference.core.masking.scripted import Push, Scripted, breaking_at, frames, raises, run


def fake(frame: RawFrame, image: np.ndarray, **changes: object) -> MaskedFrame:
    made = MaskedFrame(
        image=image,
        index=frame.index,
        pts_s=frame.pts_s,
        captured_at=frame.captured_at,
        class_map=np.zeros((30, 40), np.uint8),
        tracks=Tracks.none(),
        mint=MINT,
    )
    return replace(made, **changes)  # type: ignore[arg-type]


def exits(masker: Scripted, frame: RawFrame) -> object:
    raise SystemExit


def not_sure(masker: Scripted, frame: RawFrame) -> object:
    raise MaskingError("the network is not sure")


OTHER = frames()

FAULTS: dict[str, tuple[Push, str]] = {
    "raises": (raises, "ZeroDivisionError"),
    "wants to end the process": (exits, "SystemExit"),
    "is not sure": (not_sure, "not sure"),
    "gives nothing": (lambda m, f: None, "NoneType"),
    "gives raw frames": (lambda m, f: [f], "RawFrame"),
    "gives an array": (lambda m, f: f.image, "ndarray"),
    "gives the raw pixels": (lambda m, f: [fake(f, f.image)], "the raw one"),
    "gives a view of the raw pixels": (lambda m, f: [fake(f, f.image[:])], "the raw one"),
    "gives another size": (lambda m, f: [fake(f, f.image[:50].copy())], "another size"),
    "gives another index": (lambda m, f: [fake(f, f.image.copy(), index=f.index + 1)], "another frame"),
    "gives an old index": (lambda m, f: [fake(f, f.image.copy(), index=f.index - 1)], "another frame"),
    "gives another time": (lambda m, f: [fake(f, f.image.copy(), pts_s=f.pts_s - 1)], "another time"),
    "gives the pixels of the frame before": (
        lambda m, f: [fake(f, OTHER[f.index - 1].image.copy())],
        "shows another frame",
    ),
    "gives too many": (lambda m, f: m.sound(f) * 2, "more frames"),
    "names people and covers nobody": (
        lambda m, f: [fake(f, f.image.copy(), class_map=np.ones((30, 40), np.uint8))],
        "not covered",
    ),
    "has unknown classes": (
        lambda m, f: [fake(f, np.zeros_like(f.image), class_map=np.full((30, 40), 9, np.uint8))],
        "unknown classes",
    ),
    "withholds but shows": (lambda m, f: [fake(f, f.image.copy(), withheld="no")], "withheld picture shows"),
}


@pytest.mark.parametrize(("fault", "word"), FAULTS.values(), ids=FAULTS.keys())
def test_a_faulty_frame_is_withheld_and_the_next_ones_are_masked(fault: Push, word: str) -> None:
    given = frames()
    with MaskingStage(Scripted(breaking_at(4, fault))) as stage:
        shown = run(stage, given)
        assert [frame.index for frame in shown] == list(range(9))
        assert leaks(shown) == 0
        assert [bool(frame.withheld) for frame in shown] == [index == 4 for index in range(9)]
        assert word in shown[4].withheld
        assert "secret" not in shown[4].withheld
        assert (shown[4].image == WITHHELD_COLOUR).all()
        assert (stage.masked, stage.withheld) == (8, 1)
        assert stage.withheld_by_reason == {shown[4].withheld: 1}
        assert stage.health == "ok"


def test_health_tells_why_nothing_is_shown() -> None:
    with MaskingStage(Scripted(raises)) as stage:
        shown = run(stage, frames(3))
        assert stage.health == "masking down: the masker failed (ZeroDivisionError)" == shown[-1].withheld
        assert (stage.masked, stage.withheld) == (0, 3)


def test_a_masker_that_raised_is_replaced_and_one_that_was_unsure_is_kept() -> None:
    made: list[int] = []

    def watch(fault: Push) -> Push:
        def script(masker: Scripted, frame: RawFrame) -> object:
            made.append(masker.fresh_ones)
            return breaking_at(1, fault)(masker, frame)

        return script

    for fault, expected in ((raises, [0, 0, 1]), (not_sure, [0, 0, 0])):
        made.clear()
        with MaskingStage(Scripted(watch(fault))) as stage:
            run(stage, frames(3))
        assert made == expected


def test_a_masker_that_holds_everything_back_is_a_fault() -> None:
    with MaskingStage(Scripted(lambda m, f: []), StageConfig(max_held=5)) as stage:
        shown = run(stage, frames(9))
    assert [frame.index for frame in shown] == list(range(9))
    assert all(frame.withheld for frame in shown)
    assert "too many" in shown[0].withheld
    assert "lost" in shown[-1].withheld


def test_a_fresh_masker_that_cannot_be_made_is_tried_again() -> None:
    class Barren(Scripted):
        tries = 0

        def fresh(self) -> "Scripted":
            Barren.tries += 1
            if Barren.tries < 3:
                raise OSError("weights are gone")
            return Scripted(lambda m, f: m.sound(f))

    with MaskingStage(Barren(breaking_at(0, raises))) as stage:
        shown = run(stage, frames(5))
    assert [bool(frame.withheld) for frame in shown] == [True, True, True, False, False]
    assert "OSError" in shown[1].withheld


def test_frames_held_for_look_ahead_are_withheld_with_the_one_that_failed() -> None:
    network = PatternNetwork()

    def answer(image: np.ndarray) -> np.ndarray:
        maps = network.probabilities(image)
        return maps * np.float32("nan") if network.calls == 6 else maps

    with MaskingStage(PacaSegMasker(PacaSegConfig(look_ahead_s=0.3), FaultyNetwork(answer))) as stage:
        shown = run(stage, frames(12))
    assert [frame.index for frame in shown] == list(range(12))
    assert [index for index, frame in enumerate(shown) if frame.withheld] == [2, 3, 4, 5]
    assert "nan" in shown[5].withheld
    assert leaks(shown) == 0


def test_tracks_outlive_a_network_that_fails_once() -> None:
    network = PatternNetwork(blind=range(6, 10))

    def answer(image: np.ndarray) -> np.ndarray:
        maps = network.probabilities(image)
        return maps[:1] if network.calls == 6 else maps

    with MaskingStage(PacaSegMasker(PacaSegConfig(look_ahead_s=0.0), FaultyNetwork(answer))) as stage:
        shown = run(stage, frames(12))
    assert [index for index, frame in enumerate(shown) if frame.withheld] == [5]
    assert leaks(shown) == 0
    assert shown[8].tracks.is_held.all()


def test_a_flood_of_reasons_does_not_fill_the_memory() -> None:
    def chatty(masker: Scripted, frame: RawFrame) -> object:
        raise MaskingError(f"reason {frame.index}")

    with MaskingStage(Scripted(chatty)) as stage:
        run(stage, frames(60))
        assert len(stage.withheld_by_reason) == 33
        assert stage.withheld_by_reason["masking down: other"] == 28
        assert stage.withheld == 60


def test_a_withheld_frame_keeps_size_and_time_and_nothing_else() -> None:
    frame = raw([(0, 0, 50, 50)], 7, size=(31, 17), discontinuity=True)
    masked = withhold(frame, "masking down: a reason")
    assert masked.withheld == "masking down: a reason"
    assert masked.image.shape == (17, 31, 3)
    assert (masked.image == WITHHELD_COLOUR).all()
    assert (masked.index, masked.pts_s, masked.discontinuity) == (7, 0.7, True)
    assert len(masked.tracks) == 0


def test_a_stage_is_known_by_its_masker() -> None:
    masker = Scripted(lambda m, f: m.sound(f))
    with MaskingStage(masker) as stage:
        assert stage.fingerprint == masker.fingerprint


def test_frames_of_different_sizes_are_not_taken_for_one_another() -> None:
    given = [raw([(20, 10, 90, 110)], index, size=(160, 120 - 20 * (index % 2))) for index in range(6)]
    with MaskingStage(PacaSegMasker(PacaSegConfig(look_ahead_s=0.2), PatternNetwork())) as stage:
        shown = run(stage, given)
    assert [frame.withheld for frame in shown] == [""] * 6
    assert leaks(shown) == 0
