"""What ends `manage.py up`."""

import os
import signal

import pytest

from paca_site.embedded.machine import StopRequested, stop_on_signals


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_stop_signal_asks_it_to_stop_and_a_second_one_changes_nothing(
    number: signal.Signals, request: pytest.FixtureRequest
) -> None:
    former = signal.signal(number, signal.default_int_handler)  # these tests may run under nohup themselves
    request.addfinalizer(lambda: signal.signal(number, former))
    asked = 0
    with stop_on_signals():
        for _ in range(2):
            try:
                os.kill(os.getpid(), number)
            except StopRequested:
                asked += 1
    assert asked == 1


def test_under_nohup_a_closed_terminal_does_not_stop_it() -> None:
    former = signal.signal(signal.SIGHUP, signal.SIG_IGN)
    try:
        with stop_on_signals():
            os.kill(os.getpid(), signal.SIGHUP)
        assert signal.getsignal(signal.SIGHUP) is signal.SIG_IGN
    finally:
        signal.signal(signal.SIGHUP, former)
