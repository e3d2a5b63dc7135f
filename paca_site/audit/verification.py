"""The whole check of the trail: its chain, and what was signed about it outside the database."""

import json
from dataclasses import dataclass, replace
from pathlib import Path

from django.conf import settings

from paca_site.accounts.models import User
from paca_site.audit.access import last_entry
from paca_site.audit.checkpoints import Checkpoint, CheckpointError, check_signatures, check_trail, read_checkpoints
from paca_site.audit.models import AuditEntry
from paca_site.audit.services import Verification, audit_record_now, audit_verify


@dataclass(frozen=True, slots=True)
class TrailState:
    """What a check found: the chain (with what contradicts a checkpoint among its faults) and the last checkpoint."""

    chain: Verification
    checkpoints: int
    last: Checkpoint | None


def trail_verify(path: Path | None = None) -> TrailState:
    """Walk the chain and compare it with every checkpoint in `path` (by default the installation's own file)."""
    path = path or settings.CHECKPOINT_FILE
    checkpoints: list[Checkpoint] = []
    fault = ""
    try:
        checkpoints = read_checkpoints(path)
        check_signatures(checkpoints)
    except CheckpointError as error:
        fault = f"checkpoints: {error}"
    chain = audit_verify()
    if not fault:
        try:  # after the walk: what is written meanwhile is no contradiction
            check_trail(checkpoints)
        except CheckpointError as error:
            fault = str(error)
    if fault:
        chain = replace(chain, faults=(*chain.faults, fault))
    return TrailState(chain, len(checkpoints), checkpoints[-1] if checkpoints else None)


def trail_verify_recorded(*, actor: User | None) -> TrailState:
    """Verify and write the result into the trail itself (`audit.verified`); None is the nightly check."""
    state = trail_verify()
    details = {
        "count": state.chain.count,
        "head": state.chain.head,
        "fault": state.chain.fault,
        "checkpoints": state.checkpoints,
    }
    audit_record_now(action="audit.verified", actor=actor, details=details)
    return state


def fault_record(fault: str) -> None:
    """Write a fault that a checkpoint found, once: a trail that stays broken is not told of every five minutes."""
    last = last_verification()
    if last is None or fault not in last.fault:
        audit_record_now(
            action="audit.verified", actor=None, details={"count": 0, "head": "", "fault": fault, "checkpoints": 0}
        )


@dataclass(frozen=True, slots=True)
class LastVerification:
    """What the newest `audit.verified` entry says."""

    entry: AuditEntry
    count: int
    head: str
    fault: str
    checkpoints: int


def last_verification() -> LastVerification | None:
    """Return how the trail was when somebody last verified it."""
    entry = last_entry("audit.verified")
    if entry is None:
        return None
    details = json.loads(entry.body)["details"]
    return LastVerification(
        entry,
        details.get("count", 0),
        details.get("head", ""),
        details.get(
            "fault", "the entry of the last verification is not whole"
        ),  # told, and keeps nobody from signing in
        details.get("checkpoints", 0),
    )
