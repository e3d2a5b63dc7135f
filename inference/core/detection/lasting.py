"""Evidence that has to last: a fall is somebody who stays down, a dispersal goes on while several run.

One trembling mask, one passing cyclist or one lost pair of legs looks like either for a moment. A struggle may be
over in a second and is told by how the masks flow over two seconds already, so that its evidence counts at once.
"""

from collections import deque
from collections.abc import Sequence
from typing import Final

import numpy as np
import numpy.typing as npt

from inference.core.detection.silhouettes import Floats

Wide = npt.NDArray[np.float64]

ORDINARY_LOGIT: Final = -3.0
"""Evidence of ordinary life on average, and of whatever cannot be told yet."""
LASTS_S: Final = {"dispersal": 1.5, "fall": 2.0}
"""Seconds for which the evidence of a kind must have stood: its lowest within them counts."""


class Lasting:
    """Holds the evidence of each kind down to its lowest within the time it must last; one camera, causally."""

    def __init__(self, heads: Sequence[str]) -> None:
        """Follow `heads`, in the order of the evidence."""
        self._spans = [LASTS_S.get(name, 0.0) for name in heads]
        self._kept: deque[tuple[float, Floats]] = deque()
        self._first_s: float | None = None

    def reset(self) -> None:
        """Forget the evidence seen."""
        self._kept.clear()
        self._first_s = None

    def update(self, logits: Floats, time_s: float) -> Floats:
        """Give what of the evidence, `(K,)`, has lasted; what is too young to tell is ordinary at most."""
        if self._first_s is None:
            self._first_s = time_s
        self._kept.append((time_s, logits))
        longest = max(self._spans)
        while time_s - self._kept[0][0] > longest:
            self._kept.popleft()
        result = logits.copy()
        for head, span_s in enumerate(self._spans):
            lowest = min(float(known[head]) for at_s, known in self._kept if time_s - at_s <= span_s)
            result[head] = lowest if time_s - self._first_s >= span_s else min(lowest, ORDINARY_LOGIT)
        return result


def lasting_rows(logits: Wide, times: Floats, ages: Floats, views: npt.NDArray[np.int64], heads: Sequence[str]) -> Wide:
    """Give the same for kept moments of many views, `(M, K)`.

    Args:
        logits: `(M, K)`, rows of a view in the order of time.
        times: `(M,)` seconds.
        ages: `(M,)` seconds since the motion of that view was last forgotten.
        views: `(M,)` number of the view of each row.
        heads: K names.
    """
    result = np.array(logits)
    for row in range(len(logits)):
        back = row
        for head, name in enumerate(heads):
            span_s = min(LASTS_S.get(name, 0.0), float(ages[row]))
            while back > 0 and views[back - 1] == views[row] and times[row] - times[back - 1] <= span_s:
                back -= 1
            near = [at for at in range(back, row + 1) if times[row] - times[at] <= span_s]
            result[row, head] = min(float(logits[at, head]) for at in near)
            if ages[row] < LASTS_S.get(name, 0.0):
                result[row, head] = min(result[row, head], ORDINARY_LOGIT)
    return result
