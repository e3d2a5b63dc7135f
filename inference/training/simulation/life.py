"""Ordinary life: people who walk alone or together, wait, talk in circles, sit on benches, run for a bus or jog."""

import math

import numpy as np

from inference.training.simulation.camera import Array, Camera
from inference.training.simulation.crowd import Crowd
from inference.training.simulation.people import Person, random_height, random_looks
from inference.training.simulation.poses import SETTLE_S, Activity, stride_length_m, wanted_poses
from inference.training.simulation.site import Site

WALK_MEAN, WALK_SD = 1.3, 0.25
"""Metres per second. Source: ETH and UCY pedestrian tracks (Pellegrini 2009, Lerner 2007)."""


class Life:
    """Keeps a scene populated and moves everybody on, frame by frame."""

    def __init__(self, rng: np.random.Generator, site: Site, camera: Camera, people: int, frame_s: float) -> None:
        self.rng, self.site, self.camera, self.frame_s = rng, site, camera, frame_s
        self.crowd = Crowd(site.walkable, frame_s)
        self.people: list[Person] = []
        self.wanted = people
        self._next_id = 0
        self._seats: dict[tuple[float, float], float] = {}
        self.exits = np.array([self.crowd.nearest(entry) for entry in site.entries])
        self._found_places()
        self._sit_down(min(people // 4, 3))
        for _ in range(people * 8):
            if len(self.people) >= people:
                break
            self._appear(self._place_in_view(), 0.0)

    def _found_places(self) -> None:
        low_x, low_y, high_x, high_y = self.site.walkable.bounds
        spots = self.rng.uniform((low_x, low_y), (high_x, high_y), (600, 2))
        spots = spots[self.camera.sees(spots, -0.04)]
        self.places = np.array([spot for spot in spots if self.crowd.holds(spot)]).reshape(-1, 2)
        if not len(self.places):
            self.places = np.array([[p.x, p.y] for p in [self.site.walkable.representative_point()]])
        self.places_reach = float(np.linalg.norm(self.places, axis=1).max())

    def _place_in_view(self) -> Array:
        place: Array = self.places[self.rng.integers(len(self.places))]
        return place

    def exit_for(self, person: Person) -> Array:
        """A place to leave by that is not right where they are."""
        entries = self.exits
        apart = np.linalg.norm(entries - person.position, axis=1)
        far = entries[apart > min(6.0, float(apart.max()) * 0.8)]
        chosen: Array = far[self.rng.integers(len(far))]
        return chosen

    def add(self, position: Array, speed: float, goal: Array | None = None) -> Person | None:
        """Let a new person in at `position`; None where there is no room."""
        agent = self.crowd.add(position, speed)
        if agent is None:
            return None
        rng = self.rng
        self._next_id += 1
        person = Person(
            self._next_id,
            random_height(rng),
            random_looks(rng),
            rng.random(4),
            speed,
            position.copy(),
            position,
            0.0,
            agent=agent,
            phase=float(rng.uniform(0, 6.28)),
            speed=speed,
        )
        person.goal = self.exit_for(person) if goal is None else goal
        toward = person.goal - position
        person.heading = math.atan2(toward[1], toward[0])
        self.people.append(person)
        return person

    def _appear(self, position: Array, time_s: float) -> None:
        """A new arrival, of one of the kinds that a street knows."""
        rng = self.rng
        speed = float(np.clip(rng.normal(WALK_MEAN, WALK_SD), 0.6, 2.0))
        kind = rng.random()
        if kind < 0.05:
            speed = float(rng.uniform(2.6, 3.8))  # a jogger, or late for the bus
        first = self.add(position, speed)
        if first is None:
            return
        if 0.05 <= kind < 0.3:
            self._join(first, int(rng.choice([1, 1, 1, 2, 3])))
        elif kind < 0.42 and len(self.people) + 2 <= self.wanted + 1:
            self._stand_together(first, int(rng.integers(1, 4)), time_s)
        elif kind < 0.62:
            first.goal = self._place_in_view()
            first.until_s = -float(rng.uniform(4.0, 25.0))  # negative: a pause to come, counted from arrival

    def _join(self, leader: Person, count: int) -> None:
        for number in range(count):
            beside = np.array([0.75 * (1 if number % 2 else -1), -0.9 * (number // 2) - 0.1])
            friend = self.add(leader.position + beside + self.rng.normal(0, 0.05, 2), leader.wanted_speed, leader.goal)
            if friend:
                friend.leader, friend.beside, friend.wanted_speed = leader, beside, leader.wanted_speed

    def _stand_together(self, first: Person, count: int, time_s: float) -> None:
        centre = first.position + self.rng.normal(0, 0.1, 2) + (0.0, 0.6)
        until = time_s + float(self.rng.uniform(15, 90))
        members = [first]
        for number in range(count):
            turn = 2 * np.pi * (number + 1) / (count + 1) - 0.5 * np.pi
            spot = centre + (0.5 + 0.1 * count) * np.array([math.cos(turn), math.sin(turn)])
            friend = self.add(spot, WALK_MEAN)
            if friend:
                members.append(friend)
        for member in members:
            self.pause(member, until, Activity.TALK, centre)

    def pause(self, person: Person, until_s: float, activity: Activity, look_at: Array | None) -> None:
        """Stand still until `until_s`."""
        person.activity, person.until_s, person.look_at = activity, until_s, look_at

    def resume(self, person: Person, goal: Array | None = None, speed: float | None = None) -> None:
        """Walk on, to an exit if nothing else is said."""
        person.activity, person.until_s, person.look_at, person.leader = Activity.WALK, 0.0, None, None
        person.wanted_speed = speed or float(np.clip(self.rng.normal(WALK_MEAN, WALK_SD), 0.7, 1.9))
        person.goal = self.exit_for(person) if goal is None else goal

    def _sit_down(self, count: int) -> None:
        for bench in [prop for prop in self.site.props if prop.kind == "bench"]:
            for offset in (-0.45, 0.45):
                if count <= 0 or self.rng.random() < 0.35:
                    continue
                count -= 1
                self._next_id += 1
                spot = np.array([bench.x + offset, bench.y + (0.05 if bench.is_turned else -0.05)])
                activity = Activity.SIT
                person = Person(
                    self._next_id,
                    random_height(self.rng),
                    random_looks(self.rng),
                    self.rng.random(4),
                    0.0,
                    spot,
                    spot,
                    0.5 * np.pi if bench.is_turned else -0.5 * np.pi,
                    activity=activity,
                    until_s=math.inf,
                )
                self.people.append(person)

    def leave(self, person: Person) -> None:
        """Take somebody out of the scene."""
        if person.agent is not None:
            self.crowd.remove(person.agent)
            person.agent = None
        self.people.remove(person)

    def _decide(self, person: Person, time_s: float) -> None:
        if person.activity != Activity.WALK:
            if time_s >= person.until_s:
                self.resume(person)
            return
        if person.leader is not None:
            self._keep_beside(person)
            return
        if np.hypot(*(person.goal - person.position)) > 0.8:
            return
        if person.until_s < 0:
            activity = Activity.PHONE if person.quirk[0] < 0.4 else Activity.STAND
            self.pause(person, time_s - person.until_s, activity, None)
        else:
            self.leave(person)

    def _keep_beside(self, person: Person) -> None:
        leader = person.leader
        if leader is None or leader.agent is None or leader.role != "life":
            person.leader = None
            person.goal = self.exit_for(person)
            return
        if leader.activity != Activity.WALK:
            self.pause(person, leader.until_s, Activity.TALK, leader.position)
            return
        ahead = np.array([math.cos(leader.heading), math.sin(leader.heading)])
        right = np.array([ahead[1], -ahead[0]])
        spot = leader.position + person.beside[0] * right + person.beside[1] * ahead
        lag = float((spot - person.position) @ ahead)
        person.wanted_speed = leader.wanted_speed * float(np.clip(1.0 + 0.6 * lag, 0.4, 1.5))
        person.goal = self.crowd.nearest(spot + 2.0 * ahead)

    def step(self, time_s: float) -> None:
        """Move everybody on by one frame."""
        for person in list(self.people):
            if person.role == "life":
                self._decide(person, time_s)
        walkers = [person for person in self.people if person.agent is not None]
        for person in walkers:
            is_moving = person.activity in (Activity.WALK, Activity.FIGHT)
            self.crowd.steer(person.agent or 0, person.goal, person.wanted_speed if is_moving else 0.0)
        if self.rng.random() < 0.6 * self.frame_s * max(0, self.wanted - len(self.people)):
            self._appear(self.exits[self.rng.integers(len(self.exits))], time_s)
        self.crowd.step()
        for person in walkers:
            if person.agent is not None:
                self._moved(person)
        self._hold_poses(time_s)

    def _moved(self, person: Person) -> None:
        position = self.crowd.position(person.agent or 0)
        velocity = (position - person.position) / self.frame_s
        person.position = position
        person.velocity += (velocity - person.velocity) * min(1.0, self.frame_s / 0.2)
        person.speed = float(np.hypot(*person.velocity))
        if person.activity == Activity.DOWN:
            return
        if person.activity == Activity.WALK and person.speed > 0.2:
            wanted = math.atan2(person.velocity[1], person.velocity[0])
        elif person.look_at is not None:
            wanted = math.atan2(person.look_at[1] - position[1], person.look_at[0] - position[0])
        else:
            return
        turn = (wanted - person.heading + math.pi) % (2 * math.pi) - math.pi
        person.heading += turn * min(1.0, self.frame_s / 0.18)

    def _hold_poses(self, time_s: float) -> None:
        if not self.people:
            return
        people = self.people
        speed = np.array([person.speed for person in people])
        height = np.array([person.height for person in people])
        pace = 2 * np.pi * self.frame_s * speed / stride_length_m(height, speed)
        activity = np.array([int(person.activity) for person in people])
        for person, step in zip(people, pace.tolist(), strict=True):
            person.phase += step
        phase = np.array([person.phase for person in people])
        wanted = wanted_poses(activity, phase, speed, time_s, np.array([person.quirk for person in people]))
        pose = np.array([person.pose for person in people])
        share = 1.0 - np.exp(-self.frame_s / SETTLE_S[activity])
        pose += share[:, None] * (wanted - pose)
        for person, held in zip(people, pose, strict=True):
            person.pose = held
