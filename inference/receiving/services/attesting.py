"""Taking what boxes attest: each record is checked against itself and the one before, and kept with what is wrong."""

from datetime import datetime, timedelta
from typing import Any, Final

from django.conf import settings
from django.db import IntegrityError, transaction
from django.utils import timezone

from alerts.system.causes import Cause
from alerts.system.services.telling import Finding, findings_tell
from cameras.boxes.models import Attestation, Box
from cameras.boxes.services.challenging import challenge_answer
from inference.core.boxes.attesting import (
    ATTESTED,
    GENESIS,
    chain_faults,
    record_hash,
    record_parse,
    sum_faults,
)
from inference.core.boxes.requests import ANSWER, ATTESTATION, is_signed
from inference.receiving.gate import RefusalError

LATE_AFTER: Final = timedelta(minutes=3)
LONG_WITHHELD: Final = 0.2
"""As for workers: a camera that withholds more than a fifth does not show what people think it shows."""


def attestation_take(*, box: Box, text: str, signature: str) -> Attestation:
    """Check and store one record. Safe to run twice: the same record is stored once.

    Side effects: system alerts of the box (chain, sum) and of its edge cameras (share withheld); records older than
    `PACA_BOX_ATTESTATION_DAYS` are deleted.

    Raises:
        RefusalError: it is no record, is not signed by this box, or another of its number is stored already.
    """
    if len(text) > 100_000:
        raise RefusalError("too-large", "An attestation has at most 100000 characters.")
    try:
        record = record_parse(text)
    except ValueError as error:
        raise RefusalError("malformed", str(error)) from error
    if not is_signed(box.public_key, ATTESTATION, text, signature):
        raise RefusalError("signature", "The attestation is not signed by this box.")
    known = Attestation.objects.filter(box=box, enrolment=box.enrolment, number=record["number"]).first()
    if known is None:
        known = _store(box, record, text, signature)
        _tell(box, known, record)
        kept = timezone.now() - timedelta(days=settings.BOX_ATTESTATION_DAYS)
        Attestation.objects.filter(box=box, received_at__lt=kept).delete()
    elif known.text != text:
        why = f"Record {record['number']} came twice with different content."
        findings_tell([Finding(Cause.ATTESTATION, f"box:{box.pk}", f"{box.name}: {why}", timezone.now())])
        raise RefusalError("malformed", why)
    return known


def _store(box: Box, record: dict[str, Any], text: str, signature: str) -> Attestation:
    last = Attestation.objects.filter(box=box, enrolment=box.enrolment).order_by("-number").first()
    before = record_parse(last.text) if last else None
    faults = [*sum_faults(record), *chain_faults(record, before, last.hash if last else GENESIS)]
    totals = {name: sum(counts[name] for counts in record["cameras"].values()) for name in ATTESTED}
    try:
        with transaction.atomic():
            return Attestation.objects.create(
                box=box,
                enrolment=box.enrolment,
                number=record["number"],
                began_at=datetime.fromisoformat(record["began_at"]),
                ended_at=datetime.fromisoformat(record["ended_at"]),
                text=text,
                hash=record_hash(text),
                key=box.public_key,
                signature=signature,
                fault=" ".join(faults)[:500],
                **{name: max(0, count) for name, count in totals.items()},
            )
    except IntegrityError:  # the same record came twice at once
        return Attestation.objects.get(box=box, enrolment=box.enrolment, number=record["number"])


def _tell(box: Box, attestation: Attestation, record: dict[str, Any]) -> None:
    now = timezone.now()
    why = f"{box.name}: {attestation.fault}" if attestation.fault else ""
    findings = [Finding(Cause.ATTESTATION, f"box:{box.pk}", why, now)]
    edge = set(box.placements.filter(camera__modality="edge").values_list("camera_id", flat=True))
    for camera, counts in record["cameras"].items():
        shown = counts["masked"] + counts["withheld"]
        if int(camera) in edge and shown:
            share = counts["withheld"] / shown
            words = f"{share * 100:.0f} % of a minute's frames" if share >= LONG_WITHHELD else ""
            findings.append(Finding(Cause.FRAMES_WITHHELD, f"camera:{camera}", words, now, int(camera)))
    findings_tell(findings)


def answer_take(*, box: Box, nonce: str, text: str, signature: str) -> bool:
    """Take a box's answer to a challenge: the nonce and the head of its chain, signed. Returns whether it was asked.

    A head that the server does not know is a fault: the box has another chain than the one it sent.
    """
    faults = []
    if not is_signed(box.public_key, ANSWER, text, signature):
        faults.append("It is not signed by this box.")
    lines = dict(line.split("=", 1) for line in text.splitlines() if "=" in line)
    if lines.get("nonce") != nonce:
        faults.append("It answers another question.")
    head, number = lines.get("head", ""), lines.get("number", "")
    last = Attestation.objects.filter(box=box, enrolment=box.enrolment).order_by("-number").first()
    is_newer = number.isdecimal() and last is not None and last.number < int(number) <= last.number + 2
    is_known = Attestation.objects.filter(box=box, enrolment=box.enrolment, hash=head).exists()
    if not (is_known or is_newer or (head == GENESIS and last is None)):
        faults.append("The head it names is not the one that it sent.")
    return challenge_answer(box=box, nonce=nonce, text=text[:2000], signature=signature[:128], fault=" ".join(faults))


def box_findings(now: datetime) -> list[Finding]:
    """Return what is wrong with boxes: one that is not heard of, or reports but does not attest. One query."""
    findings = []
    boxes = Box.objects.filter(revoked_at=None).exclude(public_key="").select_related("site")
    for box in boxes:
        subject, name = f"box:{box.pk}", f"{box.site.name}, {box.name}"
        silent = box.state == "silent"
        since = f"since {box.seen_at:%H:%M:%S} UTC" if box.seen_at else "yet"
        why = f"{name}: not heard of {since}." if silent else ""
        findings.append(Finding(Cause.BOX_LOST, subject, why, now))
        if silent or box.enrolled_at is None:
            continue
        newest = box.attestations.filter(enrolment=box.enrolment).order_by("-number").first()
        told_at = newest.ended_at if newest else box.enrolled_at
        if now - told_at > LATE_AFTER:
            words = f"{name}: nothing attested since {told_at:%H:%M:%S} UTC, though it reports."
            findings.append(Finding(Cause.ATTESTATION, subject, words, now))
    return findings
