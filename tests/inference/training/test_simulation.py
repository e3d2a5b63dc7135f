"""Simulated scenes: deterministic, exact, and with what was ordered in them."""

import time
from dataclasses import replace

import numpy as np
import pytest

from inference.training.simulation.camera import Camera
from inference.training.simulation.config import CameraSetup, Incident, IncidentKind, SceneConfig
from inference.training.simulation.poses import ANGLES, HAND_L, HEAD, LIE, TOE_L, skeletons
from inference.training.simulation.scene import Scene, SceneFrame, simulate

SETUP = CameraSetup(5.0, 26.0, 65.0)
SMALL = SceneConfig(seed=7, duration_s=4.0, width=160, height=90, people=12, camera=SETUP)


def _frames(config: SceneConfig, *, render: bool = False) -> list[SceneFrame]:
    return list(simulate(config, render=render))


def test_the_same_seed_gives_identical_frames() -> None:
    config = replace(SMALL, duration_s=2.0, incidents=(Incident("fight", 0.5, 1.0),))
    for first, second in zip(_frames(config, render=True), _frames(config, render=True), strict=True):
        assert first.image is not None
        assert second.image is not None
        np.testing.assert_array_equal(first.image, second.image)
        np.testing.assert_array_equal(first.class_map, second.class_map)


def test_drawing_pictures_does_not_change_what_happens() -> None:
    drawn, masks = _frames(replace(SMALL, duration_s=2.0), render=True), _frames(replace(SMALL, duration_s=2.0))
    for first, second in zip(drawn, masks, strict=True):
        assert second.image is None
        np.testing.assert_array_equal(first.people.boxes, second.people.boxes)
        differing = np.mean((first.class_map == 1) != (second.class_map == 1))
        assert differing < 0.002


def test_another_seed_gives_another_scene() -> None:
    first, second = _frames(replace(SMALL, duration_s=0.5)), _frames(replace(SMALL, seed=8, duration_s=0.5))
    assert not np.array_equal(first[-1].class_map, second[-1].class_map)


def test_masked_people_lie_inside_their_boxes() -> None:
    frame = _frames(replace(SMALL, vehicles=False))[-1]
    assert frame.people.boxes.dtype == np.float32
    inside = np.zeros(frame.class_map.shape, bool)
    for x0, y0, x1, y1 in frame.people.boxes:
        # Loads carried are part of a person's mask but not of the body's box.
        inside[max(0, int(y0) - 3) : int(y1) + 6, max(0, int(x0) - 3) : int(x1) + 4] = True
    person = frame.class_map == 1
    assert person.sum() > 100
    assert not (person & ~inside).any()


def test_a_place_without_people_has_no_person_in_its_mask() -> None:
    for frame in _frames(replace(SMALL, people=0, vehicles=False, duration_s=1.0), render=True):
        assert not (frame.class_map == 1).any()
        assert frame.people.boxes.shape == (0, 4)


@pytest.mark.parametrize("kind", ["fight", "dispersal", "fall", "chase"])
def test_an_incident_is_labelled_when_it_happens_with_its_people_in_view(kind: IncidentKind) -> None:
    config = replace(SMALL, duration_s=14.0, incidents=(Incident(kind, 6.0, 5.0),))
    frames = _frames(config)
    assert not any(frame.incident.label for frame in frames if frame.time_s < 6.0 or frame.time_s >= 11.0)
    labelled = [frame for frame in frames if frame.incident.label]
    assert labelled[0].time_s == pytest.approx(6.0, abs=0.1)
    assert len(labelled) >= 20
    assert all(frame.incident.kinds == (kind,) for frame in labelled)
    in_view = [bool(np.isin(frame.people.ids, frame.incident.ids).any()) for frame in labelled]
    assert np.mean(in_view) > 0.5


def test_people_run_apart_in_a_dispersal() -> None:
    scene = Scene(replace(SMALL, duration_s=12.0, incidents=(Incident("dispersal", 6.0, 5.0),)), render=False)
    speeds: dict[bool, list[float]] = {False: [], True: []}
    for index in range(100):
        frame = scene.frame(index)
        if 4.5 < frame.time_s < 6.0 or 6.8 < frame.time_s < 8.0:
            speeds[frame.time_s > 6.0] += [one.speed for one in scene.life.people if one.agent is not None]
    assert np.percentile(speeds[True], 75) > 1.7 * np.percentile(speeds[False], 75)


def test_who_falls_lies_low_and_stays_down() -> None:
    scene = Scene(replace(SMALL, incidents=(Incident("fall", 6.0, 5.0),)), render=False)
    heights = []
    for index in range(130):
        scene.frame(index)
        for script in scene.director.running:
            person = script.people[0]
            joints = skeletons(
                person.pose[None], person.position[None], np.array([person.heading]),
                np.array([person.height]), np.array([person.fall_turn]),
            )  # fmt: skip
            heights.append((index / 12.5, joints[0, HEAD, 2] / person.height))
    upright = [height for at, height in heights if at < 5.9]
    lying = [height for at, height in heights if 7.5 < at < 10.9]
    assert min(upright) > 0.75
    assert max(lying) < 0.35


def test_skeletons_stand_on_the_ground_at_their_full_height() -> None:
    pose = np.zeros((2, ANGLES))
    pose[1, LIE] = 0.5 * np.pi
    joints = skeletons(pose, np.array([[1.0, 2.0], [4.0, 5.0]]), np.zeros(2), np.full(2, 1.8), np.zeros(2))
    assert joints[0, HEAD, 2] == pytest.approx(1.8 * 0.92, abs=0.05)
    assert 0.0 <= joints[0, TOE_L, 2] < 0.1
    assert 0.7 < joints[0, HAND_L, 2] < 0.95
    assert joints[1, :, 2].max() < 0.5


def test_projection_and_ground_agree() -> None:
    camera = Camera.from_setup(CameraSetup(5.0, 25.0, 60.0, 12.0), 640, 360)
    ground = np.array([[0.0, 9.0], [3.0, 14.0], [-2.0, 7.0]])
    pixels, depth = camera.project(np.concatenate([ground, np.zeros((3, 1))], axis=1))
    assert (depth > 0).all()
    np.testing.assert_allclose(camera.ground(pixels), ground, atol=1e-9)


@pytest.mark.parametrize(
    ("field", "value"), [("duration_s", 0.0), ("fps", 0.5), ("width", 8), ("people", 500), ("people", -1)]
)
def test_an_impossible_scene_is_refused_by_name(field: str, value: float) -> None:
    with pytest.raises(ValueError, match=field):
        replace(SMALL, **{field: value})  # type: ignore[arg-type]


def test_masks_alone_are_fast_enough_for_training() -> None:
    scene = Scene(replace(SMALL, people=15), render=False)
    started = time.process_time()
    for index in range(150):
        scene.frame(index)
    assert 150 / (time.process_time() - started) > 75  # twice that on a quiet machine: see docs/simulator.md
