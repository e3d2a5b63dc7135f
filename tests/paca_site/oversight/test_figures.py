"""Small counts stay hidden, whatever is published around them."""

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from paca_site.oversight.figures import HIDDEN_BELOW, Figure, publish, total

SMALL = range(1, HIDDEN_BELOW)
COUNTS = st.one_of(st.integers(0, 6), st.integers(0, 2000))
TABLES = st.integers(1, 4).flatmap(
    lambda width: st.lists(st.lists(COUNTS, min_size=width, max_size=width), min_size=1, max_size=6)
)


def told(table: list[list[int]]) -> tuple[object, ...]:
    """Everything that a page tells of a table: cells, sums of rows and columns, and of all."""
    cells = [[publish(count) for count in row] for row in table]
    rows = [total(row) for row in cells]
    columns = [total(column) for column in zip(*cells, strict=True)]
    texts = [str(figure) for figure in itertools.chain(*cells, rows, columns)]
    return cells, rows, columns, total(rows), total(columns), texts


@given(TABLES, st.data())
def test_tables_that_differ_in_small_counts_only_are_told_alike(table: list[list[int]], data: st.DataObject) -> None:
    other = [[data.draw(st.sampled_from(SMALL)) if count in SMALL else count for count in row] for row in table]
    assert told(other) == told(table)


@given(st.lists(st.integers(0, 9), min_size=1, max_size=4))
def test_who_takes_the_shown_parts_from_a_sum_learns_no_hidden_one(counts: list[int]) -> None:
    parts = [publish(count) for count in counts]
    whole = total(parts)
    assert whole.low <= sum(counts) <= whole.high
    thinkable = [
        guess
        for guess in itertools.product(*(range(part.low, part.high + 1) for part in parts))
        if whole.low <= sum(guess) <= whole.high
    ]
    for at, count in enumerate(counts):
        if count in SMALL:
            assert {guess[at] for guess in thinkable} == set(SMALL)


@given(st.one_of(st.just(0), st.integers(HIDDEN_BELOW, 10**6)))
def test_other_counts_are_told_exactly(count: int) -> None:
    assert publish(count).is_exact
    assert str(publish(count)) == str(count)


def test_figures_read_as_words() -> None:
    assert [str(publish(count)) for count in (0, 1, 4, 5)] == ["0", "fewer than 5", "fewer than 5", "5"]
    assert str(total([publish(3), publish(20)])) == "21 to 24"
    assert str(total([publish(3), publish(0)])) == "fewer than 5"
    assert str(total([])) == "0"


def test_a_figure_that_cannot_be_is_refused() -> None:
    for low, high in ((-1, 2), (3, 2)):
        with pytest.raises(ValueError, match="0 <= low <= high"):
            Figure(low, high)
    with pytest.raises(ValueError, match="got -1"):
        publish(-1)
