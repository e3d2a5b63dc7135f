"""The arithmetic of the attacks on masked people, on people whose true values are known."""

import numpy as np
import pytest

from inference.core.frames import Image
from inference.training.evaluation.privacy.attributes import attributes
from inference.training.evaluation.privacy.people import Look, Sample
from inference.training.evaluation.privacy.recognition import attack, chances, rank_one, seen, worst

COVER = (96, 108, 130)
PEOPLE = [(200, 10, 10), (10, 200, 10), (10, 10, 200), (200, 200, 10)]


def coloured(*colour: int) -> Image:
    return np.full((64, 32, 3), colour, np.uint8)


def by_colour(pictures: list[Image]) -> np.ndarray:
    """Recognise people by the colour of their clothes."""
    return np.stack([picture.mean(axis=(0, 1)) for picture in pictures]).astype(np.float32)


def samples(masked: list[tuple[int, int, int]]) -> list[Sample]:
    found = []
    for index, (colour, shown) in enumerate(zip(PEOPLE, masked, strict=True)):
        looks = [Look(coloured(*colour), coloured(*shown))] * 2
        found.append(Sample(f"clip {index % 2}", looks, looks))
    return found


def test_who_is_masked_is_found_by_chance_and_who_is_not_always() -> None:
    people = samples([COVER] * 4)
    found, guessing = attack(people, by_colour), chances(people)
    assert found["reid_rank1_raw"] == found["within_clip_rank1_raw"] == found["reid_rank1_raw_alone"] == 1.0
    assert found["reid_rank1_masked"] == found["reid_rank1_shape"] == guessing["chance"] == 0.25
    assert found["within_clip_rank1_masked"] == guessing["within_clip_chance"] == 0.5


def test_a_mask_that_hides_nothing_is_told() -> None:
    found = attack(samples(PEOPLE), by_colour)
    assert found["reid_rank1_masked"] == found["right_clip_masked"] == 1.0
    assert found["intervals"]["reid_rank1_masked"] == [1.0, 1.0]
    assert found["reid_rank1_masked_alone"] == 0.25, "nothing is covered: all is background, and grey"


def test_alone_keeps_what_is_covered_and_hides_the_scene() -> None:
    raw, masked = coloured(200, 10, 10), coloured(200, 10, 10)
    masked[:, :16] = COVER
    look = Look(raw, masked)
    assert (seen(look, "raw") == raw).all()
    assert (seen(look, "masked") == masked).all()
    assert (seen(look, "raw alone")[:, :16] == (200, 10, 10)).all()
    assert (seen(look, "masked alone")[:, :16] == COVER).all()
    for how in ("raw alone", "masked alone"):
        assert (seen(look, how)[:, 16:] == 128).all()


def test_within_the_clip_nobody_else_can_be_taken_for_the_right_one() -> None:
    templates = np.eye(3, dtype=np.float32)
    query = np.array([[0.6, 0.0, 0.8]], np.float32)
    clips = np.array(["a", "a", "b"])
    assert rank_one(query, templates, 0, clips) == (0.0, 1.0, 0.0)


def test_each_figure_is_of_the_attacker_best_at_it_with_its_own_interval() -> None:
    found = worst(
        {
            "one": {"x": 0.3, "y": 0.1, "intervals": {"x": [0.2, 0.4], "y": [0.0, 0.2]}},
            "two": {"x": 0.2, "y": 0.5, "intervals": {"x": [0.1, 0.3], "y": [0.4, 0.6]}},
        }
    )
    assert (found["x"], found["y"], found["worst_attacker"]) == (0.3, 0.5, {"x": "one", "y": "two"})
    assert found["intervals"] == {"x": [0.2, 0.4], "y": [0.4, 0.6]}


def people_by_brightness(count: int, is_hidden: bool) -> list[Sample]:
    found = []
    for index in range(count):
        light = 250 if index % 2 else 5
        look = Look(coloured(light, light, light), coloured(*COVER) if is_hidden else coloured(light, light, light))
        found.append(Sample("clip", [look] * 2, [look] * 2))
    return found


def brightness(pictures: list[Image]) -> np.ndarray:
    return np.stack([np.full(8, picture.mean() / 255) for picture in pictures]).astype(np.float32)


def test_an_attribute_that_shows_through_the_mask_is_told() -> None:
    open_, hidden = (attributes(people_by_brightness(20, is_hidden), brightness) for is_hidden in (False, True))
    assert (open_["gender_people"], open_["gender_auc_raw"], open_["gender_auc_masked"]) == (20, 1.0, 1.0)
    assert hidden["gender_auc_masked"] == hidden["intervals"]["gender_auc_masked"][0] == 0.5
    assert hidden["attributes"]["hat"]["auc_raw"] == pytest.approx(1.0)


def test_an_attribute_is_not_judged_with_too_few_people_of_a_kind() -> None:
    found = attributes(people_by_brightness(14, is_hidden=True), brightness)
    assert found["gender_people"] == 14
    assert found["gender_auc_masked"] is None
    assert found["intervals"] == {}
