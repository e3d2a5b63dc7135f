"""Putting a measured table into a page of words, between two marks that say which command writes it."""

from inference.core.errors import CoreError

Marks = tuple[str, str]
"""The lines before and after the table."""


def with_table(page: str, table: str, marks: Marks) -> str:
    """Return `page` with `table` in place of what stands between `marks`.

    Raises:
        CoreError: the page does not have both marks, in this order.
    """
    before, begin, rest = page.partition(marks[0])
    _, end, after = rest.partition(marks[1])
    if not begin or not end:
        raise CoreError(f"The page needs the marks {marks[0]!r} and {marks[1]!r} around its table.")
    return f"{before}{begin}\n{table}{end}{after}"
