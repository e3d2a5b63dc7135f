"""When an alert makes no sound: it tells of a moment at which its camera gave no picture."""

from alerts.models import Alert
from alerts.system.causes import Cause
from alerts.system.models import SystemAlert


def is_muted(alert: Alert) -> bool:
    """Return whether an alert cannot be true: its camera was lost when the event began, and has been since.

    Muted means that no screen plays a sound for it. Its row stands in the queue like every other, in its place, is
    announced in words, and waits for a decision; if nobody takes it, somebody is called as for every other. An event
    that began before its camera was lost is never muted, nor one of a camera that came back meanwhile.
    """
    return (
        SystemAlert.objects.told()
        .filter(
            cause=Cause.CAMERA_LOST,
            camera_id=alert.camera_id,
            ended_at=None,
            quiet_since=None,
            active_since__lte=alert.started_at,
        )
        .exists()
    )
