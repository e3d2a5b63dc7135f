"""What Prometheus reads of the whole system: the state in the database, and what the processes measure themselves."""

import logging
from collections.abc import Iterable
from pathlib import Path
from typing import Final

import redis
from django.conf import settings
from django.db.models import Count
from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from alerts.models import OPEN_STATES, Alert
from alerts.system.models import SystemAlert
from cameras.conditions import LABELS, camera_condition
from cameras.models import Camera
from inference.disk import disk_now
from inference.heartbeat import database_now
from inference.models import StreamState, WorkerState
from inference.services.supervising import QUEUES, disk_state, queue_depth
from paca_site.metrics.publishing import merged_families, published_texts

logger = logging.getLogger(__name__)
MOST_CAMERAS: Final = 500
"""Above this, cameras are not told one by one: ten series each would be a burden to Prometheus; sums always are."""
OUTCOMES: Final = ("masked", "withheld", "dropped")


class SystemCollector(Collector):
    """State of cameras, workers, queues, alerts and disk, read from the database when asked."""

    def collect(self) -> Iterable[Metric]:
        """Give every family; a disk or Valkey that does not answer leaves its own out and is told in the log."""
        cameras = list(Camera.objects.select_related("stream_state"))
        yield from _cameras(cameras)
        if len(cameras) <= MOST_CAMERAS:
            yield from _each_camera(cameras)
        yield from _alerts()
        yield from _machines()


def exposition() -> bytes:
    """Return the whole page in Prometheus' text format."""
    registry = CollectorRegistry(auto_describe=False)
    registry.register(SystemCollector())
    registry.register(_Published())
    return generate_latest(registry)


class _Published(Collector):
    def collect(self) -> Iterable[Metric]:
        is_up = GaugeMetricFamily("paca_valkey_up", "Whether Valkey answers.")
        try:
            texts = published_texts()
        except redis.RedisError as error:
            logger.warning("metrics: Valkey does not answer (%s)", error)
            is_up.add_metric([], 0)
        else:
            is_up.add_metric([], 1)
            yield from merged_families(texts)
        yield is_up


def _states(cameras: Iterable[Camera]) -> list[tuple[Camera, StreamState]]:
    found = [(camera, getattr(camera, "stream_state", None)) for camera in cameras]
    return [(camera, state) for camera, state in found if state is not None]


def _count_of(state: StreamState, outcome: str) -> int:
    return int(getattr(state, f"{outcome}_before") + getattr(state, f"frames_{outcome}"))


def _cameras(cameras: list[Camera]) -> Iterable[Metric]:
    conditions = GaugeMetricFamily("paca_cameras", "Cameras by what they are doing.", labels=["condition"])
    names = [camera_condition(camera).name for camera in cameras]
    for name in LABELS:
        conditions.add_metric([name], names.count(name))
    yield conditions
    frames = CounterMetricFamily("paca_frames", "Frames of all cameras, by what became of them.", labels=["outcome"])
    for outcome in OUTCOMES:
        frames.add_metric([outcome], sum(_count_of(state, outcome) for _, state in _states(cameras)))
    yield frames


def _each_camera(cameras: list[Camera]) -> Iterable[Metric]:
    live = GaugeMetricFamily("paca_camera_live", "Whether the camera is live.", labels=["camera"])
    fps = GaugeMetricFamily("paca_camera_fps", "Frames per second.", labels=["camera", "side"])
    lag = GaugeMetricFamily("paca_camera_lag_seconds", "Capture to masked, 95th percentile.", labels=["camera"])
    frames = CounterMetricFamily("paca_camera_frames", "Frames, by what became of them.", labels=["camera", "outcome"])
    again = CounterMetricFamily("paca_camera_reconnects", "Reconnections.", labels=["camera"])
    for camera, state in _states(cameras):
        key = str(camera.pk)
        live.add_metric([key], camera_condition(camera).name == "live")
        fps.add_metric([key, "received"], state.fps_in)
        fps.add_metric([key, "masked"], state.fps_out)
        lag.add_metric([key], state.lag_ms / 1000)
        again.add_metric([key], state.reconnects_before + state.reconnects)
        for outcome in OUTCOMES:
            frames.add_metric([key, outcome], _count_of(state, outcome))
    yield from (live, fps, lag, frames, again)


def _alerts() -> Iterable[Metric]:
    waiting = GaugeMetricFamily("paca_alerts_open", "Alerts that wait for a decision.")
    waiting.add_metric([], Alert.objects.filter(state__in=OPEN_STATES).count())
    system = GaugeMetricFamily("paca_system_alerts", "System alerts that go on, by cause.", labels=["cause"])
    for row in SystemAlert.objects.told().filter(ended_at=None).order_by().values("cause").annotate(count=Count("pk")):
        system.add_metric([row["cause"]], row["count"])
    yield from (waiting, system)


def _machines() -> Iterable[Metric]:
    now = database_now()
    workers = GaugeMetricFamily("paca_worker_up", "Whether the worker lives.", labels=["worker"])
    offset = GaugeMetricFamily("paca_clock_offset_seconds", "Clock minus the database's.", labels=["worker"])
    for worker in WorkerState.objects.filter(stopped_at=None):
        workers.add_metric([worker.name], not worker.is_silent(now))
        offset.add_metric([worker.name], worker.clock_offset_ms / 1000)
    depth = GaugeMetricFamily("paca_queue_depth", "Tasks that wait.", labels=["queue"])
    for queue in QUEUES:
        depth.add_metric([queue], queue_depth(queue))
    yield from (workers, offset, depth)
    try:
        disk = disk_state(*disk_now(Path(settings.FOOTAGE_DIR)))
    except OSError as error:
        logger.warning("metrics: the disk of the footage cannot be asked (%s)", error)
        return
    free = GaugeMetricFamily("paca_disk_free_bytes", "Free on the disk of the footage.")
    free.add_metric([], disk.free_bytes)
    yield free
    if disk.days_to_full is not None:
        days = GaugeMetricFamily("paca_disk_days_to_full", "Days until it is full, at the growth of the last day.")
        days.add_metric([], disk.days_to_full)
        yield days
