"""A person stays covered: before they are found, while they are missed, and until they have left."""

import numpy as np
import pytest

from inference.core.errors import MaskingError
from inference.core.frames import PERSON, VEHICLE, MaskedFrame, RawFrame
from inference.core.masking.paca_seg import MAX_HELD, PacaSegConfig, PacaSegMasker
from inference.core.masking.style import STYLES
from tests.inference.core.masking.scene import FaultyNetwork, PatternNetwork, is_pattern, leaks, raw, run

COLOUR = (10, 200, 30)


def walker(count: int, *, start: int = 20, step: int = 2) -> list[RawFrame]:
    """Return a person of 16 x 40 pixels who walks `step` pixels a frame."""
    return [raw([(start + step * index, 40, start + step * index + 16, 80)], index) for index in range(count)]


def masker(blind: range | list[int] = range(0), channel: int = 0, **options: object) -> PacaSegMasker:
    config = PacaSegConfig(**{"colour": COLOUR, **options})  # type: ignore[arg-type]
    return PacaSegMasker(config, PatternNetwork(blind=blind, channel=channel))


def covered_share(frame: MaskedFrame) -> float:
    return float((frame.image == COLOUR).all(axis=2).mean())


def test_a_person_missed_for_a_second_stays_covered() -> None:
    shown = run(masker(blind=range(10, 20), look_ahead_s=0.0), walker(30))
    assert leaks(shown) == 0
    assert all(frame.tracks.is_held.all() for frame in shown[10:20])
    assert not any(frame.tracks.is_held.any() for frame in shown[:10])


def test_without_hold_the_same_person_would_be_seen() -> None:
    assert leaks(run(masker(blind=range(10, 20), hold_s=0.0, look_ahead_s=0.0), walker(30))) > 0


def test_a_person_found_late_is_covered_in_the_frames_before() -> None:
    shown = run(masker(blind=range(4), look_ahead_s=0.4), walker(20))
    assert leaks(shown) == 0


def test_without_look_ahead_the_same_person_would_be_seen() -> None:
    assert leaks(run(masker(blind=range(4), look_ahead_s=0.0), walker(20))) > 0


def test_a_person_half_found_is_covered_whole_once_more_is_known() -> None:
    class HalfBlind(PatternNetwork):
        def probabilities(self, image: np.ndarray) -> np.ndarray:
            maps = super().probabilities(image)
            if self.calls <= 3:
                maps[:, :14] = 0
            return maps

    shown = run(PacaSegMasker(PacaSegConfig(), HalfBlind()), walker(12))
    assert leaks(shown) == 0


def test_a_person_keeps_their_number_through_a_gap() -> None:
    shown = run(masker(blind=range(8, 13)), walker(25))
    assert {int(track) for frame in shown[:25] for track in frame.tracks.ids} == {1}


def test_a_person_who_left_leaves_nothing_covered_behind() -> None:
    shown = run(masker(), walker(110, start=20, step=2))
    assert leaks(shown) == 0
    assert covered_share(shown[-1]) == 0.0
    assert len(shown[-1].tracks) == 0


@pytest.mark.parametrize("fps", [1, 2, 5])
@pytest.mark.parametrize("seen", [1, 6])
def test_somebody_missed_twice_running_stays_covered_at_any_frame_rate(fps: int, seen: int) -> None:
    person = [(60, 40, 76, 80)]
    frames = [raw(person, index, at_s=index / fps) for index in range(seen + 3)]
    shown = run(masker(blind=range(seen, seen + 2), look_ahead_s=0.0), frames)
    assert leaks(shown) == 0


def test_at_one_frame_a_second_somebody_who_is_gone_is_let_go_too() -> None:
    frames = [raw([(60, 40, 76, 80)] if index < 6 else [], index, at_s=float(index)) for index in range(16)]
    shown = run(masker(look_ahead_s=0.0), frames)
    assert covered_share(shown[7]) > 0
    assert covered_share(shown[-1]) == 0


def test_somebody_who_is_missed_as_they_slow_down_before_the_border_stays_covered() -> None:
    left = [20 + 8 * index for index in range(12)] + [116, 124, 132] + [140] * 20  # 16 wide, in a frame of 160
    frames = [raw([(x, 40, x + 16, 80)], index) for index, x in enumerate(left)]
    shown = run(masker(blind=range(12, 35), look_ahead_s=0.0), frames)
    assert leaks(shown) == 0


def test_somebody_cut_off_by_the_lower_border_who_walks_sideways_is_not_taken_for_gone() -> None:
    left = [36 + 6 * index for index in range(17)] + [134] * 22  # 18 wide; stands still, missed, in a frame of 160
    frames = [raw([(x, 70, x + 18, 120)], index) for index, x in enumerate(left)]
    shown = run(masker(blind=range(17, 39), look_ahead_s=0.0), frames)
    assert all(len(frame.tracks) == 1 for frame in shown[17:39])


def test_somebody_who_walked_out_is_let_go_soon() -> None:
    shown = run(masker(look_ahead_s=0.0), walker(60, start=60, step=4))
    last_seen = max(index for index, frame in enumerate(walker(60, start=60, step=4)) if is_pattern(frame.image).any())
    assert covered_share(shown[last_seen + 10]) == 0


def test_somebody_who_is_never_found_again_is_let_go_after_the_hold() -> None:
    frames = [raw([(60, 40, 76, 80)] if index < 10 else [], index) for index in range(70)]
    shown = run(masker(hold_s=3.0), frames)
    assert covered_share(shown[35]) > 0
    assert covered_share(shown[-1]) == 0


def test_somebody_who_vanishes_in_an_exit_is_let_go_at_once_and_elsewhere_is_not() -> None:
    frames = [raw([(60, 40, 76, 80)] if index < 10 else [], index) for index in range(30)]
    door, elsewhere = ((0.3, 0.2), (0.6, 0.2), (0.6, 0.8), (0.3, 0.8)), ((0.7, 0.2), (0.9, 0.2), (0.9, 0.8))
    through_door = run(masker(exits=[door], look_ahead_s=0.0), frames)
    assert leaks(through_door) == 0
    assert covered_share(through_door[12]) > 0, "a missed frame in a door is bridged"
    assert covered_share(through_door[16]) == 0
    assert covered_share(run(masker(exits=[elsewhere], look_ahead_s=0.0), frames)[29]) > 0


def test_a_few_frames_of_many_a_second_are_a_flicker_too() -> None:
    frames = [raw([(60, 40, 76, 80)] if index < 4 else [], index, at_s=index / 25) for index in range(75)]
    shown = run(masker(hold_s=2.0, look_ahead_s=0.0), frames)
    assert covered_share(shown[15]) > 0
    assert covered_share(shown[25]) == 0


def test_a_flicker_is_held_shorter_than_a_person() -> None:
    frames = [raw([(60, 40, 76, 80)] if index < 1 else [], index) for index in range(20)]
    shown = run(masker(hold_s=2.0, look_ahead_s=0.0), frames)
    assert covered_share(shown[4]) > 0
    assert covered_share(shown[7]) == 0


def test_a_doubtful_cell_counts_where_somebody_was() -> None:
    levels = [0.9, 0.2, 0.2, 0.2]

    def answer(image: np.ndarray) -> np.ndarray:
        maps = np.zeros((3, 30, 40), np.float32)
        maps[0, 10:20, 10:16] = levels.pop(0)
        return maps

    shown = run(PacaSegMasker(PacaSegConfig(look_ahead_s=0.0), FaultyNetwork(answer)), [raw([], i) for i in range(4)])
    assert all(len(frame.tracks) == 1 and not frame.tracks.is_held.any() for frame in shown)
    assert (shown[0].class_map[10:20, 10:16] == PERSON).all()
    assert not shown[1].class_map.any(), "what is covered in doubt is no shape for detection"
    assert not any(frame.tracks.is_held.any() for frame in shown)


def test_a_doubtful_cell_does_not_count_where_nobody_was() -> None:
    network = FaultyNetwork(lambda image: np.full((3, 30, 40), 0.2, np.float32))
    (shown,) = run(PacaSegMasker(PacaSegConfig(), network), [raw()])
    assert not shown.class_map.any()


def test_frames_wait_no_longer_than_the_look_ahead() -> None:
    one = masker(look_ahead_s=0.4)
    ready = [len(one.push(frame)) for frame in walker(10)]
    assert ready == [0, 0, 0, 0, 1, 1, 1, 1, 1, 1]
    assert len(one.flush()) == 4


def test_frames_do_not_pile_up_where_time_stands_still() -> None:
    one = masker()
    waiting = [raw([], index, at_s=1.0) for index in range(MAX_HELD + 20)]
    ready = [masked for frame in waiting for masked in one.push(frame)]
    assert len(ready) == 20


def test_dark_and_covered_lenses_are_withheld_and_hold_the_tracks() -> None:
    frames = walker(20)
    for index, value in ((8, 2), (9, 128)):
        frames[index].image[:] = value
    shown = run(masker(), frames)
    assert [bool(frame.withheld) for frame in shown] == [index in (8, 9) for index in range(20)]
    assert "dark" in shown[8].withheld
    assert "lens" in shown[9].withheld
    assert {int(track) for frame in shown for track in frame.tracks.ids} == {1}


def test_zones_are_covered_in_every_style() -> None:
    for style in STYLES:
        zones = [[(0.5, 0.5), (1.0, 0.5), (1.0, 1.0), (0.5, 1.0)]]
        shown = run(masker(style=style, zones=zones), [raw([], index) for index in range(3)])
        assert all((frame.image[60:, 80:] == COLOUR).all() for frame in shown)
        assert not (shown[0].image[:55, :75] == COLOUR).all(axis=2).any()


@pytest.mark.parametrize("style", [style for style in STYLES if style != "silhouette"])
def test_other_styles_leave_almost_no_pixel_as_it_was(style: str) -> None:
    frames = [raw([(30, 20, 90, 110), (130, 100, 133, 103)], index) for index in range(6)]
    shown = run(masker(style=style), frames)
    for frame, masked in zip(frames, shown, strict=True):
        person = is_pattern(frame.image)
        same = (frame.image == masked.image).all(axis=2)
        assert same[person].mean() < 0.02


def test_the_lower_half_of_a_vehicle_is_covered() -> None:
    shown = run(masker(channel=2), [raw([(40, 40, 100, 80)], index) for index in range(3)])
    for frame in shown:
        assert (frame.image[60:80, 40:100] == COLOUR).all()
        assert not (frame.image[40:54, 40:100] == COLOUR).all(axis=2).any()
        assert (frame.class_map == VEHICLE).any()


def test_a_vehicle_is_covered_whole_or_not_at_all_by_choice() -> None:
    frames = [raw([(40, 40, 100, 80)], index) for index in range(3)]
    assert leaks(run(masker(channel=2, vehicles="whole"), frames)) == 0
    assert all(covered_share(frame) == 0 for frame in run(masker(channel=2, vehicles="none"), frames))


def test_screens_are_covered() -> None:
    assert leaks(run(masker(channel=1), [raw([(40, 40, 70, 60)], index) for index in range(3)])) == 0


def test_what_is_not_a_person_stays_visible() -> None:
    frames = walker(10)
    for frame, masked in zip(frames, run(masker(), frames), strict=True):
        same = (frame.image == masked.image).all(axis=2)
        assert same.mean() > 0.9


def test_ids_stay_apart_when_two_people_pass() -> None:
    frames = [raw([(10 + 3 * i, 20, 22 + 3 * i, 55), (130 - 3 * i, 65, 142 - 3 * i, 105)], i) for i in range(25)]
    shown = run(masker(), frames)
    assert leaks(shown) == 0
    assert all(len(frame.tracks) == 2 for frame in shown)
    assert set(map(tuple, (frame.tracks.ids.tolist() for frame in shown))) == {(1, 2)}


def test_a_number_is_not_given_twice_after_a_jump() -> None:
    frames = walker(8)
    frames[4] = raw([(28, 40, 44, 80)], 4, discontinuity=True)
    shown = run(masker(), frames)
    assert [frame.tracks.ids.tolist() for frame in shown] == [[1]] * 4 + [[2]] * 4


def test_a_person_who_fills_the_whole_picture_is_covered_and_let_go() -> None:
    whole = [raw([(0, 0, 160, 120)] if index < 5 else [], index) for index in range(50)]
    shown = run(masker(), whole)
    assert leaks(shown) == 0
    assert covered_share(shown[2]) == 1.0
    assert covered_share(shown[-1]) == 0.0


@pytest.mark.parametrize(
    ("option", "value", "word"),
    [
        ("style", "blur", "silhouette"),
        ("vehicles", "cars", "plates"),
        ("size", "xl", "s, m"),
        ("threshold", float("nan"), "0.01"),
        ("threshold_low", 0.5, "0.15"),
        ("hold_s", -1, "0.0"),
        ("colour", (1, 2), "RGB"),
        ("colour", "red", "RGB"),
        ("zones", [[(0, 0), (1, 1)]], "corners"),
        ("zones", [[(0, 0), (2, 1), (1, 1)]], "corners"),
        ("zones", 3, "corner"),
        ("exits", [[(0, 0), (2, 1), (1, 1)]], "exits"),
    ],
)
def test_wrong_settings_are_told_with_what_is_allowed(option: str, value: object, word: str) -> None:
    with pytest.raises(MaskingError, match=word):
        PacaSegConfig(**{option: value})  # type: ignore[arg-type]


def test_a_thin_edge_beside_a_sure_body_is_covered_and_the_same_far_away_is_not() -> None:
    def answer(image: np.ndarray) -> np.ndarray:
        maps = np.zeros((3, 30, 40), np.float32)
        maps[0, 10:20, 10:14] = 0.9
        maps[0, 10:20, 14:16] = 0.12  # an arm: the network is half sure
        maps[0, 10:20, 30:32] = 0.12  # the same word about a bush
        return maps

    (shown,) = run(PacaSegMasker(PacaSegConfig(look_ahead_s=0.0), FaultyNetwork(answer)), [raw([], 0)])
    covered = (shown.image != raw([], 0).image).any(axis=2)
    assert covered[40:80, 40:64].all()
    assert not covered[:, 112:].any()


def test_an_outline_is_drawn_between_cells() -> None:
    def answer(image: np.ndarray) -> np.ndarray:
        maps = np.zeros((3, 30, 40), np.float32)
        maps[0, :, :20] = 1.0
        return maps

    config = PacaSegConfig(look_ahead_s=0.0, threshold=0.4, threshold_low=0.4)
    (shown,) = run(PacaSegMasker(config, FaultyNetwork(answer)), [raw([], 0)])
    covered = (shown.image != raw([], 0).image).any(axis=2)
    assert covered[:, :80].all()
    assert not covered[:, 84:].any(), "a whole cell more than the network said"
