"""The kinds of looking that the trail knows, by the action that records each."""

from typing import Final

from django.db import models
from django.utils.translation import gettext_lazy as _


class Kind(models.TextChoices):
    """One kind of looking, in the order of the columns."""

    WALL = "wall", _("Wall")
    LIVE = "live", _("Live picture")
    PAGE = "page", _("Camera's page")
    ALERT = "alert", _("Alert")
    PICTURE = "picture", _("Alert's picture")
    CLIP = "clip", _("Alert's clip")
    HISTORY = "history", _("History")
    EXPORT = "export", _("Export")
    REASON = "reason", _("Reason given")


PAGE_ACTION: Final = "camera.viewed"
LIVE_ACTION: Final = "camera.watched"
HISTORY_ACTION: Final = "history.opened"
LASTING: Final = (LIVE_ACTION, HISTORY_ACTION)
"""What stands open for a while; the subject of each is its camera."""
ENDS: Final = ("camera.watch-ended", "history.closed")
"""How long those did, camera by camera, under the same id; no openings by themselves."""
_ALERTS = {
    "alert.viewed": Kind.ALERT,
    "alert.replayed": Kind.ALERT,
    "alert.poster-viewed": Kind.PICTURE,
    "alert.clip-viewed": Kind.CLIP,
    "alert.exported": Kind.EXPORT,
}
LOOKS: Final = {
    "wall.opened": Kind.WALL,
    LIVE_ACTION: Kind.LIVE,
    PAGE_ACTION: Kind.PAGE,
    HISTORY_ACTION: Kind.HISTORY,
    "review.viewed": Kind.ALERT,
    **_ALERTS,
    # a test alert shows what a camera once saw: it was looked at, whatever it was shown for
    **{f"test-{action}": kind for action, kind in _ALERTS.items()},
}
REASONS: Final = {"history.reason-given": Kind.REASON, "alert.exported": Kind.EXPORT}
"""What was said about why. A reason opens nothing by itself: only its `history.opened` counts."""

KIND_OF: Final = {**REASONS, **LOOKS}
COLUMNS: Final = tuple(kind for kind in Kind if kind != Kind.REASON)
