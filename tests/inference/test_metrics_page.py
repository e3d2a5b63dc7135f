from typing import Any

import pytest
import redis
from django.conf import LazySettings
from django.test import Client

from alerts.models import Decision, Verdict
from cameras.live import valkey
from inference import exposition
from inference.heartbeat import database_now
from inference.measuring import MeasuredMasking, Recorder, measured_line
from inference.models import StreamState, StreamStatus, WorkerState
from paca_site.accounts.models import Role
from paca_site.metrics.measures import REGISTRY
from tests.cast import make_alert, make_camera, make_system_alert, make_user
from tests.inference.frames import masked_frame, raw_frame

TOKEN = "a-token-of-some-length"


def sample(name: str, **labels: str) -> float:
    return float(REGISTRY.get_sample_value(name, labels) or 0)


@pytest.fixture
def scrape(services: Any, db: None, settings: LazySettings) -> Any:
    settings.METRICS_TOKEN = TOKEN
    return lambda: Client().get("/metrics", headers={"Authorization": f"Bearer {TOKEN}"})


def test_the_page_opens_to_the_token_only(scrape: Any, settings: LazySettings) -> None:
    assert scrape().status_code == 200
    for given in ("", "Bearer", "Bearer ", f"Bearer {TOKEN}x", TOKEN):
        assert Client().get("/metrics", headers={"Authorization": given}).status_code == 404
    settings.METRICS_TOKEN = ""
    assert Client().get("/metrics", headers={"Authorization": "Bearer "}).status_code == 404


def test_the_page_tells_cameras_workers_queues_and_alerts(scrape: Any) -> None:
    camera = make_camera(name="Quay")
    valkey().delete("streams")  # what other tests asked for and nobody runs
    now = database_now()
    StreamState.objects.create(
        camera=camera, status=StreamStatus.LIVE, updated_at=now, fps_out=4.5, frames_withheld=3, withheld_before=4
    )
    WorkerState.objects.create(name="streams1@host", host="host", process=1, started_at=now, seen_at=now)
    make_alert(camera)
    make_system_alert(camera)
    text = scrape().content.decode()
    for line in (
        'paca_cameras{condition="live"} 1.0',
        'paca_cameras{condition="lost"} 0.0',
        'paca_frames_total{outcome="withheld"} 7.0',
        f'paca_camera_frames_total{{camera="{camera.pk}",outcome="withheld"}} 7.0',
        f'paca_camera_fps{{camera="{camera.pk}",side="masked"}} 4.5',
        'paca_worker_up{worker="streams1@host"} 1.0',
        'paca_queue_depth{queue="streams"} 0.0',
        "paca_alerts_open 1.0",
        'paca_system_alerts{cause="camera-lost"} 1.0',
        "paca_valkey_up 1.0",
    ):
        assert line in text, line
    assert "Quay" not in text  # numbers and keys, no names


def test_many_cameras_are_told_in_sum_only(scrape: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(exposition, "MOST_CAMERAS", 1)
    for _ in range(2):
        StreamState.objects.create(camera=make_camera(), frames_masked=10)
    text = scrape().content.decode()
    assert 'paca_frames_total{outcome="masked"} 20.0' in text
    assert "paca_camera_frames_total{" not in text


def test_the_page_is_there_without_valkey(scrape: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    def away() -> None:
        raise redis.ConnectionError("refused")

    monkeypatch.setattr(exposition, "published_texts", away)
    assert "paca_valkey_up 0.0" in scrape().content.decode()


@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("services")
def test_alerts_and_decisions_are_counted_with_their_delay() -> None:
    stored, decided = (sample("paca_delay_seconds_count", until=until) for until in ("stored", "decided"))
    waited = sample("paca_delay_seconds_sum", until="decided")
    alert = make_alert()
    somebody = make_user(Role.OPERATOR)
    Decision.objects.create(alert=alert, verdict=Verdict.CONFIRM, by=somebody, role="operator", after_s=9.0)
    alert.save()
    assert sample("paca_delay_seconds_count", until="stored") == stored + 1
    assert sample("paca_delay_seconds_count", until="decided") == decided + 1
    assert sample("paca_delay_seconds_sum", until="decided") == waited + 9.0


def test_a_measured_line_gives_on_what_it_is_given_and_counts_it() -> None:
    raw, shown, hidden = raw_frame(), masked_frame(), masked_frame(withheld="masking down: too blurred")

    class Both:
        def push(self, frame: Any) -> list[Any]:
            assert frame is raw
            return [shown, hidden]

        def flush(self) -> list[Any]:
            return [hidden]

    waits, masks = (sample("paca_stage_seconds_count", stage=stage) for stage in ("wait", "mask"))
    blurred = sample("paca_withheld_frames_total", reason="too blurred")
    covered, masked = sample("paca_covered_ratio_count"), sample("paca_delay_seconds_count", until="masked")
    masking, detector, sinks = measured_line(Both(), None, [])
    assert isinstance(masking, MeasuredMasking)
    assert masking.push(raw) == [shown, hidden]
    assert masking.flush() == [hidden]
    assert (detector, sinks) == (None, [])
    assert sample("paca_stage_seconds_count", stage="wait") == waits + 1
    assert sample("paca_stage_seconds_count", stage="mask") == masks + 1
    assert sample("paca_withheld_frames_total", reason="too blurred") == blurred + 2
    assert sample("paca_covered_ratio_count") == covered + 1
    assert sample("paca_delay_seconds_count", until="masked") == masked + 3


def test_what_is_recorded_is_handed_on_and_measured() -> None:
    frames: list[Any] = []

    class Kept:
        def write(self, frame: Any) -> None:
            frames.append(frame)

        def close(self) -> None:
            frames.append("closed")

    before = sample("paca_stage_seconds_count", stage="record")
    recorder = Recorder(Kept())
    recorder.write("a masked frame")  # type: ignore[arg-type]
    recorder.close()
    assert frames == ["a masked frame", "closed"]
    assert sample("paca_stage_seconds_count", stage="record") == before + 1
