"""How much evidence is usual at one camera, so that a restless place or a trembling mask is not one long event.

A camera whose ordinary minutes already give much evidence (a masker that trembles in bad light, a square where people
run) has that excess taken off. It is only ever taken off: a quiet camera does not become more nervous.
"""

import numpy as np

from inference.core.detection.silhouettes import Floats

MEMORY_S = 60.0
LEARN_S = 6.0
"""Nothing is taken off before so much has been seen."""
PULL = 1.0
"""An event may pull what is usual up no faster than evidence this far above it would."""
MOST = 3.0


class Usual:
    """Follows the evidence of each head, slowly."""

    def __init__(self, reference: Floats) -> None:
        """Start with `reference`, `float32 (K,)`: the evidence that ordinary life gives at a typical camera."""
        self._reference = reference
        self.reset()

    def reset(self) -> None:
        """Forget the camera."""
        self._mean: Floats | None = None
        self._first_s = self._last_s = 0.0

    def excess(self, logits: Floats, time_s: float) -> Floats:
        """Take the evidence of a moment, give what to take off, `float32 (K,)`, 0 to `MOST`.

        Args:
            logits: `float32 (K,)`.
            time_s: stream time in seconds, later than before.
        """
        if self._mean is None:
            self._mean, self._first_s, self._last_s = logits.copy(), time_s, time_s
        memory_s = min(MEMORY_S, max(1.0, time_s - self._first_s))
        share = 1.0 - float(np.exp(-(time_s - self._last_s) / memory_s))
        excess = np.clip(self._mean - self._reference, 0.0, MOST)
        self._mean = self._mean + np.float32(share) * np.minimum(logits - self._mean, PULL)
        self._last_s = time_s
        if time_s - self._first_s < LEARN_S:
            return np.zeros_like(logits)
        return np.asarray(excess, np.float32)
