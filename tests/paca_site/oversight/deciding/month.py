"""A generated month whose true values are known: alerts, decisions and reviews in the database and in the trail."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from itertools import cycle

from alerts.models import Alert, ClipState, Decision
from alerts.reviewing.models import Review
from alerts.shifts import Shift
from cameras.models import Camera
from paca_site.accounts.models import User
from tests.cast import make_alert
from tests.paca_site.oversight.trail import entry

STATE = {"confirm": "confirmed", "dismiss": "dismissed"}
ACTION = {"confirm": "alert.confirmed", "dismiss": "alert.dismissed"}


class Month:
    """Makes alerts one after the other, each by the next of its people, in the order of time."""

    def __init__(self, camera: Camera, people: list[User], start: datetime, every: timedelta) -> None:
        self.camera, self.at, self.every = camera, start, every
        self.everybody = people
        self.turns: Iterator[User] = cycle(people)

    def add(
        self,
        first: str,
        second: str = "",
        *,
        count: int = 1,
        confidence: float = 60.0,
        after_s: float = 40.0,
        opened_s: float | None = 20.0,
        watched_s: float = 8.0,
        reason: str = "crowd",
        is_severe: bool = False,
        camera: Camera | None = None,
    ) -> None:
        """Add `count` alerts decided `first` (empty: not at all) and reviewed `second` (empty: not drawn)."""
        for _ in range(count):
            self.at += self.every
            alert = self._raise(camera or self.camera, confidence, is_severe, STATE.get(first, "new"))
            if not first:
                continue
            by = next(self.turns)
            decided_at = self.at + timedelta(seconds=after_s)
            decision = Decision.objects.create(
                alert=alert, verdict=first, reason=reason if first == "dismiss" else "", by=by, role=by.role,
                at=decided_at, after_s=after_s, watched_s=watched_s,
            )  # fmt: skip
            site, subject = alert.camera.site, f"alert:{alert.pk}"
            if opened_s is not None:
                entry("alert.viewed", decided_at - timedelta(seconds=opened_s), site, subject, by=by)
            entry(
                ACTION[first], decided_at, site, subject, by=by, decision=decision.pk, after_s=after_s,
                reason=decision.reason, watched_s=watched_s, is_bulk=False, confidence=confidence,
                confidence_shown=True,
            )  # fmt: skip
            if second:
                self._review(alert, decision, second, is_severe=is_severe)

    def _raise(self, camera: Camera, confidence: float, is_severe: bool, state: str) -> Alert:
        alert = make_alert(
            camera, state=state, confidence=confidence, severity=3 if is_severe else 2, raised_at=self.at,
            clip_state=ClipState.READY, clip_path="clip.mp4",
        )  # fmt: skip
        entry("alert.raised", self.at, camera.site, f"alert:{alert.pk}", camera=camera.pk, confidence=confidence)
        return alert

    def _review(self, alert: Alert, decision: Decision, second: str, *, is_severe: bool) -> None:
        by = next(person for person in self.everybody if person != decision.by)
        Review.objects.create(
            alert=alert, decision=decision, first_by=decision.by, is_random=not is_severe, is_severe=is_severe,
            state="agreed" if second == decision.verdict else "disagreed", by=by, at=decision.at, verdict=second,
            reason="crowd" if second == "dismiss" else "",
        )  # fmt: skip

    def shift(self, person: User, start: datetime, hours: float) -> None:
        """Let a person have a shift."""
        Shift.objects.create(person=person, started_at=start, ended_at=start + timedelta(hours=hours)).sites.set(
            [self.camera.site]
        )
