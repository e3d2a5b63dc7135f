"""A pinhole camera over the flat ground. World: x right, y away, z up, metres; the camera stands over the origin."""

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from inference.training.simulation.config import CameraSetup

Array = npt.NDArray[np.float64]
NEAR_M = 0.4


def random_camera(rng: np.random.Generator) -> CameraSetup:
    """Draw a plausible CCTV camera: lamp-post and facade mounts mostly, some steep ones."""
    height = float(rng.uniform(2.8, 8.5))
    is_steep = rng.random() < 0.18
    tilt = float(rng.uniform(38.0, 58.0) if is_steep else rng.uniform(11.0, 30.0) + 0.8 * height)
    return CameraSetup(height, min(tilt, 70.0), float(rng.uniform(48.0, 84.0)), float(rng.uniform(-28.0, 28.0)))


@dataclass(frozen=True)
class Camera:
    """Projects world points into a picture of `width` x `height` pixels.

    Attributes:
        position: (3,) metres.
        axes: (3, 3), rows are right, down and forward as unit vectors.
        focal_px: focal length in pixels.
    """

    width: int
    height: int
    position: Array
    axes: Array
    focal_px: float

    @classmethod
    def from_setup(cls, setup: CameraSetup, width: int, height: int) -> "Camera":
        """Place a camera."""
        pan, tilt = math.radians(setup.pan_deg), math.radians(setup.tilt_deg)
        forward = np.array([math.sin(pan) * math.cos(tilt), math.cos(pan) * math.cos(tilt), -math.sin(tilt)])
        right = np.array([math.cos(pan), -math.sin(pan), 0.0])
        focal = 0.5 * width / math.tan(math.radians(setup.fov_deg) / 2)
        axes = np.stack([right, np.cross(forward, right), forward])
        return cls(width, height, np.array([0.0, 0.0, setup.height_m]), axes, focal)

    def project(self, points: Array) -> tuple[Array, Array]:
        """Project `(..., 3)` metres.

        Returns:
            Pixels `(..., 2)` and depth `(...)` in metres along the view; points nearer than `NEAR_M` are put there.
        """
        seen = (points - self.position) @ self.axes.T
        depth = np.maximum(seen[..., 2], NEAR_M)
        pixels = seen[..., :2] * (self.focal_px / depth)[..., None]
        pixels += (0.5 * self.width, 0.5 * self.height)
        return pixels, depth

    def rays(self, scale: int = 1) -> Array:
        """Directions `(H * scale, W * scale, 3)` of all pixels; their component along the view is 1."""
        across = (np.arange(self.width * scale) + 0.5) / scale - 0.5 * self.width
        down = (np.arange(self.height * scale) + 0.5) / scale - 0.5 * self.height
        plane = np.stack(np.broadcast_arrays(across[None, :], down[:, None]), axis=-1) / self.focal_px
        rays: Array = plane @ self.axes[:2] + self.axes[2]
        return rays

    def ground(self, pixels: Array, furthest_m: float = 60.0) -> Array:
        """Ground points `(..., 2)` under pixels `(..., 2)`, at most `furthest_m` away."""
        plane = (pixels - (0.5 * self.width, 0.5 * self.height)) / self.focal_px
        rays = plane @ self.axes[:2] + self.axes[2]
        flat = np.linalg.norm(rays[..., :2], axis=-1)
        reach = np.where(rays[..., 2] < -1e-6, self.position[2] / np.maximum(-rays[..., 2], 1e-6), np.inf)
        reach = np.minimum(reach, furthest_m / np.maximum(flat, 1e-6))
        result: Array = self.position[:2] + rays[..., :2] * reach[..., None]
        return result

    def sees(self, ground: Array, margin: float = 0.0) -> npt.NDArray[np.bool_]:
        """Whether somebody standing at `(..., 2)` would be in view; `margin` widens the picture, in its widths."""
        in_view = np.zeros(ground.shape[:-1], bool)
        for z in (0.1, 1.6):
            points = np.concatenate([ground, np.full((*ground.shape[:-1], 1), z)], axis=-1)
            pixels, depth = self.project(points)
            slack = margin * self.width
            in_view |= (
                (pixels[..., 0] > -slack)
                & (pixels[..., 0] < self.width + slack)
                & (pixels[..., 1] > -slack)
                & (pixels[..., 1] < self.height + slack)
                & (depth > NEAR_M)
            )
        return in_view
