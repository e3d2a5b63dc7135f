"""What is measured on masked video, moment by moment: named numbers that mean the same at every camera.

Speeds and distances are in body heights (bh): a silhouette's own height is the ruler, so that a person near the camera
and one far away, or two cameras of different height, give the same numbers. Everything is causal.

Source: the measured designs of dense mask motion and of tracklets, pairs and limb energy; speeds of walking people are
about 0.8 bh/s, of running ones above 1.6 bh/s (1.35 and 3 m/s at 1.7 m; Weidmann 1993).
"""

from dataclasses import dataclass, field
from math import hypot

import numpy as np

from inference.core.detection.baseline import Baseline
from inference.core.detection.mask_flow import Look, MaskFlow
from inference.core.detection.motion import Motion, measure_motion
from inference.core.detection.pairs import PairFacts, measure_pairs
from inference.core.detection.quantile import quantile
from inference.core.detection.silhouettes import Blobs, Floats, Follower, Grid, Trail
from inference.core.detection.tracklets import (
    find_vehicle_near,
    look_back,
    measure_churn,
    measure_falls,
    measure_people,
    measure_shape_change,
    measure_speeds,
)

FEATURE_UNITS = {
    "motion_mean": "bh/s, mean speed of person cells",
    "motion_high": "bh/s, 90th percentile of cell speeds",
    "direction_spread": "0-1, how much the movements of all cells cancel out, weighted by how much moves",
    "limb_mean": "bh/s, mean speed of cells relative to their silhouette",
    "limb_high": "bh/s, 90th percentile of the same",
    "limb_top": "bh/s, limb energy of the most agitated silhouette",
    "limb_second": "bh/s, limb energy of the second most agitated silhouette",
    "limb_in_place": "bh/s, limb energy of the most agitated silhouette that stays where it is",
    "limb_share": "bh/s, limb movement summed over the picture, by its area",
    "moving_share": "0-1, share of the picture that is person and moves",
    "limb_crowded": "bh/s, limb energy of the most agitated silhouette that is wide enough for several people",
    "change_rate": "1/s, changed cells by person cells",
    "change_top": "1/s, share of new cells in the silhouette that changes most",
    "reshape_top": "1/s, share of the most restless silhouette that changes beside its own movement",
    "reshape_second": "1/s, the same of the second most restless",
    "reshape_in_place": "1/s, the same among those that stay where they are",
    "jerk": "bh/s2, mean change of the silhouettes' velocities",
    "concentration": "0-1, share of all movement energy in one silhouette, weighted by how much moves",
    "speed_top": "bh/s, fastest silhouette",
    "speed_high": "bh/s, 80th percentile of silhouettes",
    "fast_share": "0-1, share of people above 1.4 bh/s",
    "fast_people": "log(1 + people above 1.4 bh/s)",
    "heading_spread": "0-1, how much the headings of moving people differ, weighted by their share",
    "outward": "bh/s, mean speed away from the centre of the people",
    "pair_energy": "bh/s, joint limb energy of the closest agitated pair, or of a merged silhouette",
    "closing": "bh/s, fastest approach of two people within 3 bh",
    "parting": "bh/s, fastest parting of two people within 3 bh",
    "shape_change": "1/s, fastest change of width by height",
    "churn_top": "bh/s, how fast the most restless silhouette changes width and height",
    "churn_in_place": "bh/s, the same among those that stay where they are",
    "lying": "0-1, best evidence of one low, wide and still silhouette",
    "height_drop": "0-1, largest loss of height in 4 s",
    "down_s": "s, up to 5, longest time that someone who was upright has been down",
    "still_share": "0-1, share of people slower than 0.15 bh/s",
    "people": "log(1 + silhouettes)",
    "density": "0-1, share of the picture that is person",
    "crowding": "0-1, share of person cells in silhouettes wider than high",
    "motion_rise": "bh/s, motion_mean above the mean of the last 20 s",
    "speed_rise": "bh/s, speed_high above the mean of the last 20 s",
    "limb_rise": "bh/s, limb_top above the mean of the last 20 s",
    "count_fall": "log ratio, silhouettes now against the mean of the last 20 s",
}
FEATURE_NAMES = tuple(FEATURE_UNITS)
VELOCITY_MEMORY_S = 0.5


@dataclass(frozen=True, slots=True)
class Moment:
    """What was measured at one moment.

    Attributes:
        time_s: stream time.
        values: `float32 (len(FEATURE_NAMES),)`, in the order of `FEATURE_NAMES`.
        blobs: the silhouettes.
        grid_shape: (gh, gw) of the working grid.
        speeds: `float32 (N,)` bh/s of each silhouette.
        limbs: `float32 (N,)` bh/s, limb energy of each silhouette.
        lying: `float32 (N,)` 0-1, evidence of lying of each silhouette.
        down_s: `float32 (N,)` seconds for which each has been down.
        vehicle_near: bh/s, speed of the fastest vehicle with somebody within one body height.
        vehicle_box: its box xyxy in cells, None if there is none.
    """

    time_s: float
    values: Floats = field(repr=False)
    blobs: Blobs = field(repr=False)
    grid_shape: tuple[int, int]
    speeds: Floats = field(repr=False)
    limbs: Floats = field(repr=False)
    lying: Floats = field(repr=False)
    down_s: Floats = field(repr=False)
    vehicle_near: float = 0.0
    vehicle_box: tuple[float, float, float, float] | None = None

    def named(self) -> dict[str, float]:
        """Give the values by name."""
        return {name: float(value) for name, value in zip(FEATURE_NAMES, self.values, strict=True)}


class FeatureStream:
    """Turns class maps into moments, one at a time."""

    def __init__(self) -> None:
        self._follower = Follower()
        self._flow = MaskFlow()
        self._vehicles = Follower()
        self._baseline = Baseline()

    def reset(self) -> None:
        """Forget everything learnt from earlier frames."""
        self._follower.reset()
        self._flow.reset()
        self._vehicles.reset()
        self._baseline = Baseline()

    def update(self, class_map: Grid, time_s: float) -> Moment | None:
        """Measure one frame; None while nothing can be said about motion (first 0.15 s, or after a gap).

        Args:
            class_map: `uint8 (h, w)` of the masked frame.
            time_s: stream time in seconds, later than before.
        """
        return self.measure(self._flow.update(class_map, time_s))

    def measure(self, look: Look) -> Moment | None:
        """Measure one look, as `update` does; for those who use the look as well."""
        time_s, blobs = look.time_s, look.blobs
        trails = self._follower.follow(blobs, time_s)
        vehicle_trails = self._vehicles.follow(look.vehicles, time_s)
        motion = measure_motion(look)
        if motion is None:
            return None
        before = look_back(trails, time_s)
        speeds = measure_speeds(trails, before, motion, time_s)
        lying, drops, down_s = measure_falls(trails, speeds, time_s)
        values = _dense(motion)
        values |= _limbs(blobs, motion, speeds)
        values |= measure_people(blobs, speeds, motion)
        values |= _pairs(measure_pairs(blobs, trails, before, motion.residuals, time_s))
        values["jerk"] = _jerk(trails, motion, time_s)
        values["shape_change"] = measure_shape_change(trails, before)
        churn = measure_churn(trails, time_s)
        values["churn_top"] = float(churn.max(initial=0.0))
        values["churn_in_place"] = float((churn * np.clip(1.2 - speeds, 0.0, 1.0)).max(initial=0.0))
        values["lying"] = float(lying.max(initial=0.0))
        values["height_drop"] = float(drops.max(initial=0.0))
        values["down_s"] = float(min(5.0, down_s.max(initial=0.0)))
        values["density"] = float(np.count_nonzero(look.cells)) / look.cells.size
        values |= self._baseline.rises(values, time_s)
        near, box = find_vehicle_near(look.vehicles, vehicle_trails, blobs, time_s)
        return Moment(
            time_s=time_s,
            values=np.array([values[name] for name in FEATURE_NAMES], np.float32),
            blobs=blobs,
            grid_shape=(look.cells.shape[0], look.cells.shape[1]),
            speeds=speeds,
            limbs=motion.residuals,
            lying=lying,
            down_s=down_s,
            vehicle_near=near,
            vehicle_box=box,
        )


def _jerk(trails: list[Trail], motion: Motion, time_s: float) -> float:
    changes = []
    for trail, (across, down) in zip(trails, motion.velocities.tolist(), strict=True):
        known = trail.velocity
        if known is not None and 0.0 < time_s - known[0] <= VELOCITY_MEMORY_S:
            changes.append(hypot(across - known[1], down - known[2]) / max(0.15, time_s - known[0]))
        trail.velocity = (time_s, across, down)
    return sum(changes) / len(changes) if changes else 0.0


def _dense(motion: Motion) -> dict[str, float]:
    speeds, residuals = motion.cell_speeds, motion.cell_residuals
    if not len(speeds):
        names = (
            "motion_mean",
            "motion_high",
            "direction_spread",
            "limb_mean",
            "limb_high",
            "change_rate",
            "concentration",
        )
        return dict.fromkeys(names, 0.0)
    mean = float(speeds.mean())
    weight = min(1.0, mean / 0.3)
    energy = float(motion.energies.sum())
    return {
        "motion_mean": mean,
        "motion_high": quantile(speeds, 0.9),
        "direction_spread": motion.direction_spread * weight,
        "limb_mean": float(residuals.mean()),
        "limb_high": quantile(residuals, 0.9),
        "change_rate": min(10.0, motion.change_rate),
        "concentration": weight * float(motion.energies.max()) / energy if energy > 1e-6 else 0.0,
    }


def _limbs(blobs: Blobs, motion: Motion, speeds: Floats) -> dict[str, float]:
    ordered, restless = np.sort(motion.residuals)[::-1], np.sort(motion.reshaped)[::-1]
    crowded = motion.residuals * np.clip(blobs.aspects - 0.5, 0.0, 1.0)
    in_place = motion.residuals * np.clip(1.2 - speeds, 0.0, 1.0)
    return {
        "limb_in_place": float(in_place.max(initial=0.0)),
        "limb_share": motion.limb_share,
        "moving_share": motion.moving_share,
        "limb_top": float(ordered[0]) if len(ordered) else 0.0,
        "limb_second": float(ordered[1]) if len(ordered) > 1 else 0.0,
        "limb_crowded": float(crowded.max(initial=0.0)),
        "reshape_top": float(restless[0]) if len(restless) else 0.0,
        "reshape_second": float(restless[1]) if len(restless) > 1 else 0.0,
        "reshape_in_place": float((motion.reshaped * np.clip(1.2 - speeds, 0.0, 1.0)).max(initial=0.0)),
        "change_top": min(6.0, float(motion.changed.max(initial=0.0))),
    }


def _pairs(pairs: PairFacts) -> dict[str, float]:
    return {"pair_energy": pairs.joint_energy, "closing": pairs.closing, "parting": pairs.parting}
