"""The clocks of a connection: running while a camera is shown, and only then."""

from cameras.watch_time import WatchTime


def test_a_camera_counts_while_it_is_shown_and_again_when_it_comes_back() -> None:
    now = [0.0]
    shown = WatchTime(lambda: now[0])
    for at, cameras in ((0.0, [1, 2]), (10.0, [1]), (30.0, [2, 3]), (35.4, [2])):
        now[0] = at
        shown.watch(cameras)
    now[0] = 40.0
    assert shown.ended() == {1: 30, 2: 20, 3: 5}
    assert shown.ended() == {}
