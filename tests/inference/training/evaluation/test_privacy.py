"""The arithmetic of the attack on masked people, on people whose true values are known."""

import numpy as np
import pytest

from inference.core.frames import Image
from inference.training.evaluation.privacy import Sample, attack, gender, rank_one


def coloured(*colour: int) -> Image:
    return np.full((64, 32, 3), colour, np.uint8)


def by_colour(pictures: list[Image]) -> np.ndarray:
    """Recognise people by the colour of their clothes."""
    return np.stack([picture.mean(axis=(0, 1)) for picture in pictures]).astype(np.float32)


PEOPLE = [(200, 10, 10), (10, 200, 10), (10, 10, 200), (200, 200, 10)]


def samples(masked: list[tuple[int, int, int]]) -> list[Sample]:
    return [
        Sample(f"clip {index % 2}", [coloured(*colour)] * 2, [coloured(*colour)] * 2, [coloured(*shown)] * 2)
        for index, (colour, shown) in enumerate(zip(PEOPLE, masked, strict=True))
    ]


def test_who_is_masked_is_found_by_chance_and_who_is_not_always() -> None:
    found = attack(samples([(96, 108, 130)] * 4), by_colour)
    assert found["reid_rank1_raw"] == found["within_clip_rank1_raw"] == 1.0
    assert found["reid_rank1_masked"] == pytest.approx(found["chance"]) == 0.25
    assert found["within_clip_rank1_masked"] == pytest.approx(found["within_clip_chance"]) == 0.5


def test_a_mask_that_hides_nothing_is_told() -> None:
    found = attack(samples(PEOPLE), by_colour)
    assert found["reid_rank1_masked"] == found["right_clip_masked"] == 1.0
    assert found["intervals"]["reid_rank1_masked"] == [1.0, 1.0]


def test_within_the_clip_nobody_else_can_be_taken_for_the_right_one() -> None:
    templates = np.eye(3, dtype=np.float32)
    query = np.array([[0.6, 0.0, 0.8]], np.float32)
    clips = np.array(["a", "a", "b"])
    assert rank_one(query, templates, 0, clips) == (0.0, 1.0, 0.0)


def test_an_attribute_is_not_judged_with_too_few_people_of_a_kind() -> None:
    assert gender(samples(PEOPLE), lambda pictures: np.full((len(pictures), 8), 0.9))["gender_auc_masked"] is None
