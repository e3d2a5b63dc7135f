"""The kinds of looking that the trail knows, by the action that records each."""

from typing import Final

from django.db import models


class Kind(models.TextChoices):
    """One kind of looking, in the order of the columns."""

    WALL = "wall", "Wall"
    LIVE = "live", "Live picture"
    PAGE = "page", "Camera's page"
    ALERT = "alert", "Alert"
    PICTURE = "picture", "Alert's picture"
    CLIP = "clip", "Alert's clip"
    HISTORY = "history", "History"
    EXPORT = "export", "Export"
    REASON = "reason", "Reason given"


PAGE_ACTION: Final = "camera.viewed"
_ALERTS = {
    "alert.viewed": Kind.ALERT,
    "alert.poster-viewed": Kind.PICTURE,
    "alert.clip-viewed": Kind.CLIP,
    "alert.exported": Kind.EXPORT,
}
LOOKS: Final = {
    "wall.opened": Kind.WALL,
    "camera.watched": Kind.LIVE,
    PAGE_ACTION: Kind.PAGE,
    "history.opened": Kind.HISTORY,
    **_ALERTS,
    # a test alert shows what a camera once saw: it was looked at, whatever it was shown for
    **{f"test-{action}": kind for action, kind in _ALERTS.items()},
}
REASONS: Final = {"history.reason-given": Kind.REASON, "alert.exported": Kind.EXPORT}
"""What was said about why. A reason opens nothing by itself: only its `history.opened` counts."""

KIND_OF: Final = {**REASONS, **LOOKS}
COLUMNS: Final = tuple(kind for kind in Kind if kind != Kind.REASON)
