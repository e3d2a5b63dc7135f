"""Making clips: one worker at a time for each."""

import threading

import pytest
from django.db import connection, connections

from inference.services import clips

pytestmark = pytest.mark.django_db(transaction=True)


def test_a_clip_that_is_being_cut_is_not_cut_by_a_second_worker(monkeypatch: pytest.MonkeyPatch) -> None:
    cut: list[int] = []
    begun, end = threading.Event(), threading.Event()

    def slowly(alert_id: int) -> None:
        cut.append(alert_id)
        begun.set()
        assert end.wait(10)

    def first() -> None:
        try:
            clips.clip_make(7)
        finally:
            connections.close_all()

    monkeypatch.setattr(clips, "_cut", slowly)
    worker = threading.Thread(target=first)
    worker.start()
    assert begun.wait(10)
    clips.clip_make(7)
    assert cut == [7]
    end.set()
    clips.clip_make(8)
    worker.join(10)
    clips.clip_make(7)
    assert cut == [7, 8, 7]


def test_a_cut_that_fails_lets_the_next_one_in(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(alert_id: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(clips, "_cut", fail)
    with pytest.raises(OSError, match="No space"):
        clips.clip_make(7)
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND classid = %s", [clips.CLIP_LOCK])
        assert cursor.fetchone() == (0,)
