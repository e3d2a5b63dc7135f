"""A stream's writer outlives every write."""

import threading

import pytest
from django.db import DataError

from inference.leases import lease_claim
from inference.writer import StreamWriter
from tests.cast import make_camera

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("services")]


@pytest.mark.parametrize("error", [DataError("NaN is no JSON"), ValueError("naive"), OSError("disk")])
def test_a_write_that_fails_is_left_out_and_the_next_one_is_written(error: Exception) -> None:
    lease = lease_claim(camera_id=make_camera().pk, owner="first")
    assert lease is not None
    ended, written = threading.Event(), []

    def fail() -> None:
        raise error

    writer = StreamWriter(lease, ended)
    writer.start()
    writer.put(fail)
    writer.put(lambda: written.append("next"))
    writer.finish()
    assert written == ["next"]
    assert not ended.is_set()
