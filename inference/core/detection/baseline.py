"""What has been usual at this camera in the last seconds, so that a rise above it can be seen."""

import numpy as np

BASELINE_S = 20.0
BASELINE_MIN_S = 4.0


class Baseline:
    """Exponential mean over the last `BASELINE_S` of the features that may rise above it."""

    def __init__(self) -> None:
        self._means: dict[str, float] = {}
        self._first_s: float | None = None
        self._last_s = 0.0

    def rises(self, values: dict[str, float], time_s: float) -> dict[str, float]:
        """Give how far the values are above what was usual; zeros until `BASELINE_MIN_S` have been seen."""
        names = {
            "motion_rise": "motion_mean",
            "speed_rise": "speed_high",
            "limb_rise": "limb_top",
            "count_fall": "people",
        }
        if self._first_s is None:
            self._first_s, self._last_s = time_s, time_s
        is_known = time_s - self._first_s >= BASELINE_MIN_S
        result = {}
        # The memory starts short, so that the first seconds do not weigh on it for ever.
        memory_s = min(BASELINE_S, max(1.0, time_s - self._first_s))
        share = 1.0 - float(np.exp(-(time_s - self._last_s) / memory_s))
        for rise, name in names.items():
            mean = self._means.get(name, values[name])
            result[rise] = values[name] - mean if is_known else 0.0
            self._means[name] = mean + share * (values[name] - mean)
        self._last_s = time_s
        return result
