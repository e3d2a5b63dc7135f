"""The whole report: its keys are flat, and what is missing is told before minutes of masking."""

from pathlib import Path

import pytest

from inference.core.errors import CoreError
from inference.training.evaluation.privacy.attacks import TRACKS, evaluate_privacy, times_chance
from inference.training.evaluation.privacy.people import clips_with_people

DATA = Path(__file__).parents[6] / "shared" / "data"


def test_a_missing_attacker_is_told_first(tmp_path: Path) -> None:
    with pytest.raises(CoreError, match=r"reid0286\.xml is not there"):
        evaluate_privacy(tmp_path)


def test_figures_are_multiples_of_their_own_chance() -> None:
    recognised = {"reid_rank1_masked": 0.02, "within_clip_rank1_masked": 0.1, "reid_rank1_masked_alone": 0.01}
    recognised["intervals"] = {key: [0.0, 2 * value] for key, value in recognised.items()}  # type: ignore[assignment]
    found = times_chance(recognised, {"chance": 0.01, "within_clip_chance": 0.1})
    assert found == {"reid_times_chance": 2.0, "within_clip_times_chance": 1.0, "alone_times_chance": 1.0}
    assert recognised["intervals"]["within_clip_times_chance"] == [0.0, 2.0]  # type: ignore[index]


@pytest.mark.skipif(not (DATA / "tracked-people").is_dir(), reason="the shared data folder is not there")
def test_tracks_of_the_checkout_fit_the_shared_videos_and_give_80_people() -> None:
    human, made, missing = clips_with_people(DATA, TRACKS)
    assert missing == []
    numbers = [{person.id for people in clip.people.values() for person in people} for clip in (*human, *made)]
    assert len(numbers) == 7
    assert sum(len(one) for one in numbers) >= 80
