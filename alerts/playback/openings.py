"""Proof, carried in addresses, that an opening of history was recorded, and that a reason was given for an old one.

They only tie a file to the opening it belongs to. What a person may see is decided anew with each request.
"""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Final
from uuid import UUID

from django.conf import settings
from django.core import signing

from alerts.playback.window import Window
from cameras.models import Camera
from paca_site.accounts.models import User

OPENING: Final = "alerts.playback.opening"
GRANT: Final = "alerts.playback.grant"
SHIFT: Final = timedelta(hours=12)
GRANT_FOR: Final = timedelta(hours=1)
"""A reason counts for one day of one camera, and this long."""


def needs_reason(window: Window, now: datetime) -> bool:
    """Whether a person must say why they look at it: part of it is older than PACA_HISTORY_REASON_HOURS."""
    return window.starts_at < now - timedelta(hours=settings.HISTORY_REASON_HOURS)


@dataclass(frozen=True, slots=True)
class Opening:
    """One opening of history, as its token tells it: the id that its entry has, and when."""

    view: UUID
    at: datetime


def token_of(salt: str, user: User, camera: Camera, window: Window, opening: Opening | None = None) -> str:
    """Return a signed token for one person, camera and window; that of an opening also says which one it is."""
    content: list[Any] = [user.pk, camera.pk, window.starts_at.timestamp(), window.ends_at.timestamp()]
    if opening is not None:
        content += [opening.view.hex, opening.at.timestamp()]
    return signing.dumps(content, salt=salt, compress=True)


def covers(token: str, salt: str, user: User, camera: Camera, first: datetime, last: datetime) -> bool:
    """Whether a token is this person's, for this camera and all from `first` to `last`, and not too old."""
    try:
        longest = GRANT_FOR if salt == GRANT else SHIFT
        user_pk, camera_pk, start_s, end_s, *_opening = signing.loads(token, salt=salt, max_age=longest)
    except signing.BadSignature:
        return False
    is_theirs = (user_pk, camera_pk) == (user.pk, camera.pk)
    return is_theirs and start_s <= first.timestamp() and last.timestamp() <= end_s


def opening_of(token: str, user: User, camera: Camera) -> Opening | None:
    """Return the opening that a token of `OPENING` names; None where it is not theirs, of another camera or too old."""
    try:
        user_pk, camera_pk, _start_s, _end_s, view, at_s = signing.loads(token, salt=OPENING, max_age=SHIFT)
    except (signing.BadSignature, ValueError):
        return None
    if (user_pk, camera_pk) != (user.pk, camera.pk):
        return None
    return Opening(UUID(view), datetime.fromtimestamp(at_s, UTC))
