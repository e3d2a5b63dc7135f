"""The cast: people of every role, sites, cameras and alerts. Plain makers, no fixtures."""

import itertools
from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

from django.utils import timezone

from alerts.models import Alert, Decision, Severity
from alerts.necessity.models import Proposal
from alerts.reviewing.models import Review
from alerts.services.raising import EventReport
from alerts.site_map.models import SitePlan
from alerts.system.causes import Cause
from alerts.system.models import SystemAlert
from cameras.authorising.models import Authorisation, Purpose, local_day
from cameras.authorising.services.authorising import authorisation_save
from cameras.boxes.models import Box
from cameras.ceilings.models import Ceiling
from cameras.ceilings.services.ceilings import ceiling_save
from cameras.inviting.models import Invitation
from cameras.inviting.services import invitation_make
from cameras.models import Camera, LegalHold, RetentionPolicy, Segment, Site
from cameras.stopping.models import Halt
from cameras.warrants.models import FootageRelease
from cameras.warrants.orders import read_order
from cameras.warrants.services.requesting import Minutes, release_request
from paca_site.accounts.models import Role, SiteScope, User
from paca_site.accounts.training.models import Certificate, today
from paca_site.accounts.training.standing import NEEDS_CERTIFICATE
from paca_site.oversight.redress.models import Complaint, ComplaintKind
from paca_site.oversight.redress.services.filing import complaint_file
from paca_site.oversight.serious.harms import Gravity, Harm
from paca_site.oversight.serious.models import Report
from paca_site.oversight.serious.services.filing import Account, report_file

PASSWORD = "correct-horse-battery-staple"
_numbers = itertools.count(1)


def make_site(**fields: Any) -> Site:
    number = next(_numbers)
    values = {"name": f"Site {number}", "slug": f"site-{number}", "latitude": 58.1463, "longitude": 7.9926, **fields}
    return Site.objects.create(**values)


def make_user(role: Role, *sites: Site, is_trained: bool = True, **fields: Any) -> User:
    """Make a person; operators and supervisors with a certificate of training, so that they may decide."""
    user = User.objects.create_user(username=f"{role}-{next(_numbers)}", password=PASSWORD, role=role, **fields)
    for site in sites:
        SiteScope.objects.create(user=user, site=site)
    if is_trained and role in NEEDS_CERTIFICATE:
        make_certificate(user)
    return user


def make_invitation(site: Site, by: User, **fields: Any) -> tuple[Invitation, str]:
    """Invite somebody to a site; returns the token of the link too."""
    values = {"for_whom": "Kari Nordmann", "role": Role.OPERATOR, "reason": "a new colleague on shift B", **fields}
    invitation = Invitation(**values)
    return invitation, invitation_make(invitation=invitation, sites=[site], actor=by)


def make_certificate(person: User, **fields: Any) -> Certificate:
    day = today()
    values = {"course": "Course", "taken_on": day, "ends_on": day + timedelta(days=200), "source": "demo", **fields}
    return Certificate.objects.create(person=person, **values)


def make_policy(**fields: Any) -> RetentionPolicy:
    values = {
        "name": f"Policy {next(_numbers)}",
        "masked_hours": 24,
        "clip_days": 7,
        "alert_days": 30,
        "legal_basis": "Police Act, section 7",
        **fields,
    }
    return RetentionPolicy.objects.create(**values)


def make_ceiling(set_by: User, **fields: Any) -> Ceiling:
    values = {"jurisdiction": "Norway", "masked_hours": 168, "legal_basis": "Personal Data Act, section 8", **fields}
    return ceiling_save(ceiling=Ceiling(**values), actor=set_by)


def make_camera(site: Site | None = None, **fields: Any) -> Camera:
    values = {
        "site": site or make_site(),
        "name": f"Camera {next(_numbers)}",
        "address": "rtsp://127.0.0.1:1/stream",
        "latitude": 58.1463,
        "longitude": 7.9926,
        "purpose": "See people in need of help.",
        **fields,
    }
    values.setdefault("retention", make_policy())
    return Camera.objects.create(**values)


def make_segment(camera: Camera, started_at: datetime, **fields: Any) -> Segment:
    values = {
        "path": f"segments/{camera.pk}/{next(_numbers)}.mp4",
        "started_at": started_at,
        "ended_at": started_at + timedelta(seconds=10),
        "frame_count": 50,
        "size_bytes": 1000,
        "width": 640,
        "height": 360,
        "masker": "test",
        **fields,
    }
    return Segment.objects.create(camera=camera, **values)


def make_proposal(camera: Camera, **fields: Any) -> Proposal:
    record = {"decided": 100, "confirmed": 1, "upper_percent": 4.6, "days": 90}
    of = {"camera": None if "kind" in fields else camera}
    return Proposal.objects.create(**{"site": camera.site, **of, **record, **fields})


def make_halt(camera: Camera, by: User, **fields: Any) -> Halt:
    values = {"site": camera.site, "camera": camera, "reason": "Works on the pavement", "began_by": by, **fields}
    return Halt.objects.create(**values)


def make_authorisation(camera: Camera, drafted_by: User, **fields: Any) -> Authorisation:
    today = local_day(camera.site, timezone.now())
    words = "Long enough to say what holds at this place."
    values = {
        "site": camera.site,
        "authority": "Agder Municipal Council",
        "reference": "24/117, 2026-03-02",
        "purpose": Purpose.HELP,
        "legal_basis": "Police Act, section 7",
        "jurisdiction": "Norway",
        **dict.fromkeys(("public_place", "necessity", "alternatives", "proportionality"), words),
        "kinds": ["unusual-movement", "person-on-ground"],
        "starts_on": today,
        "ends_on": today + timedelta(days=365),
        "review_on": today + timedelta(days=180),
        **fields,
    }
    return authorisation_save(authorisation=Authorisation(**values), cameras=[camera], actor=drafted_by)


def make_box(site: Site, by: User, **fields: Any) -> Box:
    return Box.objects.create(**{"site": site, "name": f"Box {next(_numbers)}", "created_by": by, **fields})


def make_complaint(site: Site, *, contact: str = "", **fields: Any) -> Complaint:
    values = {
        "kind": ComplaintKind.FILMED,
        "happened": "Monday about eight in the evening, at the fountain",
        "message": "I sat there with my son.",
        **fields,
    }
    receipt = complaint_file(complaint=Complaint(site=site, **values), contact=contact, form_token=uuid4())
    assert receipt is not None
    return receipt.complaint


def make_report_of_harm(
    site: Site, filed_by: User, harms: tuple[str, ...] = (Harm.UNMASKED,), *cameras: Camera, **fields: Any
) -> Report:
    """Report a serious incident that was noticed an hour ago."""
    values = {
        "headline": f"Masking failed {next(_numbers)}",
        "noticed_at": timezone.now() - timedelta(hours=1),
        "gravity": Gravity.SERIOUS,
        "harms": list(harms),
        **fields,
    }
    account = Account("For two minutes faces could be seen at the fountain.", "The camera was stopped.", uuid4())
    return report_file(report=Report(site=site, **values), account=account, cameras=list(cameras), actor=filed_by)


def make_hold(camera: Camera, placed_by: User, **fields: Any) -> LegalHold:
    now = timezone.now()
    values = {
        "camera": camera,
        "starts_at": now - timedelta(hours=30),
        "ends_at": now - timedelta(hours=28),
        "case": f"24-{next(_numbers)}MED-TAGD",
        "reason": "Ordered by Agder District Court.",
        "review_on": (now + timedelta(days=30)).date(),
        "expires_at": now + timedelta(days=60),
        "placed_by": placed_by,
        **fields,
    }
    return LegalHold.objects.create(**values)


ORDER = b"%PDF-1.7\n% The court orders the release of what follows.\n%%EOF\n"


def make_release(
    camera: Camera, requested_by: User, *more: Camera, start: datetime | None = None, **fields: Any
) -> FootageRelease:
    """Ask for ten minutes of some cameras, from `start` (two hours ago) on; the order is stored below DATA_DIR."""
    start = start or (timezone.now() - timedelta(hours=2)).replace(second=0, microsecond=0)
    values = {
        "authority": "Agder District Court",
        "reference": f"26-{next(_numbers)}ENE-TAGD",
        "legal_basis": "Criminal Procedure Act, section 210",
        "justification": "A person was struck at the fountain; faces are needed.",
        **fields,
    }
    return release_request(
        release=FootageRelease(**values),
        asked=[Minutes(each, start, start + timedelta(minutes=10)) for each in (camera, *more)],
        order=read_order(ORDER, "order.pdf"),
        actor=requested_by,
    )


def make_alert(camera: Camera | None = None, **fields: Any) -> Alert:
    now = timezone.now()
    values = {
        "camera": camera or make_camera(),
        "event_id": f"event-{next(_numbers)}",
        "severity": Severity.MEDIUM,
        "kind": "unusual-movement",
        "sentence": "Several people moving fast in different directions; 4 people; 12 s",
        "facts": {"people": 4},
        "confidence": 62.0,
        "score": 0.7,
        "threshold": 0.5,
        "started_at": now - timedelta(seconds=15),
        "peak_at": now - timedelta(seconds=9),
        "ended_at": now - timedelta(seconds=3),
        "region": [[0.2, 0.2], [0.6, 0.2], [0.6, 0.8], [0.2, 0.8]],
        "masker": "test",
        "detector": "test",
        **fields,
    }
    return Alert.objects.create(**values)


def make_system_alert(camera: Camera | None = None, **fields: Any) -> SystemAlert:
    now = timezone.now()
    subject = f"camera:{camera.pk}" if camera else f"queue:{next(_numbers)}"
    values = {
        "cause": Cause.CAMERA_LOST if camera else Cause.NO_WORKER,
        "subject": subject,
        "camera": camera,
        "reason": "no frame for 3 s",
        "began_at": now - timedelta(minutes=2),
        "raised_at": now - timedelta(minutes=2),
        **fields,
    }
    return SystemAlert.objects.create(**values)


def make_plan(site: Site, stored_by: User, **fields: Any) -> SitePlan:
    values = {"picture": b"RIFF", "width": 400, "height": 300, "digest": "0" * 64, **fields}
    return SitePlan.objects.create(site=site, stored_by=stored_by, **values)


def make_decision(alert: Alert, by: User, **fields: Any) -> Decision:
    """Make a dismissal of an alert, as its row alone: the alert stays as it is."""
    values = {"verdict": "dismiss", "reason": "crowd", "by": by, "role": by.role, "after_s": 20.0, **fields}
    return Decision.objects.create(alert=alert, **values)


def make_review(camera: Camera, first: User, second: User | None = None, **fields: Any) -> Review:
    """Make a dismissed alert with a clip that `first` decided, and its review: waiting, or confirmed by `second`."""
    alert = make_alert(camera, state="dismissed", clip_state="ready", clip_path="clip.mp4", clip_duration_s=14)
    decision = make_decision(alert, first)
    values = {"alert": alert, "decision": decision, "first_by": first, "is_random": True, "is_severe": False, **fields}
    if second is not None:
        values |= {"state": "disagreed", "by": second, "at": timezone.now(), "verdict": "confirm"}
    return Review.objects.create(**values)


def make_report(**fields: Any) -> EventReport:
    now = timezone.now()
    values: dict[str, Any] = {
        "event_id": f"event-{next(_numbers)}",
        "kind": "unusual-movement",
        "sentence": "Several people moving fast in different directions; 4 people; 12 s",
        "facts": {"people": 4.0},
        "confidence": 62.0,
        "score": 0.7,
        "threshold": 0.5,
        "started_at": now - timedelta(seconds=5),
        "peak_at": now,
        "ended_at": None,
        "region": [[0.2, 0.2], [0.6, 0.2], [0.6, 0.8]],
        "regions": [],
        "scores": [],
        "masker": "test",
        "detector": "test",
        **fields,
    }
    return EventReport(**values)
