"""An event holds only what a database can store."""

from dataclasses import replace
from math import inf, nan

import pytest

from inference.core.events import RegionSample, ScoreSample
from tests.inference.core.line_parts import event


@pytest.mark.parametrize(
    "wrong",
    [
        {"facts": {"speed": nan}},
        {"facts": {"speed": inf}},
        {"scores": (ScoreSample(0.0, nan),)},
        {"regions": (RegionSample(0.0, ((0.1, nan), (0.2, 0.1), (0.2, 0.2))),)},
    ],
)
def test_an_event_with_a_number_that_is_none_is_refused(wrong: dict[str, object]) -> None:
    with pytest.raises(ValueError, match="finite"):
        replace(event("started"), **wrong)  # type: ignore[arg-type]
