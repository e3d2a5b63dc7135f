"""A hidden count cannot be found: not from its column's sum, by anybody who knows how columns are told."""

from itertools import product

import pytest

from paca_site.oversight.fairness.suppressing import publish_column
from paca_site.oversight.figures import Figure


def test_what_is_large_or_nothing_is_told_and_a_small_one_is_not() -> None:
    assert [str(figure) for figure in publish_column([12, 0, 2, 3, 9])] == [
        "12", "0", "fewer than 5", "fewer than 5", "9",
    ]  # fmt: skip


def test_a_single_small_count_takes_the_next_larger_one_with_it() -> None:
    assert publish_column([40, 3, 0, 7]) == [Figure(40, 40), Figure(1, 10), Figure(0, 0), Figure(1, 10)]


def test_small_counts_whose_sum_leaves_one_way_only_take_another_with_them() -> None:
    assert publish_column([1, 1, 30]) == [Figure(1, 50)] * 3  # 2 is 1 and 1
    assert publish_column([4, 4, 30]) == [Figure(1, 50)] * 3  # 8 is 4 and 4
    assert publish_column([1, 2, 30]) == [Figure(1, 4), Figure(1, 4), Figure(30, 30)]


def test_every_count_lies_in_what_is_told_of_it() -> None:
    for column in product(range(13), repeat=3):
        for count, figure in zip(column, publish_column(column), strict=True):
            assert figure.low <= count <= figure.high


def test_whoever_knows_the_sum_and_the_rule_is_left_with_at_least_two_values() -> None:
    """All columns of three counts up to 12: those told alike, with the same sum, differ in every hidden place.

    But where the hidden count is the whole column: then the sum is hidden where it stands as well.
    """
    alike: dict[tuple[tuple[Figure, ...], int], list[tuple[int, ...]]] = {}
    for column in product(range(13), repeat=3):
        alike.setdefault((tuple(publish_column(column)), sum(column)), []).append(column)
    checked = 0
    for (told, _), columns in alike.items():
        for place, figure in enumerate(told):
            if figure.is_exact or sum(not one.is_exact or one.high > 0 for one in told) == 1:
                continue
            if all(one.high <= 4 for one in told):
                continue  # no other count that could be hidden with them
            assert len({column[place] for column in columns}) > 1, (told, columns)
            checked += 1
    assert checked > 100


def test_no_count_is_negative() -> None:
    with pytest.raises(ValueError, match="low"):
        publish_column([5, -1])
