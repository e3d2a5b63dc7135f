"""A look at a source ends in time, whatever the source does."""

import threading
import time

import pytest

from inference.core.decode import probe as probe_module
from inference.core.decode.probe import probe
from inference.core.decode.source import SourceConfig
from inference.core.errors import DecodeError


def test_a_source_that_never_comes_to_its_first_frame_is_given_up_in_time(monkeypatch: pytest.MonkeyPatch) -> None:
    release = threading.Event()

    def trickle(config: SourceConfig) -> None:
        release.wait(10)
        raise DecodeError("at last")

    monkeypatch.setattr(probe_module, "open_source", trickle)
    started_s = time.monotonic()
    with pytest.raises(DecodeError, match="within"):
        probe(SourceConfig(address="rtsp://127.0.0.1:1/x"), deadline_s=0.2)
    assert time.monotonic() - started_s < 2
    release.set()
