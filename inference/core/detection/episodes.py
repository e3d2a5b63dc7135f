"""When scores become an event: hysteresis in time, so that one incident is one event and a flicker is none."""

from dataclasses import dataclass
from typing import Literal

Change = Literal["none", "started", "ended"]


@dataclass(frozen=True, slots=True)
class EpisodeConfig:
    """How scores become events.

    Attributes:
        threshold: score (0-1) from which a moment counts as unusual.
        release: share of the threshold below which it no longer does.
        persistence_s: the score must have been above for so long (moments below count against it).
        end_s: an event ends after so long below the release.
        max_s: an event is ended after so long in any case.
        cool_down_s: no new event for so long after an end.
    """

    threshold: float
    release: float = 0.7
    persistence_s: float = 0.8
    end_s: float = 3.0
    max_s: float = 60.0
    cool_down_s: float = 8.0


class Episode:
    """Follows the score of one camera. Times are stream seconds.

    Attributes:
        rising_since_s: since when the score has been above the threshold; None while it is not.
        started_s: start of the running event; None if there is none.
        ended_s: end of the last event.
    """

    def __init__(self, config: EpisodeConfig) -> None:
        self._config = config
        self._rest_until_s = float("-inf")
        self._last_s: float | None = None
        self.started_s: float | None = None
        self._carried_s = 0.0
        self.reset()

    def reset(self) -> None:
        """Forget the scores and any running event. Rest goes on: a clip that loops does not call again and again.

        Stream time may start anew after this, so the rest that is left is carried over, not its end.
        """
        if self.started_s is not None:
            self._carried_s = self._config.cool_down_s
        elif self._last_s is not None:
            self._carried_s = max(0.0, self._rest_until_s - self._last_s)
        self._last_s = None
        self._above_s = 0.0
        self._below_since_s: float | None = None
        self._is_spent = False
        self.rising_since_s: float | None = None
        self.started_s = None
        self.ended_s = 0.0

    @property
    def is_running(self) -> bool:
        """Whether an event is going on."""
        return self.started_s is not None

    def update(self, score: float, now_s: float) -> Change:
        """Take the score of a moment; say whether an event starts or ends with it."""
        if self._last_s is None:
            self._rest_until_s = now_s + self._carried_s
        step_s = 0.0 if self._last_s is None else min(1.0, now_s - self._last_s)
        self._last_s = now_s
        if self.started_s is not None:
            return self._go_on(score, now_s, self.started_s)
        if self._is_spent:
            # The last event ran to its full length: it must calm down before there can be a new one.
            self._is_spent = score >= self._config.threshold * self._config.release
        if score < self._config.threshold or self._is_spent or now_s < self._rest_until_s:
            self._above_s = max(0.0, self._above_s - step_s)
            if self._above_s == 0.0:
                self.rising_since_s = None
            return "none"
        if self.rising_since_s is None:
            self.rising_since_s = now_s
        else:
            self._above_s += step_s
        if self._above_s < self._config.persistence_s - 1e-6:
            return "none"
        self.started_s, self._below_since_s, self._above_s = self.rising_since_s, None, 0.0
        return "started"

    def _go_on(self, score: float, now_s: float, started_s: float) -> Change:
        if score >= self._config.threshold * self._config.release:
            self._below_since_s = None
        elif self._below_since_s is None:
            self._below_since_s = now_s
        is_over = self._below_since_s is not None and now_s - self._below_since_s >= self._config.end_s
        is_too_long = now_s - started_s >= self._config.max_s
        if not (is_over or is_too_long):
            return "none"
        # The event was over when the score fell; the seconds since then were spent on making sure.
        self.ended_s = self._below_since_s if is_over and self._below_since_s is not None else now_s
        self.started_s = self.rising_since_s = None
        self._is_spent = not is_over
        self._rest_until_s = now_s + self._config.cool_down_s
        return "ended"
