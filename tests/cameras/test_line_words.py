"""What the core says of itself reaches a page in the reader's language."""

import pytest
from django.utils import timezone, translation

from cameras.conditions import camera_condition
from cameras.line_words import LINE_WORDS, line_words
from inference.core.health import OTHER
from inference.core.masking import stage, trust
from inference.core.masking.sharpness import BLURRED
from inference.core.masking.steadiness import CUT, MOVED
from inference.core.masking.withhold import DOWN
from inference.core.pipeline import STAGE_FAILED
from inference.models import StreamState, StreamStatus
from tests.cast import make_camera


def test_every_sentence_of_the_core_is_in_the_table() -> None:
    said = {trust.DARK, trust.EMPTY, trust.TURNED, BLURRED, CUT, MOVED, stage.LATE, stage.BUSY, stage.HANGS}
    assert said | {STAGE_FAILED, OTHER, DOWN.removesuffix(": ")} <= set(LINE_WORDS)


def test_known_sentences_are_put_into_other_words_wherever_they_stand(monkeypatch: pytest.MonkeyPatch) -> None:
    for english, other in (("the picture is too dark", "for mørkt"), ("the masker failed", "maskeren sviktet")):
        monkeypatch.setitem(LINE_WORDS, english, other)
    told = "31 % of the frames: the picture is too dark (12), the masker failed (ValueError) (3)"
    assert line_words(told) == "31 % of the frames: for mørkt (12), maskeren sviktet (ValueError) (3)"
    assert line_words("something that nobody has foreseen") == "something that nobody has foreseen"


@pytest.mark.django_db
def test_the_word_of_a_condition_is_not_said_twice_in_any_language() -> None:
    camera = make_camera(is_enabled=True)
    StreamState.objects.update_or_create(
        camera=camera,
        defaults={
            "status": StreamStatus.MASKING_DOWN,
            "reason": "Masking down: the picture is too dark",
            "updated_at": timezone.now(),
        },
    )
    camera.refresh_from_db()
    for language in ("en", "nb"):
        with translation.override(language):
            condition = camera_condition(camera)
            assert condition.name == "masking-down"
            assert condition.reason == str(LINE_WORDS["the picture is too dark"])
