"""How a camera's turn begins and ends."""

import threading

import pytest
from celery import current_app

from cameras.live import lease_key, stop_key, valkey
from cameras.services.cameras import camera_save
from inference.core.errors import WeightsError
from inference.leases import lease_claim
from inference.models import StreamState, StreamStatus
from inference.services import streams
from tests.cast import make_camera, make_policy, make_site

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("services")]


def test_without_weights_a_camera_shows_masking_down_and_why(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*args: object, **kwargs: object) -> None:
        raise WeightsError("paca-seg.onnx is damaged")

    monkeypatch.setattr(streams, "create_masker", refuse)
    monkeypatch.setattr(streams, "WITHOUT_MASKER_S", 0.2)
    monkeypatch.setattr(streams, "shutting_down", threading.Event())
    camera = make_camera()
    streams.stream_run(camera.pk)
    state = StreamState.objects.get(pk=camera.pk)
    assert (state.status, state.reason) == (StreamStatus.MASKING_DOWN, "paca-seg.onnx is damaged")


def test_a_new_camera_s_first_turn_is_not_told_to_end() -> None:
    camera = make_camera(make_site(), retention=make_policy())
    camera.pk = None
    camera._state.adding = True
    camera.name = "A new one"
    camera_save(camera=camera, actor=None)
    assert not valkey().exists(stop_key(camera.pk))


def test_a_turn_that_begins_after_a_change_is_not_ended_by_it() -> None:
    camera = make_camera()
    valkey().set(stop_key(camera.pk), "1", ex=15)
    assert lease_claim(camera_id=camera.pk, owner="first") is not None
    assert not valkey().exists(stop_key(camera.pk))
    valkey().delete(lease_key(camera.pk))


def test_giving_turns_never_waits_behind_a_long_task() -> None:
    queues = {
        name: current_app.amqp.router.route({}, f"inference.tasks.{name}")["queue"].name
        for name in ("ensure_streams", "run_stream")
    }
    assert queues == {"ensure_streams": "dispatch", "run_stream": "streams"}
