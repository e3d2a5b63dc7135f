from datetime import datetime, timedelta
from typing import Any

import pytest
import redis
from django.test import Client

from inference import system_page
from inference.charts import draw_chart, system_charts
from inference.heartbeat import database_now
from inference.models import StreamState, StreamStatus, SystemSample, WorkerState
from paca_site.accounts.models import Role, User
from tests.cast import make_camera, make_site, make_user

NOW = datetime.fromisoformat("2026-11-22T12:00:00+00:00")


def client_of(user: User) -> Client:
    client = Client()
    client.force_login(user, backend="allauth.account.auth_backends.AuthenticationBackend")
    return client


def test_a_chart_is_scaled_from_zero_and_broken_where_nothing_was_measured() -> None:
    points = [(NOW - timedelta(minutes=minute), 10.0) for minute in range(120, 60, -1)]
    points += [(NOW - timedelta(minutes=minute), 20.0) for minute in range(30, -1, -1)]
    chart = draw_chart("Frames", "fps", points, NOW)
    assert len(chart.lines) == 2
    assert (chart.now, chart.low, chart.high) == (20.0, 10.0, 20.0)
    first, last = chart.lines[0].split()[0].split(","), chart.lines[1].split()[-1].split(",")
    assert float(first[0]) == pytest.approx(1000 * 22 / 24, abs=4)
    assert float(last[0]) == pytest.approx(1000, abs=4)
    assert (float(first[1]), float(last[1])) == (50.0, 4.0)
    assert chart.words == "Frames over the last 24 hours: now 20.0, lowest 10.0, highest 20.0 fps"


def test_a_chart_without_values_says_so_and_one_of_zeros_lies_on_the_ground() -> None:
    assert draw_chart("Frames", "fps", [], NOW).words == "Frames: nothing measured in the last 24 hours"
    assert draw_chart("Frames", "", [(NOW, 0.0)], NOW).lines == ("1000,96.0 1000,96.0",)
    assert draw_chart("Frames", "", [(NOW - timedelta(days=2), 3.0)], NOW).lines == ()


def test_counts_are_drawn_by_their_growth() -> None:
    samples = [
        SystemSample(at=NOW - timedelta(minutes=3 - number), frames_withheld=total)
        for number, total in enumerate((100, 160, 160, 40))
    ]
    chart = next(chart for chart in system_charts(samples, NOW) if chart.title == "Frames withheld")
    assert chart.now == 0.0  # a camera was removed: the count fell, and nothing was withheld
    assert chart.high == 30.0  # 60 and 0 in the five minutes before


@pytest.mark.django_db
@pytest.mark.usefixtures("services")
class TestPage:
    def fill(self) -> Any:
        now, site = database_now(), make_site()
        lost, live = make_camera(site, name="Quay"), make_camera(site, name="Square")
        elsewhere = make_camera(name="Elsewhere")
        values = {"owner": "host:7", "updated_at": now, "withheld_before": 40, "frames_withheld": 2}
        StreamState.objects.create(camera=live, status=StreamStatus.LIVE, fps_out=4.9, mask_ms=21.5, **values)
        StreamState.objects.create(camera=lost, status=StreamStatus.LOST, reason="Camera lost: refused", **values)
        StreamState.objects.create(camera=elsewhere, status=StreamStatus.LIVE, **values)
        WorkerState.objects.create(
            name="streams1@host", host="host", process=7, queues=["streams"], started_at=now, seen_at=now
        )
        WorkerState.objects.create(
            name="streams2@host", host="host", process=8, started_at=now, seen_at=now - timedelta(seconds=30)
        )
        for minute in range(10):
            SystemSample.objects.create(at=now - timedelta(minutes=minute), cameras_live=2, disk_free_bytes=5 << 30)
        return site

    def test_it_shows_workers_cameras_services_disk_and_charts(self) -> None:
        site = self.fill()
        for role in (Role.ADMINISTRATOR, Role.SUPERVISOR):
            answer = client_of(make_user(role, site)).get("/system/")
            text = answer.text
            assert "Elsewhere" not in text
            assert [row.camera.name for row in answer.context["cameras"]] == ["Quay", "Square"]  # the fault first
            assert [row.withheld for row in answer.context["cameras"]] == [42, 42]
            assert [(row.cameras, row.is_silent) for row in answer.context["workers"]] == [(3, False), (0, True)]
            for words in (
                "21.5 ms",
                "refused",
                "PostgreSQL 18",
                "answers in",
                "known after two hours",
                "Disk free over",
            ):
                assert words in text, words
            assert text.count('class="chart"') == 9
            assert "<form" not in text.split('id="system-now"')[1]  # to read only

    def test_before_anything_ran_it_says_what_is_missing(self) -> None:
        text = client_of(make_user(Role.ADMINISTRATOR, make_site())).get("/system/").text
        for words in ("No worker has ever reported", "No camera belongs", "Nothing measured yet", "never checked yet"):
            assert words in text, words

    def test_without_valkey_and_disk_it_shows_the_rest(self, monkeypatch: pytest.MonkeyPatch) -> None:
        class Away:
            def info(self) -> None:
                raise redis.ConnectionError("refused by the house")

        def no_disk(folder: Any) -> tuple[int, int]:
            raise OSError("stale file handle")

        monkeypatch.setattr(system_page, "valkey", Away)
        monkeypatch.setattr(system_page, "disk_now", no_disk)
        text = client_of(make_user(Role.ADMINISTRATOR, self.fill())).get("/system/").text
        for words in ("does not answer", "refused by the house", "cannot be asked", "Quay"):
            assert words in text, words
