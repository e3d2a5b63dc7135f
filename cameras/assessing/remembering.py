"""What stands against many cameras, worked out once and remembered until a row it was read from is written.

The dispatcher asks each second for all cameras, and next to nothing changes from one second to the next. Whether
something did is asked of the database each time (`cameras/row_state.py`): nothing remembered is older than that.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Final

from django.utils.translation import get_language

from cameras.assessing.models import Assessment, Questionnaire, RunningNetwork, StaleSince, TrialPeriod
from cameras.assessing.standing import Obstacle, grace, obstacles
from cameras.models import Camera, RetentionPolicy
from cameras.row_state import Remembered, row_state

READ_FROM: Final = (Camera, RetentionPolicy, Questionnaire, Assessment, StaleSince, TrialPeriod, RunningNetwork)
"""Every table that `standings` reads."""
WORTH_IT: Final = 50
"""For fewer cameras working it out costs less than asking whether to."""


_found: Final = Remembered[dict[int, list[Obstacle]]]()


def obstacles_remembered(cameras: Sequence[Camera], now: datetime) -> dict[int, list[Obstacle]]:
    """Return what stands against each camera, as `standing.obstacles` does; not to be written into.

    One answer is kept in this process: the last one for many cameras.
    """
    if len(cameras) < WORTH_IT:
        return obstacles(cameras, now)
    key = (tuple(camera.pk for camera in cameras), get_language(), grace(), row_state(*READ_FROM))
    return _found.get(key, lambda: obstacles(cameras, now))
