"""A column of counts as it may be told: small ones as a range, and another with them where subtraction would find one.

The sum of a column stands elsewhere (on the transparency page, in another table of the same counts). A single hidden
count would follow from it, so a second one is hidden then. Source: primary and secondary cell suppression, Hundepool et
al., Statistical Disclosure Control (2012), doi 10.1002/9781118348239, chapter 4.
"""

from collections.abc import Sequence
from typing import Final

from paca_site.oversight.figures import HIDDEN_BELOW, Figure, publish

STEPS: Final = (10, 20, 50, 100, 200, 500, 1000, 2000, 5000, 10_000, 100_000, 1_000_000)
"""Upper ends under which a larger count is hidden: far enough apart to say little of it."""


def publish_column(counts: Sequence[int]) -> list[Figure]:
    """Return what is told of each count of a column whose sum is known.

    Raises:
        ValueError: a count is negative.
    """
    told = [publish(count) for count in counts]
    hidden = [place for place, figure in enumerate(told) if not figure.is_exact]
    if not hidden or not _is_given_away([counts[place] for place in hidden]):
        return told
    least = min((figure.low for figure in told if figure.is_exact and figure.low), default=0)
    if not least:
        return told
    most = next(step for step in (*STEPS, least * 2) if step > least)
    # alike, and all of the same size: who knew which is the small one, or which of two came first, could subtract
    return [Figure(1, most) if not one.is_exact or one.low == least else one for one in told]


def _is_given_away(hidden: Sequence[int]) -> bool:
    """Return whether the sum of the hidden counts alone leaves only one value for one of them.

    Of k counts from 1 to 4 each that holds for one alone, for all at their least, and for all at their most.
    """
    least, most = len(hidden), len(hidden) * (HIDDEN_BELOW - 1)
    return len(hidden) == 1 or sum(hidden) in {least, most}
