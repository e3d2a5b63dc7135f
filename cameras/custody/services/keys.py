"""Registering and retiring the public part of a custodian's key."""

import hashlib

from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext

from cameras.custody.models import CustodianKey
from cameras.models import Camera, Modality
from cameras.services.cameras import stream_restart
from paca_site.accounts.models import User
from paca_site.audit.services import audit_lock, audit_record

SHORTEST_REASON = 10
SHORTEST_FINGERPRINT = 16
"""Characters of the fingerprint to be typed beside the key: a slip of a digit would seal video that nobody can open."""


def fingerprint_of(public_key: str) -> str:
    """Return SHA-256 of a public key (64 hex digits), 64 hex digits."""
    return hashlib.sha256(bytes.fromhex(public_key)).hexdigest()


def key_register(*, public_key: str, fingerprint: str, actor: User) -> CustodianKey:
    """Register a key: video is sealed for it from now on, and the one before is retired.

    Audit: `custody.key-registered`. What was sealed for an earlier key stays sealed for that one. Cameras that keep
    unmasked video begin a new turn.

    Args:
        public_key: 64 hex digits, as `make_custodian_key` prints them.
        fingerprint: at least the first 16 digits of what it prints beside.
        actor: the custodian.

    Raises:
        ValidationError: the key is none, does not have this fingerprint, or was registered before.
    """
    public_key, given = public_key.strip().lower(), "".join(fingerprint.split()).lower()
    key = CustodianKey(public_key=public_key, registered_by=actor)
    key.clean_fields(exclude=["fingerprint"])
    key.fingerprint = fingerprint_of(public_key)
    if len(given) < SHORTEST_FINGERPRINT or not key.fingerprint.startswith(given):
        raise ValidationError(
            {
                "fingerprint": gettext(
                    "This is not the fingerprint of this key; give at least its first {count} characters."
                ).format(count=SHORTEST_FINGERPRINT)
            }
        )
    _check_point(public_key)
    with transaction.atomic():
        audit_lock()
        before = CustodianKey.objects.select_for_update(no_key=True).current().first()
        if CustodianKey.objects.filter(public_key=public_key).exists():
            raise ValidationError({"public_key": gettext("This key was registered before; make a new one.")})
        if before is not None:
            _retire(before, actor, "Replaced by another key.")
        key.save()
        audit_record(
            action="custody.key-registered",
            actor=actor,
            subject=f"custodian-key:{key.pk}",
            details={"fingerprint": key.fingerprint, "replaces": before.fingerprint if before else ""},
        )
        transaction.on_commit(_vaults_restart)
    return key


def key_retire(*, key: CustodianKey, actor: User, reason: str) -> None:
    """Retire the current key: nothing unmasked is sealed any more until another is registered.

    Audit: `custody.key-retired`. What was sealed for it can still be opened with it, while the policy keeps it.

    Raises:
        ValidationError: no reason, or the key was retired already.
    """
    reason = reason.strip()
    if len(reason) < SHORTEST_REASON:
        raise ValidationError(
            gettext("Say why in at least {least} characters; these are {count}.").format(
                least=SHORTEST_REASON, count=len(reason)
            )
        )
    with transaction.atomic():
        audit_lock()
        current = CustodianKey.objects.select_for_update(no_key=True).current().filter(pk=key.pk).first()
        if current is None:
            raise ValidationError(gettext("This key was retired already."))
        _retire(current, actor, reason)
        audit_record(
            action="custody.key-retired",
            actor=actor,
            subject=f"custodian-key:{key.pk}",
            details={"fingerprint": current.fingerprint, "reason": reason},
        )
        transaction.on_commit(_vaults_restart)


def _retire(key: CustodianKey, actor: User, reason: str) -> None:
    key.retired_at, key.retired_by, key.retire_reason = timezone.now(), actor, reason
    key.save(update_fields=["retired_at", "retired_by", "retire_reason"])


def _check_point(public_key: str) -> None:
    """Refuse a key of small order, for which what is wrapped would be open to everybody."""
    try:
        X25519PrivateKey.generate().exchange(X25519PublicKey.from_public_bytes(bytes.fromhex(public_key)))
    except ValueError as error:
        raise ValidationError({"public_key": gettext("This is no usable public key.")}) from error


def _vaults_restart() -> None:
    cameras = Camera.objects.filter(is_enabled=True, modality=Modality.CENTRAL, retention__raw_hours__gt=0)
    for camera_id in cameras.values_list("pk", flat=True):
        stream_restart(camera_id)
