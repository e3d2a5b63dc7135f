"""Saying what was destroyed: a signed record that anybody can check, and the entry of the trail that tells the same."""

from pathlib import Path
from typing import Any

from django.conf import settings
from django.utils import timezone

from cameras.custody.models import DeletionRecord
from cameras.models import Camera
from paca_site.audit.services import audit_record, canonical_json
from paca_site.audit.signing import Purpose, fingerprint, sign, signing_key


def deletion_tell(*, camera: Camera, details: dict[str, Any]) -> None:
    """Record a batch that was destroyed; inside the caller's transaction. Audit: `retention.purged`.

    Args:
        camera: whose data it was.
        details: `kind`, `count`, `bytes` and more that holds nothing of what was destroyed.

    Raises:
        SigningError: the installation's key cannot be used.
    """
    record = deletion_record_make(camera=camera, details=details)
    audit_record(
        action="retention.purged",
        actor=None,
        subject=f"camera:{camera.pk}",
        site_id=camera.site_id,
        details={**details, "record": record.pk},
    )


def deletion_record_make(*, camera: Camera, details: dict[str, Any]) -> DeletionRecord:
    """Sign and store what was destroyed; inside the caller's transaction.

    Raises:
        SigningError: the installation's key cannot be used.
    """
    made_at = timezone.now()
    key = signing_key(Path(settings.CHECKPOINT_KEY))
    text = canonical_json({"camera": camera.pk, "site": camera.site_id, "at": made_at.isoformat(), **details})
    return DeletionRecord.objects.create(
        camera=camera,
        made_at=made_at,
        text=text,
        signature=sign(key, Purpose.DELETION_RECORD, text),
        key=fingerprint(key.public_key()),
    )
