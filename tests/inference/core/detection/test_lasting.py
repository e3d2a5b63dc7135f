import numpy as np

from inference.core.detection.lasting import LASTS_S, ORDINARY_LOGIT, Lasting, lasting_rows

HEADS = ("agitation", "dispersal", "fall")
STEP_S = 0.2


def followed(evidence: np.ndarray) -> np.ndarray:
    lasting = Lasting(HEADS)
    return np.array([lasting.update(row, STEP_S * index) for index, row in enumerate(evidence)])


def test_a_fall_counts_once_somebody_has_stayed_down_and_a_struggle_at_once() -> None:
    seen = followed(np.full((20, 3), 4.0, np.float32))
    assert (seen[:, 0] == 4.0).all()
    for head, name in ((1, "dispersal"), (2, "fall")):
        young = np.arange(20) * STEP_S < LASTS_S[name] - 1e-6
        assert (seen[young, head] <= ORDINARY_LOGIT).all()
        assert (seen[~young, head] == 4.0).all()


def test_one_moment_without_evidence_holds_a_fall_down_for_two_seconds() -> None:
    evidence = np.full((40, 3), 4.0, np.float32)
    evidence[15] = -5.0
    seen = followed(evidence)
    held = seen[:, 2] == -5.0
    assert held[15:25].all()
    assert not held[27:].any()
    assert seen[16, 0] == 4.0


def test_a_reset_forgets_what_lasted() -> None:
    lasting = Lasting(HEADS)
    high = np.full(3, 4.0, np.float32)
    for index in range(20):
        lasting.update(high, STEP_S * index)
    lasting.reset()
    assert lasting.update(high, 9.0)[2] <= ORDINARY_LOGIT


def test_evidence_that_is_lower_than_ordinary_stays_what_it_is() -> None:
    assert followed(np.full((3, 3), -7.0, np.float32))[1, 2] == -7.0


def test_training_holds_kept_moments_down_as_the_line_does_in_each_view_for_itself() -> None:
    chance = np.random.default_rng(3)
    evidence = chance.normal(size=(60, 3)).astype(np.float32)
    live = np.vstack([followed(evidence[:30]), followed(evidence[30:])])
    times = np.tile(np.arange(30) * STEP_S, 2).astype(np.float32)
    views = np.repeat(np.arange(2), 30)
    kept = lasting_rows(evidence.astype(np.float64), times, times, views, HEADS)
    # sums of 0.2 in 32 bits lie beside those in 64: moments exactly on the edge of a span are left out
    apart = np.abs(kept - live).max(axis=1) > 1e-6
    assert apart.mean() <= 0.1
