"""A test alert is in no figure but the one of vigilance: all places that count are walked, new ones must say so."""

import re
from datetime import timedelta
from pathlib import Path

import pytest
from django.test import Client
from django.utils import timezone

from alerts.access import alerts_to_log, visible_decisions
from alerts.incidents import Flood
from alerts.models import Alert, Decision
from alerts.record import last_alerts, local_record
from alerts.seeding.models import KnownClip, Seed
from alerts.seeding.services.placing import seed_place, seeds_go_on
from alerts.services.exporting import why_not_exported
from alerts.services.flooding import floods_check
from alerts.services.grouping import incident_for
from alerts.services.retention import alerts_purge, clip_orphans_purge, clips_purge
from alerts.sharing.load import site_loads
from inference.exposition import exposition
from paca_site.audit.models import AuditEntry
from paca_site.metrics.measures import DELAY_SECONDS
from paca_site.oversight.monthly.models import CountedMonth
from paca_site.oversight.monthly.services import monthly_counts, months_count
from tests.alerts.conftest import Desk
from tests.cast import make_alert
from tests.proof import prove

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("services")]
CHECKOUT = Path(__file__).resolve().parents[3]
KNOWING = {  # what the desk does with one alert, or shows of those that wait; everything else has `Alert.objects`
    "alerts/access.py",
    "alerts/playback/timeline.py",
    "alerts/record.py",
    "alerts/replay/queue_then.py",
    "alerts/seen.py",
    "alerts/services/calling.py",
    "alerts/services/claiming.py",
    "alerts/services/deciding.py",
    "alerts/services/incident_dismissing.py",
    "alerts/services/pushing.py",
    "alerts/services/retention.py",
    "alerts/services/shelving.py",
    "alerts/seeding/services/placing.py",
    "alerts/seeding/services/revealing.py",
}


@pytest.fixture
def seed(known: KnownClip) -> Seed:
    """A test alert with its clip, undecided."""
    seed = seed_place(clip=known, actor=None)
    assert seed is not None
    seeds_go_on(now=seed.placed_at + timedelta(seconds=20))
    seed.alert.refresh_from_db()
    return seed


def everything_counted(desk: Desk, alert: Alert) -> dict[str, object]:
    """What each place that counts says now."""
    now = timezone.now()
    record = local_record(desk.alert)
    open_alerts = [line for line in exposition().decode().splitlines() if "paca_alerts_open" in line and line[0] != "#"]
    CountedMonth.objects.all().delete()
    months_count(now + timedelta(days=40))  # when this month is over
    counts = monthly_counts(now + timedelta(days=40))
    floods_check()
    (load,) = site_loads([desk.site])
    return {
        "alerts": Alert.objects.count(),
        "of the camera": alert.camera.alerts.count(),
        "decisions": Decision.objects.count(),
        "decisions listed": visible_decisions(desk.supervisor).count(),
        "record": (record.here, record.elsewhere),
        "to log": alerts_to_log(desk.operator).count(),
        "metrics": open_alerts,
        "delays": [sample.value for metric in DELAY_SECONDS.collect() for sample in metric.samples],
        "transparency": {key: (count.outcomes, count.looked) for key, count in counts.items()},
        "floods": Flood.objects.count(),
        "load": (load.total, load.alone, [(one.decided_hour, one.holds) for one in load.people]),
    }


@pytest.mark.parametrize("verdict", ["confirm", "dismiss", "escalate"])
def test_no_figure_changes_by_a_test_alert_or_by_what_is_said_to_it(
    desk: Desk, known: KnownClip, as_operator: Client, verdict: str
) -> None:
    before = everything_counted(desk, known.alert)
    seed = seed_place(clip=known, actor=None)
    assert seed is not None
    seeds_go_on(now=seed.placed_at + timedelta(seconds=20))
    as_operator.get(f"/alerts/{seed.alert_id}/clip.mp4")
    as_operator.post(f"/alerts/{seed.alert_id}/claim")
    assert everything_counted(desk, known.alert) == before
    as_operator.post(f"/alerts/{seed.alert_id}/decide", {"verdict": verdict, "reason": "crowd"})
    assert Seed.objects.get().verdict == verdict
    assert everything_counted(desk, known.alert) == before


def test_a_new_place_gets_seeded_alerts_only_by_saying_so() -> None:
    says_so = {
        path.relative_to(CHECKOUT).as_posix()
        for folder in ("alerts", "cameras", "inference", "paca_site")
        for path in (CHECKOUT / folder).rglob("*.py")
        if re.search(r"\bAlert\.desk\b", path.read_text())
    }
    assert says_so == KNOWING
    joins = {
        path.relative_to(CHECKOUT).as_posix()
        for folder in ("inference", "paca_site")
        for path in (CHECKOUT / folder).rglob("*.py")
        if re.search(r"\balerts__|_base_manager|alerts_alert\b", path.read_text())
    }
    assert not joins  # a join goes round the manager: who counts so must leave seeded ones out by name, and stand here


def test_no_incident_grows_by_one(desk: Desk, seed: Seed) -> None:
    found = incident_for(camera=desk.alert.camera, started_at=timezone.now())
    assert found.pk != seed.alert.incident_id


def test_it_cannot_be_exported_as_evidence(seed: Seed, as_supervisor: Client) -> None:
    assert "no evidence of anything" in why_not_exported(seed.alert)
    posted = {"case": "24-1MED", "reason": "Asked for by the police of Agder."}
    prove(as_supervisor)
    answer = as_supervisor.post(f"/alerts/{seed.alert_id}/export", posted)
    assert answer.status_code == 422
    assert not AuditEntry.objects.filter(action="alert.exported").exists()


def test_the_trail_has_its_own_words_for_it(seed: Seed, as_operator: Client) -> None:
    as_operator.get(f"/alerts/{seed.alert_id}/")
    as_operator.post(f"/alerts/{seed.alert_id}/claim")
    as_operator.post(f"/alerts/{seed.alert_id}/decide", {"verdict": "confirm"})
    actions = set(AuditEntry.objects.filter(subject=f"alert:{seed.alert_id}").values_list("action", flat=True))
    assert actions == {"test-alert.placed", "test-alert.viewed", "test-alert.claimed", "test-alert.confirmed"}


def test_a_purge_never_touches_the_files_it_borrows(desk: Desk, known: KnownClip, seed: Seed, tmp_path: Path) -> None:
    camera = desk.alert.camera
    Alert.desk.filter(pk=seed.alert_id).update(raised_at=timezone.now() - timedelta(days=40))
    assert clips_purge(camera=camera) == 0
    alerts_purge(camera=camera)
    assert not Alert.desk.filter(pk=seed.alert_id).exists()
    assert (tmp_path / "source.mp4").exists()
    clip_orphans_purge()
    assert (tmp_path / "source.mp4").exists()


def test_it_lives_no_longer_than_the_clip_it_borrows(known: KnownClip, seed: Seed, desk: Desk) -> None:
    Alert.objects.filter(pk=known.alert_id).update(raised_at=timezone.now() - timedelta(days=8))
    assert clips_purge(camera=desk.alert.camera) == 1
    seeds_go_on()
    seed.refresh_from_db()
    assert seed.withdrawn_at is not None
    assert Alert.desk.get(pk=seed.alert_id).clip_path == ""


def test_once_decided_it_is_nobody_s_last_alert(desk: Desk, seed: Seed, as_operator: Client) -> None:
    later = make_alert(desk.alert.camera)
    as_operator.post(f"/alerts/{seed.alert_id}/decide", {"verdict": "confirm"})
    assert seed.alert_id not in {alert.pk for alert in last_alerts(later)}
