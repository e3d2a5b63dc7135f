"""How high the share of confirmed alerts may still be, given what was decided."""

from math import exp, lgamma, log, log1p

SURE = 0.95


def upper_bound(decided: int, confirmed: int) -> float:
    """Return the share, 0-1, below which the true one lies with 95 % probability.

    The 95 % quantile of the beta posterior under a uniform prior, Beta(confirmed + 1, decided - confirmed + 1); found
    by bisection, as P(Beta(c + 1, n - c + 1) <= x) = P(Binomial(n + 1, x) > c).
    Source: Clopper and Pearson, Biometrika 26 (1934), for the identity; Bayes' uniform prior.

    Raises:
        ValueError: more are confirmed than decided, or less than none.
    """
    if not 0 <= confirmed <= decided:
        raise ValueError(f"`confirmed` must be 0 to `decided` ({decided}), got {confirmed}.")
    low, high = 0.0, 1.0
    for _ in range(50):
        middle = (low + high) / 2
        low, high = (low, middle) if 1 - _binomial_cdf(confirmed, decided + 1, middle) >= SURE else (middle, high)
    return high


def _binomial_cdf(most: int, trials: int, share: float) -> float:
    """Return P(X <= most) for X of `trials` draws."""
    if share <= 0:
        return 1.0
    if share >= 1:
        return float(most >= trials)
    terms = (
        lgamma(trials + 1) - lgamma(k + 1) - lgamma(trials - k + 1) + k * log(share) + (trials - k) * log1p(-share)
        for k in range(most + 1)
    )
    return min(1.0, sum(exp(term) for term in terms))
