"""How far two people who judge the same alerts apart from each other agree, beyond what chance gives.

Source: Cohen, Educational and Psychological Measurement 20 (1960), doi 10.1177/001316446002000104. The interval is
that of the posterior under Perks' prior (a Dirichlet: one pair spread evenly over the cells; Journal of the Institute
of Actuaries 73, 1947), drawn with a fixed seed: unlike the large-sample error of Fleiss, Cohen and Everitt (1969) it
does not shrink to nothing where few pairs all agree.
"""

import random
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from alerts.seeding.vigilance import Share

FIRST: Final = ("confirm", "dismiss")
SECOND: Final = ("confirm", "dismiss", "escalate")
"""The second person may also say that they cannot tell, which then never is the same."""
DRAWS, SEED = 2000, 1960
PRIOR: Final = 1.0 / (len(FIRST) * len(SECOND))


@dataclass(frozen=True, slots=True)
class Agreement:
    """Pairs of a first and a blind second decision.

    Attributes:
        same: pairs of the same verdict, of all.
        kappa: Cohen's kappa, -1 to 1; None where there is no pair, or chance alone gives all of it, as both always
            said one thing.
        low, high: its 90 % interval; None with it.
        table: of each of `FIRST`, how many of each of `SECOND`.
    """

    same: Share
    kappa: float | None
    low: float | None
    high: float | None
    table: tuple[tuple[str, tuple[int, ...]], ...]


def agreement_of(pairs: Iterable[tuple[str, str]]) -> Agreement:
    """Work out the agreement of (first verdict, second verdict).

    Raises:
        ValueError: a verdict that is none of `FIRST` or `SECOND`.
    """
    counts = Counter(pairs)
    cells = [(first, second) for first in FIRST for second in SECOND]
    if strange := set(counts) - set(cells):
        raise ValueError(f"pairs must be of {FIRST} and {SECOND}, got {sorted(strange)}")
    weights = [float(counts[cell]) for cell in cells]
    of = sum(counts.values())
    same = sum(counts[verdict, verdict] for verdict in FIRST)
    kappa = _kappa(cells, weights) if of else None
    low, high = _interval(cells, weights, kappa) if kappa is not None else (None, None)
    table = tuple((first, tuple(counts[first, second] for second in SECOND)) for first in FIRST)
    return Agreement(Share(same, of), kappa, low, high, table)


def _kappa(cells: list[tuple[str, str]], weights: list[float]) -> float | None:
    of = sum(weights)
    row, column = Counter[str](), Counter[str]()
    for (first, second), weight in zip(cells, weights, strict=True):
        row[first] += weight / of  # type: ignore[assignment]  # a counter of shares
        column[second] += weight / of  # type: ignore[assignment]
    seen = sum(weight / of for (first, second), weight in zip(cells, weights, strict=True) if first == second)
    chance = sum(row[verdict] * column[verdict] for verdict in FIRST)
    return None if chance >= 1.0 - 1e-12 else (seen - chance) / (1.0 - chance)


def _interval(cells: list[tuple[str, str]], weights: list[float], kappa: float) -> tuple[float, float]:
    """Return the 5th and 95th hundredth of the posterior, widened to hold the estimate itself."""
    dice = random.Random(SEED)  # noqa: S311 - the same interval at each asking, not a secret
    drawn = sorted(
        value
        for _ in range(DRAWS)
        if (value := _kappa(cells, [dice.gammavariate(weight + PRIOR, 1.0) for weight in weights])) is not None
    )
    return min(kappa, drawn[len(drawn) // 20]), max(kappa, drawn[-1 - len(drawn) // 20])
