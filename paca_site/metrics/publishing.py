"""Bringing the measures of many processes, on one machine or many, to one page.

Each process writes its own measures to Valkey every few seconds, under its name, with a short life; the page reads all
of them and says by the label `process` whose they are. The library's multi-process mode shares files and so ends at
the machine's edge, and a port for each worker would have to be found and guarded by Prometheus. What Valkey loses is
written again a few seconds later.
"""

import logging
import threading
from collections.abc import Iterable
from typing import Final

import redis
from django.conf import settings
from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import Metric
from prometheus_client.parser import text_string_to_metric_families

from paca_site.metrics.measures import REGISTRY

logger = logging.getLogger(__name__)
EVERY_S: Final = 5.0
LIFE_S: Final = 20
PREFIX: Final = "paca:metrics:"


def _client() -> "redis.Redis":
    return redis.Redis.from_url(settings.REDIS_URL, socket_timeout=2, socket_connect_timeout=2, decode_responses=True)


class MetricsPublisher(threading.Thread):
    """Writes this process's measures to Valkey until the process ends."""

    def __init__(self, process: str, registry: CollectorRegistry = REGISTRY) -> None:
        super().__init__(name="metrics", daemon=True)
        self._key, self._registry = f"{PREFIX}{process}", registry
        self._stopped = threading.Event()

    def run(self) -> None:
        """Publish every few seconds; without Valkey the page is without this process."""
        client, was_lost = _client(), False
        while not self._stopped.wait(EVERY_S):
            try:
                client.set(self._key, generate_latest(self._registry), ex=LIFE_S)
                was_lost = False
            except redis.RedisError as error:
                if not was_lost:
                    logger.warning("metrics: Valkey does not take them (%s); trying again", error)
                was_lost = True

    def stop(self) -> None:
        """End at the next occasion."""
        self._stopped.set()


def published_texts() -> dict[str, str]:
    """Return what each living process has published, by its name.

    Raises:
        redis.RedisError: Valkey does not answer.
    """
    client = _client()
    keys = sorted(client.scan_iter(match=f"{PREFIX}*", count=500))
    values = client.mget(keys) if keys else []
    found = zip(keys, values, strict=True)  # one that expired meanwhile has no value
    return {str(key).removeprefix(PREFIX): str(value) for key, value in found if value is not None}


def merged_families(texts: dict[str, str]) -> Iterable[Metric]:
    """Give each measure once, with the samples of all processes, told apart by the label `process`."""
    families: dict[str, Metric] = {}
    for process, text in texts.items():
        for family in text_string_to_metric_families(text):
            merged = families.setdefault(family.name, Metric(family.name, family.documentation, family.type))
            for sample in family.samples:
                labels = {**sample.labels, "process": process}
                merged.samples.append(sample._replace(labels=labels))
    return families.values()
