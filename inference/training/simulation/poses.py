"""How bodies are held: joint angles by activity, and the skeleton that follows from them, for many people at once.

Segment lengths are fractions of body height.
Source: Drillis and Contini (1966), as tabulated in Winter, Biomechanics and Motor Control of Human Movement.
"""

from enum import IntEnum

import numpy as np
import numpy.typing as npt

from inference.training.simulation.camera import Array


class Activity(IntEnum):
    """What somebody does with their body; moving on is `WALK` at any speed."""

    WALK = 0
    STAND = 1
    TALK = 2
    SIT = 3
    FIGHT = 4
    DOWN = 5
    CYCLE = 6
    PHONE = 7
    LOOK = 8


HIP_L, HIP_R, KNEE_L, KNEE_R, ARM_L, ARM_R, OPEN_L, OPEN_R, ELBOW_L, ELBOW_R, LEAN, SPREAD, LIE, LIFT = range(14)
ANGLES = 14
"""Columns of a pose: radians, but `LIFT` (metres the lowest joint is off the ground)."""

JOINTS = 17
(PELVIS, NECK, HEAD, SHOULDER_L, HAND_L_ELBOW, HAND_L, SHOULDER_R, HAND_R_ELBOW, HAND_R) = range(9)
(HIP_JOINT_L, KNEE_JOINT_L, ANKLE_L, TOE_L, HIP_JOINT_R, KNEE_JOINT_R, ANKLE_R, TOE_R) = range(9, 17)

SETTLE_S = np.array([0.05, 0.12, 0.12, 0.3, 0.05, 0.22, 0.1, 0.15, 0.15])
"""Time constant with which a body goes over into each activity."""


def stride_length_m(height: Array, speed: Array) -> Array:
    """Length of two steps: grows with speed, as people do rather than only stepping faster."""
    return 0.45 * height + 0.45 * speed


def _gait(pose: Array, phase: Array, speed: Array) -> None:
    run = np.clip((speed - 1.9) / 1.4, 0.0, 1.0)
    swing = np.clip(speed / 1.35, 0.0, 1.15) * (1.0 + 0.75 * run)
    sine, cosine = np.sin(phase), np.cos(phase)
    pose[:, HIP_L], pose[:, HIP_R] = 0.42 * swing * sine + 0.1 * run, -0.42 * swing * sine + 0.1 * run
    bend = np.minimum(swing, 1.0) * (0.95 + 0.75 * run)
    pose[:, KNEE_L] = 0.08 + 0.15 * run + bend * np.maximum(0.0, cosine)
    pose[:, KNEE_R] = 0.08 + 0.15 * run + bend * np.maximum(0.0, -cosine)
    pose[:, ARM_L], pose[:, ARM_R] = -0.38 * swing * sine, 0.38 * swing * sine
    pose[:, ELBOW_L] = pose[:, ELBOW_R] = 0.25 + 1.2 * run
    pose[:, OPEN_L] = pose[:, OPEN_R] = 0.08 + 0.06 * run
    pose[:, LEAN] = 0.04 + 0.2 * run
    pose[:, LIFT] = 0.05 * run * np.abs(sine)


def _fight(pose: Array, time_s: float, quirk: Array) -> None:
    """Guard, punches, shoves and now and then a kick; `quirk` (N, 4) in 0-1 sets each person's rhythm."""
    turn = 2 * np.pi

    def strike(rate: Array, shift: Array, sharp: int) -> Array:
        result: Array = np.maximum(0.0, np.sin(turn * (rate * time_s + shift))) ** sharp
        return result

    left = strike(1.1 + 0.9 * quirk[:, 0], quirk[:, 1], 3)
    right = strike(1.2 + 0.9 * quirk[:, 2], quirk[:, 3], 3)
    shove = strike(0.35 + 0.2 * quirk[:, 1], quirk[:, 0], 6)
    kick = strike(0.3 + 0.25 * quirk[:, 3], quirk[:, 2], 9)
    sway = np.sin(turn * (0.8 * time_s + quirk[:, 0]))
    pose[:, ARM_L] = 0.5 + 1.25 * np.maximum(left, shove)
    pose[:, ARM_R] = 0.5 + 1.25 * np.maximum(right, shove)
    pose[:, ELBOW_L], pose[:, ELBOW_R] = 1.9 - 1.7 * np.maximum(left, shove), 1.9 - 1.7 * np.maximum(right, shove)
    pose[:, OPEN_L], pose[:, OPEN_R] = 0.25 + 0.5 * quirk[:, 2] * left, 0.25 + 0.5 * quirk[:, 1] * right
    pose[:, HIP_L], pose[:, HIP_R] = 0.35 + 0.1 * sway, -0.3 + 1.6 * kick
    pose[:, KNEE_L], pose[:, KNEE_R] = 0.35 - 0.1 * sway, 0.35 + 0.9 * kick * (1 - kick)
    pose[:, LEAN] = 0.18 + 0.22 * sway - 0.35 * kick
    pose[:, SPREAD] = 0.16


def _standing(pose: Array, activity: npt.NDArray[np.int64], time_s: float, quirk: Array) -> None:
    sway = np.sin(2 * np.pi * (0.12 + 0.1 * quirk[:, 0]) * time_s + 6.28 * quirk[:, 1])
    pose[:, HIP_L], pose[:, HIP_R] = 0.03 * sway, -0.03 * sway
    pose[:, KNEE_L] = pose[:, KNEE_R] = 0.05
    pose[:, ELBOW_L] = pose[:, ELBOW_R] = 0.2
    pose[:, OPEN_L] = pose[:, OPEN_R] = 0.08
    pose[:, LEAN], pose[:, SPREAD] = 0.03 * sway, 0.06
    talk = activity == Activity.TALK
    gesture = np.maximum(0.0, np.sin(2 * np.pi * (0.17 + 0.12 * quirk[:, 2]) * time_s + 6.28 * quirk[:, 3]))
    beat = gesture * (0.8 + 0.2 * np.sin(2 * np.pi * 1.3 * time_s + quirk[:, 0]))
    pose[talk, ARM_R] = 0.7 * beat[talk]
    pose[talk, ELBOW_R] = 0.3 + 1.2 * beat[talk]
    phone = activity == Activity.PHONE
    pose[phone, ARM_R], pose[phone, ELBOW_R] = 0.55, 1.75
    pose[phone, LEAN] += 0.12
    is_folded = (quirk[:, 2] > 0.72) & ~phone & ~talk
    pose[is_folded, ARM_L] = pose[is_folded, ARM_R] = 0.35
    pose[is_folded, ELBOW_L] = pose[is_folded, ELBOW_R] = 1.7


def wanted_poses(
    activity: npt.NDArray[np.int64], phase: Array, speed: Array, time_s: float, quirk: Array
) -> npt.NDArray[np.float64]:
    """Poses `(N, ANGLES)` that people head for.

    Args:
        activity: `(N,)` of `Activity`.
        phase: `(N,)` gait phase in radians.
        speed: `(N,)` metres per second.
        time_s: scene time.
        quirk: `(N, 4)` in 0-1, each person's own manner.
    """
    pose = np.zeros((len(activity), ANGLES))
    _standing(pose, activity, time_s, quirk)
    moving = activity == Activity.WALK
    if moving.any():
        part = np.zeros((int(moving.sum()), ANGLES))
        _gait(part, phase[moving], speed[moving])
        pose[moving] = part
    fighting = activity == Activity.FIGHT
    if fighting.any():
        part = np.zeros((int(fighting.sum()), ANGLES))
        _fight(part, time_s, quirk[fighting])
        pose[fighting] = part
    sitting = activity == Activity.SIT
    pose[np.ix_(sitting, [HIP_L, HIP_R])] = 1.45
    pose[np.ix_(sitting, [KNEE_L, KNEE_R])] = 1.5
    pose[np.ix_(sitting, [ARM_L, ARM_R])] = 0.35
    pose[np.ix_(sitting, [ELBOW_L, ELBOW_R])] = 0.8
    down = activity == Activity.DOWN
    pose[down, LIE] = 0.5 * np.pi
    pose[down, HIP_L], pose[down, KNEE_L] = 0.5 + 0.5 * quirk[down, 0], 0.7 + 0.6 * quirk[down, 1]
    pose[down, HIP_R], pose[down, KNEE_R] = 0.1 + 0.3 * quirk[down, 2], 0.2 + 0.3 * quirk[down, 3]
    pose[down, OPEN_L], pose[down, OPEN_R] = 0.3 + quirk[down, 2], 0.2 + 0.8 * quirk[down, 0]
    cycling = activity == Activity.CYCLE
    pedal = 1.0 * np.sin(phase[cycling])
    pose[cycling, HIP_L], pose[cycling, HIP_R] = 0.85 + 0.4 * pedal, 0.85 - 0.4 * pedal
    pose[cycling, KNEE_L], pose[cycling, KNEE_R] = 1.05 + 0.35 * pedal, 1.05 - 0.35 * pedal
    pose[np.ix_(cycling, [ARM_L, ARM_R])] = 0.75
    pose[cycling, LEAN], pose[cycling, LIFT] = 0.45, 0.18
    return pose


def skeletons(pose: Array, ground: Array, heading: Array, height: Array, fall_turn: Array) -> Array:
    """Joints `(N, JOINTS, 3)` in metres; the lowest joint of each body rests on the ground.

    Args:
        pose: `(N, ANGLES)`.
        ground: `(N, 2)` where they stand.
        heading: `(N,)` radians, 0 along x.
        height: `(N,)` metres.
        fall_turn: `(N,)` direction of a fall relative to the heading, radians.
    """
    count = len(height)
    zero, one = np.zeros(count), np.ones(count)
    front = np.stack([np.cos(heading), np.sin(heading), zero], 1)
    right = np.stack([np.sin(heading), -np.cos(heading), zero], 1)
    up = np.stack([zero, zero, one], 1)
    toward = np.cos(fall_turn)[:, None] * front - np.sin(fall_turn)[:, None] * right
    cos_lie, sin_lie = np.cos(pose[:, LIE])[:, None], np.sin(pose[:, LIE])[:, None]
    tipped = cos_lie * toward - sin_lie * up - toward
    front = front + (front * toward).sum(1, keepdims=True) * tipped
    right = right + (right * toward).sum(1, keepdims=True) * tipped
    up = cos_lie * up + sin_lie * toward

    cos_lean, sin_lean = np.cos(pose[:, LEAN])[:, None], np.sin(pose[:, LEAN])[:, None]
    spine, chest = cos_lean * up + sin_lean * front, cos_lean * front - sin_lean * up
    size = height[:, None]

    def limb(flex: Array, open_: Array, side: float, axis: Array, ahead: Array) -> Array:
        cos_open = np.cos(open_)
        down = -(np.cos(flex) * cos_open)[:, None] * axis + (np.sin(flex) * cos_open)[:, None] * ahead
        result: Array = down + side * np.sin(open_)[:, None] * right
        return result

    joints = np.zeros((count, JOINTS, 3))
    joints[:, NECK] = 0.285 * size * spine
    joints[:, HEAD] = 0.385 * size * spine + 0.012 * size * chest
    arms = ((SHOULDER_L, -1.0, ARM_L, OPEN_L, ELBOW_L), (SHOULDER_R, 1.0, ARM_R, OPEN_R, ELBOW_R))
    for shoulder, side, arm, open_, elbow in arms:
        joints[:, shoulder] = 0.27 * size * spine + side * 0.105 * size * right
        upper = limb(pose[:, arm], pose[:, open_], side, spine, chest)
        lower = limb(pose[:, arm] + pose[:, elbow], 0.3 * pose[:, open_], side, spine, chest)
        joints[:, shoulder + 1] = joints[:, shoulder] + 0.172 * size * upper
        joints[:, shoulder + 2] = joints[:, shoulder + 1] + 0.19 * size * lower
    for hip, side, flex, knee in ((HIP_JOINT_L, -1.0, HIP_L, KNEE_L), (HIP_JOINT_R, 1.0, HIP_R, KNEE_R)):
        joints[:, hip] = side * 0.055 * size * right - 0.01 * size * up
        thigh = limb(pose[:, flex], pose[:, SPREAD], side, up, front)
        shank = limb(pose[:, flex] - pose[:, knee], 0.5 * pose[:, SPREAD], side, up, front)
        foot = limb(pose[:, flex] - pose[:, knee] + 1.35, zero, side, up, front)
        joints[:, hip + 1] = joints[:, hip] + 0.245 * size * thigh
        joints[:, hip + 2] = joints[:, hip + 1] + 0.246 * size * shank
        joints[:, hip + 3] = joints[:, hip + 2] + 0.1 * size * foot
    lowest = joints[:, :, 2].min(axis=1) - 0.028 * height
    # A lying body pivots about its feet: its middle comes to rest half a body away from where it stood.
    joints[:, :, :2] += (ground + (0.45 * size * sin_lie * toward)[:, :2])[:, None]
    joints[:, :, 2] += (pose[:, LIFT] - lowest)[:, None]
    return joints
