from collections.abc import Callable

from inference.core.detection.episodes import Episode, EpisodeConfig

CONFIG = EpisodeConfig(threshold=0.5, persistence_s=0.8, end_s=3.0, max_s=20.0, cool_down_s=5.0)


def run(score: Callable[[float], float], duration_s: float, fps: float = 10.0) -> list[tuple[float, str]]:
    episode = Episode(CONFIG)
    changes = [
        (index / fps, episode.update(score(index / fps), index / fps)) for index in range(round(duration_s * fps))
    ]
    return [change for change in changes if change[1] != "none"]


def test_a_flicker_above_the_threshold_is_no_event() -> None:
    assert run(lambda now: 0.9 if now % 2 < 0.3 else 0.1, 30) == []


def test_an_event_starts_after_the_persistence_at_any_frame_rate() -> None:
    for fps in (5.0, 12.5):
        (at, change), *_ = run(lambda now: 0.9 if now >= 4 else 0.1, 8, fps)
        assert change == "started"
        assert 4.7 <= at <= 5.1


def test_one_incident_with_a_short_lull_is_one_event() -> None:
    changes = run(lambda now: 0.9 if 4 <= now < 8 or 9.5 <= now < 13 else 0.1, 30)
    assert [change for _, change in changes] == ["started", "ended"]


def test_an_event_is_over_when_the_score_fell_not_when_it_was_sure() -> None:
    episode = Episode(CONFIG)
    for index in range(120):
        episode.update(0.9 if 20 <= index < 60 else 0.1, index / 10)
    assert episode.ended_s == 6.0


def test_a_score_that_never_falls_gives_one_event_of_the_longest_duration() -> None:
    changes = run(lambda now: 0.9, 90)
    assert [change for _, change in changes] == ["started", "ended"]
    assert 19.9 <= changes[1][0] <= 20.2


def test_nothing_starts_within_the_cool_down() -> None:
    changes = run(lambda now: 0.9 if 2 <= now < 5 or 9 <= now < 11 else 0.1, 30)
    assert [change for _, change in changes] == ["started", "ended"]


def test_the_rest_goes_on_when_stream_time_starts_anew() -> None:
    episode = Episode(CONFIG)
    for index in range(20):
        episode.update(0.9, 50 + index / 10)
    assert episode.is_running
    episode.reset()
    starts = [index / 10 for index in range(100) if episode.update(0.9, index / 10) == "started"]
    assert len(starts) == 1
    assert starts[0] >= CONFIG.cool_down_s
