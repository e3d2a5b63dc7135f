"""Draws articulated people: capsules between projected joints, the farther limb first.

The class map gets the same outlines as the picture, so that it is exact. What people carry and wear counts as person.
"""

from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt

from inference.core.frames import PERSON
from inference.training.simulation.camera import Array, Camera
from inference.training.simulation.people import BAG, HAIR, SHOES, SKIN, SLEEVE, TOP, TROUSERS, Person
from inference.training.simulation.poses import (
    ANGLES,
    ANKLE_L,
    ANKLE_R,
    HAND_L,
    HAND_L_ELBOW,
    HAND_R,
    HAND_R_ELBOW,
    HEAD,
    HIP_JOINT_L,
    HIP_JOINT_R,
    JOINTS,
    KNEE_JOINT_L,
    KNEE_JOINT_R,
    NECK,
    PELVIS,
    SHOULDER_L,
    SHOULDER_R,
    TOE_L,
    TOE_R,
    skeletons,
)

Image = npt.NDArray[np.uint8]
SHIFT = 4
"""Binary digits of sub-pixel precision given to OpenCV."""
CHIN, CROWN, FACE, PACK_TOP, PACK_END, COAT_L, COAT_R = range(JOINTS, JOINTS + 7)
PARTS: tuple[tuple[int, int, float, float, int], ...] = (
    (SHOULDER_L, HAND_L_ELBOW, 0.029, 0.025, SLEEVE),
    (HAND_L_ELBOW, HAND_L, 0.024, 0.018, SLEEVE),
    (HAND_L, HAND_L, 0.022, 0.022, SKIN),
    (SHOULDER_R, HAND_R_ELBOW, 0.029, 0.025, SLEEVE),
    (HAND_R_ELBOW, HAND_R, 0.024, 0.018, SLEEVE),
    (HAND_R, HAND_R, 0.022, 0.022, SKIN),
    (HIP_JOINT_L, KNEE_JOINT_L, 0.047, 0.034, TROUSERS),
    (KNEE_JOINT_L, ANKLE_L, 0.033, 0.023, TROUSERS),
    (ANKLE_L, TOE_L, 0.024, 0.018, SHOES),
    (HIP_JOINT_R, KNEE_JOINT_R, 0.047, 0.034, TROUSERS),
    (KNEE_JOINT_R, ANKLE_R, 0.033, 0.023, TROUSERS),
    (ANKLE_R, TOE_R, 0.024, 0.018, SHOES),
    (NECK, CHIN, 0.03, 0.03, SKIN),
    (SHOULDER_L, HIP_JOINT_L, 0.046, 0.042, TOP),
    (SHOULDER_R, HIP_JOINT_R, 0.046, 0.042, TOP),
    (CHIN, FACE, 0.044, 0.05, SKIN),
    (CROWN, CROWN, 0.056, 0.056, HAIR),
    (PACK_TOP, PACK_END, 0.052, 0.06, BAG),
    (HIP_JOINT_L, COAT_L, 0.052, 0.056, TOP),
    (HIP_JOINT_R, COAT_R, 0.052, 0.056, TOP),
)
"""From joint, to joint, radii at both as fractions of body height, colour."""
TORSO, FACE_PART, HAIR_PART, PACK, COAT = 13, 15, 16, 17, 18
_STARTS = np.array([part[0] for part in PARTS])
_ENDS = np.array([part[1] for part in PARTS])
_RADII = np.array([part[2:4] for part in PARTS])
_COLOURS = np.array([part[4] for part in PARTS])
_ARC = np.linspace(0.5 * np.pi, 1.5 * np.pi, 6)
_ARC_A = np.stack([np.cos(_ARC), np.sin(_ARC)], 1)
LIT_SHIFT = np.array([-0.3, -0.22])
"""Where the light side of a limb is, in its radii."""


@dataclass(frozen=True, slots=True)
class Figures:
    """All people of one frame, projected.

    Attributes:
        joints: `(N, J, 3)` metres.
        outlines: `int32 (N, P, 12, 2)` capsules in fixed-point pixels.
        lit: the same for the side towards the light.
        order: `(N, P)` parts, farthest first.
        depth: `(N,)` ground distance from the camera, metres.
        boxes: `float32 (N, 4)` xyxy in pixels, cut to the picture; zero area if outside.
        size_px: `(N,)` pixels per body height.
    """

    joints: Array
    outlines: npt.NDArray[np.int32]
    lit: npt.NDArray[np.int32]
    order: npt.NDArray[np.int64]
    depth: Array
    boxes: npt.NDArray[np.float32]
    size_px: Array


def _with_extras(joints: Array, height: Array, people: list[Person]) -> Array:
    """Add chin, crown, face, load and hem to the skeletons' joints."""
    extra = np.zeros((len(people), CROWN + 6 - JOINTS, 3))
    size = height[:, None]
    spine = joints[:, NECK] - joints[:, PELVIS]
    spine /= np.linalg.norm(spine, axis=1, keepdims=True)
    right = joints[:, SHOULDER_R] - joints[:, SHOULDER_L]
    right /= np.linalg.norm(right, axis=1, keepdims=True)
    chest = np.cross(spine, right) * -1.0
    head = joints[:, HEAD]
    child = np.clip((1.75 - size) * 0.03, 0.0, 0.02)
    extra[:, CHIN - JOINTS] = head + (-0.02 * spine + 0.012 * chest) * size
    extra[:, FACE - JOINTS] = head + ((0.02 + child) * spine + 0.006 * chest) * size
    extra[:, CROWN - JOINTS] = head + ((0.034 + child) * spine - 0.018 * chest) * size
    is_pack = np.array([person.looks.carries == "backpack" for person in people])[:, None]
    pack = joints[:, PELVIS] + 0.1 * size * spine - 0.085 * size * chest
    bag = joints[:, HAND_R] - np.array([0.0, 0.0, 0.1]) * size
    extra[:, PACK_TOP - JOINTS] = np.where(is_pack, pack + 0.11 * size * spine, bag)
    extra[:, PACK_END - JOINTS] = np.where(is_pack, pack, bag - np.array([0.0, 0.0, 0.05]) * size)
    for hem, hip, knee in ((COAT_L, HIP_JOINT_L, KNEE_JOINT_L), (COAT_R, HIP_JOINT_R, KNEE_JOINT_R)):
        extra[:, hem - JOINTS] = joints[:, hip] + 0.55 * (joints[:, knee] - joints[:, hip])
    return np.concatenate([joints, extra], axis=1)


def _capsules(start: Array, end: Array, radius_a: Array, radius_b: Array) -> Array:
    """Outlines `(..., 12, 2)` around segments, in pixels."""
    along = end - start
    length = np.linalg.norm(along, axis=-1, keepdims=True)
    along = np.where(length > 1e-6, along / np.maximum(length, 1e-6), np.array([1.0, 0.0]))
    across = np.stack([-along[..., 1], along[..., 0]], axis=-1)
    back = _ARC_A[:, :1] * along[..., None, :] + _ARC_A[:, 1:] * across[..., None, :]
    first = start[..., None, :] + radius_a[..., None, None] * back
    last = end[..., None, :] - radius_b[..., None, None] * back
    return np.concatenate([first, last], axis=-2)


def _fixed(points: Array) -> npt.NDArray[np.int32]:
    limit = 1 << 24
    result: npt.NDArray[np.int32] = np.clip(np.rint(points * (1 << SHIFT) - 8), -limit, limit).astype(np.int32)
    return result


def pose_figures(people: list[Person], camera: Camera, has_lit_side: bool) -> Figures:
    """Build and project everybody's body."""
    height = np.array([person.height for person in people])
    ground = np.array([person.position + person.shift for person in people]).reshape(-1, 2)
    bones = skeletons(
        np.array([person.pose for person in people]).reshape(-1, ANGLES),
        ground,
        np.array([person.heading for person in people]),
        height,
        np.array([person.fall_turn for person in people]),
    )
    joints = _with_extras(bones, height, people)
    pixels, depth = camera.project(joints)
    scale = camera.focal_px / depth * height[:, None]
    build = np.array([person.looks.build for person in people])[:, None]
    radius_a = np.maximum(scale[:, _STARTS] * _RADII[:, 0] * build, 0.3)
    radius_b = np.maximum(scale[:, _ENDS] * _RADII[:, 1] * build, 0.3)
    start, end = pixels[:, _STARTS], pixels[:, _ENDS]
    shape = _capsules(start, end, radius_a, radius_b)
    lit = shape[:0]
    if has_lit_side:
        nudge = radius_a[..., None] * LIT_SHIFT
        lit = _capsules(start + nudge, end + nudge, 0.6 * radius_a, 0.6 * radius_b)
    middle = 0.5 * (depth[:, _STARTS] + depth[:, _ENDS])
    middle[:, HAIR_PART] -= 0.004
    middle[:, [TORSO, TORSO + 1]] = middle[:, [TORSO, TORSO + 1]].mean(axis=1, keepdims=True)
    middle[:, [COAT, COAT + 1]] = middle[:, [COAT, COAT + 1]].mean(axis=1, keepdims=True) - 0.05
    body = shape[:, :PACK].reshape(len(people), PACK * shape.shape[2], 2)
    boxes = np.concatenate([body.min(axis=1), body.max(axis=1)], axis=1)
    is_behind = depth.min(axis=1, initial=np.inf) <= 0.5
    boxes[:, 0::2] = np.clip(boxes[:, 0::2], 0, camera.width)
    boxes[:, 1::2] = np.clip(boxes[:, 1::2], 0, camera.height)
    boxes[is_behind] = 0
    order = np.argsort(-middle, axis=1, kind="stable")
    away = np.linalg.norm(ground - camera.position[:2], axis=1)
    return Figures(joints, _fixed(shape), _fixed(lit), order, away, boxes.astype(np.float32), scale[:, PELVIS])


def draw_silhouette(figures: Figures, index: int, person: Person, class_map: Image) -> None:
    """Fill one person's outline in the class map."""
    outlines = figures.outlines[index]
    carries, coat = bool(person.looks.carries), person.looks.coat
    for part in range(len(PARTS)):
        if part == TORSO + 1 or part == COAT + 1 or (part == PACK and not carries) or (part == COAT and not coat):
            continue
        shape = cv2.convexHull(outlines[part : part + 2].reshape(-1, 2)) if part in (TORSO, COAT) else outlines[part]
        cv2.fillConvexPoly(class_map, shape, PERSON, cv2.LINE_8, SHIFT)


def draw_person(figures: Figures, index: int, person: Person, tint: Array, image: Image, class_map: Image) -> None:
    """Draw one person into picture and class map.

    Args:
        figures: from `pose_figures`.
        index: which of them.
        person: whose looks.
        tint: `(3,)` light falling on them, 1 is full day.
        image: `uint8 (H, W, 3)`, changed.
        class_map: `uint8 (H, W)`, changed.
    """
    looks = person.looks
    outlines = figures.outlines[index]
    base = np.clip(looks.colours * tint, 0, 255)
    shades = base * 0.84
    lights = np.clip(base * 1.12 + 4 * tint, 0, 255)
    has_lit = len(figures.lit) > 0 and figures.size_px[index] > 42
    for part in figures.order[index].tolist():
        if part == TORSO + 1 or part == COAT + 1:
            continue
        if (part == PACK and not looks.carries) or (part == COAT and not looks.coat):
            continue
        slot = PARTS[part][4]
        is_hull = part in (TORSO, COAT)
        shape = cv2.convexHull(outlines[part : part + 2].reshape(-1, 2)) if is_hull else outlines[part]
        cv2.fillConvexPoly(image, shape, shades[slot].tolist(), cv2.LINE_AA, SHIFT)
        cv2.fillConvexPoly(class_map, shape, PERSON, cv2.LINE_8, SHIFT)
        if has_lit:
            lit = figures.lit[index, part : part + 2].reshape(-1, 2)
            shape = cv2.convexHull(lit) if is_hull else figures.lit[index, part]
            cv2.fillConvexPoly(image, shape, lights[slot].tolist(), cv2.LINE_AA, SHIFT)


def draw_shadows(figures: Figures, camera: Camera, lean: Array | None, shadow: Image) -> None:
    """Darken the ground under people, and beside them where the sun throws a shadow.

    Args:
        figures: from `pose_figures`.
        camera: of the full picture.
        lean: `(2,)` metres of shadow per metre of height, or None without sun.
        shadow: `uint8 (h, w)`, 255 is unshaded; a fraction of the picture's size.
    """
    scale = shadow.shape[1] / camera.width
    joints = figures.joints[:, :JOINTS]
    feet = joints[:, [ANKLE_L, ANKLE_R, PELVIS]].copy()
    feet[..., 2] = 0.0
    centre, depth = camera.project(feet)
    reach = np.maximum(1.0, camera.focal_px / depth * 0.2 * scale)
    squash = np.clip(abs(camera.axes[2, 2]) + 0.15, 0.2, 1.0)
    for points, sizes in zip(centre * scale, reach, strict=True):
        for (x, y), size in zip(points.tolist(), sizes.tolist(), strict=True):
            if -50 < x < shadow.shape[1] + 50 and -50 < y < shadow.shape[0] + 50:
                cv2.ellipse(shadow, (int(x), int(y)), (int(size), int(size * squash) + 1), 0, 0, 360, 150, -1)
    if lean is None:
        return
    cast = joints.copy()
    cast[..., :2] += cast[..., 2:] * lean
    cast[..., 2] = 0.0
    pixels, depth = camera.project(cast)
    bones = [part[:4] for part in PARTS[:13] if part[1] < JOINTS] + [(PELVIS, HEAD, 0.09, 0.06)]
    starts = np.array([bone[0] for bone in bones])
    ends = np.array([bone[1] for bone in bones])
    wide = np.array([bone[2] for bone in bones])
    radius = np.maximum(camera.focal_px / depth[:, starts] * wide * 1.7 * scale, 0.5)
    outlines = _fixed(_capsules(pixels[:, starts] * scale, pixels[:, ends] * scale, radius, radius))
    for body in outlines:
        for outline in body:
            cv2.fillConvexPoly(shadow, outline, 118, cv2.LINE_8, SHIFT)
