"""Until it is decided, nothing that the desk shows or sends tells a test alert from another."""

import json
import re
from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from alerts.models import Alert, ClipState
from alerts.playback.timeline import timeline_of
from alerts.playback.window import Window
from alerts.seeding.models import KnownClip, Seed
from alerts.seeding.services.placing import seed_place, seeds_go_on
from alerts.services import pushing
from alerts.services.raising import alert_raise
from alerts.wording import kind_words
from tests.alerts.conftest import Desk
from tests.cast import make_alert, make_report

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("services")]
NUMBERS = re.compile(r"\b[0-9a-f]{12,}\b|\d+")


def placed(clip: KnownClip) -> Seed:
    seed = seed_place(clip=clip, actor=None)
    assert seed is not None
    return seed


def raised_like(source: Alert) -> Alert:
    """A real alert that has just been raised with what the source said."""
    now = timezone.now()
    report = make_report(
        sentence=source.sentence,
        kind=source.kind,
        started_at=now - timedelta(seconds=4),
        peak_at=now - timedelta(seconds=1),
        ended_at=None,
        event_id="0123456789abcdef0123456789abcdef",
        region=source.region,
        regions=[one for one in source.regions if one[0] <= 4],
        scores=[one for one in source.scores if one[0] <= 4],
        confidence=source.confidence,
    )
    return alert_raise(camera_id=source.camera_id, report=report)[0]


def shape(text: str) -> list[str]:
    """What is left of a page without its numbers and times."""
    without_times = re.sub(
        r'(?:data-view|view)[^"\s]*="[^"]*"|\?[^"]*"|csrf[^>]*>|nonce="[^"]*"|X-CSRFToken[^}]*', "", text
    )
    return [line.strip() for line in NUMBERS.sub("#", without_times).splitlines() if line.strip()]


def test_its_page_and_its_row_have_the_shape_of_a_real_one(desk: Desk, known: KnownClip, as_operator: Client) -> None:
    seeded, real = placed(known).alert, raised_like(known.alert)
    pages = [as_operator.get(f"/alerts/{alert.pk}/").text for alert in (real, seeded)]
    last = re.compile(r'<section class="last".*?</section>', re.S)  # of another moment for each; tested below
    alert_parts = [last.sub("", page[page.index("<article") : page.index("</article>")]) for page in pages]
    real_part, seeded_part = (shape(part) for part in alert_parts)
    assert seeded_part == real_part
    queue = as_operator.get("/alerts/rows").text
    rows = [re.search(rf'<li class="row" id="alert-{alert.pk}".*?</li>', queue, re.S) for alert in (real, seeded)]
    first, second = (shape(row[0]) for row in rows if row)
    assert first == second
    assert not re.search("seed|test-alert|test alert", alert_parts[1], re.IGNORECASE)
    assert not re.search("seed|test-alert|test alert", queue, re.IGNORECASE)


def test_every_field_that_screens_show_is_set_as_a_real_one_s(known: KnownClip) -> None:
    seeded, real = placed(known).alert, raised_like(known.alert)
    seeded.refresh_from_db()
    for name in ("clip_state", "clip_path", "poster_path", "ended_at", "severity", "state", "call_level", "closed_at"):
        assert (name, getattr(seeded, name)) == (name, getattr(real, name))
    for name in ("incident_id", "due_at"):
        assert (name, getattr(seeded, name) is None) == (name, getattr(real, name) is None)
    assert len(seeded.event_id) == len(real.event_id) == 32
    assert seeded.pk == real.pk - 1  # of the same sequence
    assert abs(seeded.raised_at - real.raised_at) < timedelta(seconds=5)
    assert seeded.raised_at - seeded.started_at == pytest.approx(timedelta(seconds=4), abs=timedelta(seconds=1))


def test_the_socket_carries_the_same_words_for_both(
    known: KnownClip, monkeypatch: pytest.MonkeyPatch, django_capture_on_commit_callbacks: object
) -> None:
    sent: list[dict[str, object]] = []

    def keep(site_id: int, message: dict[str, dict[str, str]], subject: str) -> None:
        sent.append(json.loads(message["text"]["en"]))

    monkeypatch.setattr(pushing, "_send", keep)
    with django_capture_on_commit_callbacks(execute=True):  # type: ignore[operator]
        placed(known)
    with django_capture_on_commit_callbacks(execute=True):  # type: ignore[operator]
        raised_like(known.alert)
    seeded, real = sent
    assert seeded.keys() == real.keys()
    for name in set(real) - {"alert", "html"}:
        assert (name, seeded[name]) == (name, real[name])
    assert shape(str(seeded["html"])) == shape(str(real["html"]))


def test_it_ends_and_gets_its_clip_in_the_course_of_time(known: KnownClip, as_operator: Client) -> None:
    seed = placed(known)
    now = seed.placed_at
    seeds_go_on(now=now + timedelta(seconds=3))
    alert = Alert.desk.get(pk=seed.alert_id)
    assert (alert.ended_at, alert.clip_state, len(alert.scores)) == (None, ClipState.PENDING, 2)
    seeds_go_on(now=now + timedelta(seconds=7))
    alert.refresh_from_db()
    assert (alert.ended_at, alert.clip_state, len(alert.scores)) == (seed.ends_at, ClipState.PENDING, 3)
    assert as_operator.get(f"/alerts/{alert.pk}/clip.mp4").status_code == 404
    seeds_go_on(now=now + timedelta(seconds=16))
    alert.refresh_from_db()
    assert alert.clip_state == ClipState.READY
    assert alert.clip_started_at == pytest.approx(now - timedelta(seconds=12), abs=timedelta(seconds=1))
    served = as_operator.get(f"/alerts/{alert.pk}/clip.mp4", headers={"Range": "bytes=0-"})
    assert served.content == b"masked clip"
    names = " ".join(f"{key}: {value}" for key, value in served.headers.items())
    assert "source" not in names.replace("Cross-Origin-Resource-Policy", "")


def test_wherever_alerts_of_the_camera_stand_it_stands_too_until_it_is_decided(
    desk: Desk, known: KnownClip, as_operator: Client
) -> None:
    seed = placed(known)
    camera, link = desk.alert.camera, f'href="/alerts/{seed.alert_id}/"'
    later = make_alert(camera)

    def places() -> list[bool]:
        now = timezone.now()
        window = Window("hour", now - timedelta(hours=1), now + timedelta(minutes=1), now)
        return [
            link in as_operator.get("/alerts/").text,
            link in as_operator.get(f"/alerts/{later.pk}/").text.split('id="last-title"')[1],
            link in as_operator.get(f"/cameras/{camera.pk}/").text,
            seed.alert_id in {alert.pk for alert in timeline_of(camera, window).alerts},
            link in as_operator.get(f"/map/{desk.site.pk}/").text,
        ]

    assert places() == [True] * 5
    assert link in as_operator.get(f"/alerts/incidents/{seed.alert.incident_id}/").text
    as_operator.post(f"/alerts/{seed.alert_id}/decide", {"verdict": "dismiss", "reason": "crowd"})
    assert places() == [False] * 5
    assert kind_words(seed.alert.kind) in as_operator.get(f"/alerts/{seed.alert_id}/").text


def test_its_clip_tells_neither_its_age_nor_whose_it_is(known: KnownClip, as_operator: Client) -> None:
    seed = placed(known)
    seeds_go_on(now=seed.placed_at + timedelta(seconds=30))
    source, seeded = (as_operator.head(f"/alerts/{pk}/clip.mp4") for pk in (known.alert_id, seed.alert_id))
    assert (source.status_code, seeded.status_code) == (200, 200)
    assert "Last-Modified" not in seeded
    assert seeded["ETag"] != source["ETag"]
    assert seeded["Content-Length"] == source["Content-Length"]
