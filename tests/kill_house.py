"""What a process that dies could lose or leave: a central camera with everything that is kept of it."""

from datetime import timedelta
from typing import Any


def forget_cameras() -> None:
    """Remove the cameras of earlier runs, so that a purge has one to look at; triggers and keys stand aside for it."""
    from django.db import connection, transaction

    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET LOCAL session_replication_role = replica")
        cursor.execute("DELETE FROM cameras_camera")


class House:
    """A central camera with everything that a procedure could lose or leave."""

    def __init__(self) -> None:
        from django.utils import timezone

        from alerts.models import ClipState
        from cameras.footage import footage_path
        from cameras.live import lease_key, valkey
        from paca_site.accounts.models import Role
        from tests.cameras.custody.sealed import make_sealed
        from tests.cast import make_alert, make_camera, make_hold, make_policy, make_segment, make_site, make_user

        self.site, self.now = make_site(), timezone.now()
        self.administrator, self.custodian = (
            make_user(role, self.site) for role in (Role.ADMINISTRATOR, Role.CUSTODIAN)
        )
        self.camera = make_camera(self.site, retention=make_policy(masked_hours=24, clip_days=1, raw_hours=2))
        valkey().delete(lease_key(self.camera.pk))
        hour = timedelta(hours=1)
        make_hold(self.camera, self.custodian, starts_at=self.now - 41 * hour, ends_at=self.now - 40 * hour)
        ages = {"old": 30, "held": 40.5, "young": 0.5}
        self.sealed, self.segments, self.alerts = {}, {}, {}
        for name, age in ages.items():
            at = self.now - age * hour
            self.sealed[name] = make_sealed(self.camera, at, _key(self.custodian))
            self.segments[name] = make_segment(self.camera, at)
            clip = f"clips/{self.camera.pk}/{name}.mp4"
            for relative in (self.segments[name].path, clip):
                path = footage_path(relative)
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_bytes(b"masked video")
            times = {"started_at": at, "ended_at": at + timedelta(seconds=9), "raised_at": at}
            self.alerts[name] = make_alert(self.camera, clip_state=ClipState.READY, clip_path=clip, **times)

    def there(self, name: str) -> tuple[bool, ...]:
        """Return whether secret, sealed file, recording, clip, and the rows of all of them exist."""
        from alerts.models import Alert
        from cameras.custody.models import SealedHour
        from cameras.footage import footage_path
        from cameras.models import Segment
        from tests.cameras.custody.sealed import is_there

        alert = Alert.objects.get(pk=self.alerts[name].pk)
        return (
            *is_there(self.sealed[name]),
            footage_path(self.segments[name].path).exists(),
            footage_path(f"clips/{self.camera.pk}/{name}.mp4").exists(),
            SealedHour.objects.filter(pk=self.sealed[name].pk).exists(),
            Segment.objects.filter(pk=self.segments[name].pk).exists(),
            bool(alert.clip_path),
        )


def _key(custodian: Any) -> Any:
    from cameras.custody.models import CustodianKey
    from tests.cameras.custody.sealed import make_key

    return CustodianKey.objects.current().first() or make_key()
