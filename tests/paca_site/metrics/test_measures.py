import pytest
import redis
from prometheus_client import CollectorRegistry, Counter, Histogram, generate_latest

from paca_site.metrics import measures, publishing
from paca_site.metrics.publishing import MetricsPublisher, merged_families, published_texts


def test_reasons_are_bounded_and_digits_are_left_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(measures, "_reasons", set())
    before = measures.WITHHELD_FRAMES.labels(measures.OTHER)._value.get()
    for number in range(5):
        measures.withheld_count(f"late by {number} ms")
    assert measures._reasons == {"late by  ms"}
    for letter in "abcdefghijklmnopqrstuvwxyzåæø":
        measures.withheld_count(f"reason {letter}")
    assert len(measures._reasons) == measures.MOST_REASONS + 1
    assert measures.WITHHELD_FRAMES.labels(measures.OTHER)._value.get() == before + 29 - measures.MOST_REASONS + 1


def test_a_stage_is_measured_also_when_it_fails() -> None:
    def count() -> float:
        return float(measures.REGISTRY.get_sample_value("paca_stage_seconds_count", {"stage": "mask"}) or 0)

    before = count()
    with pytest.raises(ZeroDivisionError), measures.stage_timed("mask"):
        1 / 0  # noqa: B018
    assert count() == before + 1


def test_measures_of_many_processes_are_told_apart_on_one_page() -> None:
    texts = {}
    for process, value in (("streams1@a", 2), ("streams1@b", 5)):
        registry = CollectorRegistry()
        Counter("paca_things", "Things.", ["kind"], registry=registry).labels("x").inc(value)
        Histogram("paca_times", "Times.", buckets=(1, 2), registry=registry).observe(value)
        texts[process] = generate_latest(registry).decode()

    class Page:
        def collect(self) -> object:
            return merged_families(texts)

    page = CollectorRegistry(auto_describe=False)
    page.register(Page())  # type: ignore[arg-type]
    text = generate_latest(page).decode()
    assert text.count("# TYPE paca_things_total counter") == 1
    assert 'paca_things_total{kind="x",process="streams1@a"} 2.0' in text
    assert 'paca_things_total{kind="x",process="streams1@b"} 5.0' in text
    assert 'paca_times_bucket{le="2.0",process="streams1@a"} 1.0' in text
    assert text.count("# TYPE paca_times histogram") == 1


@pytest.mark.usefixtures("services")
def test_a_process_publishes_while_it_lives(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(publishing, "EVERY_S", 0.05)
    registry = CollectorRegistry()
    Counter("paca_things", "Things.", registry=registry).inc(3)
    publisher = MetricsPublisher("test@host", registry)
    publisher.start()
    for _ in range(100):
        if "test@host" in published_texts():
            break
        publisher.join(0.05)
    publisher.stop()
    publisher.join(2)
    assert "paca_things_total 3.0" in published_texts()["test@host"]
    client = publishing._client()
    assert 0 < int(client.ttl(f"{publishing.PREFIX}test@host")) <= publishing.LIFE_S
    client.delete(f"{publishing.PREFIX}test@host")


def test_without_valkey_it_tries_again(monkeypatch: pytest.MonkeyPatch) -> None:
    tries = []

    class Away:
        def set(self, *args: object, **kwargs: object) -> None:
            tries.append(args)
            raise redis.ConnectionError("refused")

    monkeypatch.setattr(publishing, "EVERY_S", 0.01)
    monkeypatch.setattr(publishing, "_client", Away)
    publisher = MetricsPublisher("test@host", CollectorRegistry())
    publisher.start()
    publisher.join(0.3)
    assert publisher.is_alive()
    publisher.stop()
    publisher.join(2)
    assert len(tries) >= 2
