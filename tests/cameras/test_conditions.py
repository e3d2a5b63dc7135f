"""What stands against a camera, in the room that its state has."""

from hypothesis import given
from hypothesis import strategies as st

from cameras.conditions import REASON_CHARS, reasons_in_short


def test_reasons_that_fit_are_all_told_and_told_apart() -> None:
    assert reasons_in_short(["Stopped by Kari: works", "No authority has authorised it."]) == (
        "Stopped by Kari: works · No authority has authorised it."
    )


def test_a_reason_is_told_whole_or_not_at_all() -> None:
    first, second = "a" * 150, "b" * 60
    assert reasons_in_short([first, second]) == f"{first} …"


@given(st.lists(st.text(min_size=1, max_size=300), max_size=8))
def test_it_always_fits_and_says_that_something_is_left_out(reasons: list[str]) -> None:
    told = reasons_in_short(reasons)
    assert len(told) <= REASON_CHARS
    assert told == " · ".join(reasons) or told.endswith(" …")
