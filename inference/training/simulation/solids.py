"""Convex faces and upright poles in perspective, drawn at once into a picture and into a class map or mask."""

from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt

from inference.training.simulation.camera import Array, Camera

SHIFT = 4
LIGHT_FROM = np.array([-0.45, -0.6, 0.66])


@dataclass(frozen=True, slots=True)
class Canvas:
    """Where things are drawn.

    Attributes:
        image: `uint8 (H, W, 3)`, or None where only outlines are wanted.
        flat: `uint8 (H, W)` class map or mask.
        value: written into `flat`.
        camera: projects.
        tint: `(3,)` light.
    """

    image: npt.NDArray[np.uint8] | None
    flat: npt.NDArray[np.uint8]
    value: int
    camera: Camera
    tint: Array

    def polygon(self, points: Array, colour: Array, value: int | None = None, glow: bool = False) -> None:
        """Fill a polygon `(N, 3)` in metres; `glow` ignores the light that falls on it."""
        pixels, depth = self.camera.project(points)
        if depth.min() <= 0.5:
            return
        corners = np.clip(np.rint(pixels * (1 << SHIFT) - 8), -(1 << 22), 1 << 22).astype(np.int32)
        if self.image is not None:
            lit = np.clip(colour if glow else colour * self.tint, 0, 255).tolist()
            cv2.fillPoly(self.image, [corners], lit, cv2.LINE_AA, SHIFT)
        cv2.fillPoly(self.flat, [corners], self.value if value is None else value, cv2.LINE_8, SHIFT)

    def pole(self, foot: Array, top: Array, radius_m: float, colour: Array) -> None:
        """Draw a straight pole from `foot` to `top` (3,)."""
        sideways = self.camera.axes[0] * radius_m
        corners = np.array([foot - sideways, foot + sideways, top + sideways, top - sideways])
        self.polygon(corners, colour * 0.8)
        self.polygon(np.array([foot - sideways, foot, top, top - sideways]), colour)

    def ball(self, centre: Array, radius_m: float, colour: Array, glow: bool = False) -> None:
        """Draw a disc that always faces the camera."""
        turn = np.linspace(0, 2 * np.pi, 12, endpoint=False)
        ring = np.cos(turn)[:, None] * self.camera.axes[0] + np.sin(turn)[:, None] * self.camera.axes[1]
        self.polygon(centre + radius_m * ring, colour, glow=glow)

    def extrude(
        self, profile: Array, origin: Array, along: Array, across: Array, width_m: float, colour: Array
    ) -> None:
        """Draw a side profile `(N, 2)` (along, up), counter-clockwise, extruded by `width_m` across.

        Faces turned away are left out; the others go from far to near.
        """
        up = np.array([0.0, 0.0, 1.0])
        near = origin + profile[:, :1] * along + profile[:, 1:] * up + 0.5 * width_m * across
        far = near - width_m * across
        faces = [(near, across), (far, -across)]
        for index in range(len(profile)):
            following = (index + 1) % len(profile)
            edge = profile[following] - profile[index]
            normal = edge[1] * along - edge[0] * up
            faces.append(
                (np.array([near[index], near[following], far[following], far[index]]), normal / np.linalg.norm(normal))
            )
        seen = [(face, normal) for face, normal in faces if (face.mean(0) - self.camera.position) @ normal < 0]
        seen.sort(key=lambda item: -float(np.linalg.norm(item[0].mean(0) - self.camera.position)))
        for face, normal in seen:
            self.polygon(face, colour * (0.72 + 0.34 * max(0.0, float(normal @ LIGHT_FROM))))

    def box(self, centre: Array, sides: tuple[float, float, float], colour: Array) -> None:
        """Draw an upright box with its base at `centre` (3,) and `sides` along x, y, z."""
        half = sides[0] / 2
        profile = np.array([[-half, 0.0], [half, 0.0], [half, sides[2]], [-half, sides[2]]])
        self.extrude(profile, centre, np.array([1.0, 0, 0]), np.array([0, -1.0, 0]), sides[1], colour)
