"""Unusual events: scripted people, taken out of ordinary life and given back to it afterwards."""

import math
from collections.abc import Callable
from typing import Protocol

import numpy as np

from inference.training.simulation.camera import Array
from inference.training.simulation.config import Incident, IncidentKind
from inference.training.simulation.life import Life
from inference.training.simulation.people import Person
from inference.training.simulation.poses import Activity

GATHER_S = 5.0
"""How long before the start the people meant for an incident begin to come together."""


class Script(Protocol):
    """One incident as it unfolds."""

    incident: Incident
    people: list[Person]

    def step(self, time_s: float) -> None:
        """Steer the people involved."""


def _free(life: Life) -> list[Person]:
    return [person for person in life.people if person.role == "life" and person.agent is not None]


def _crowded_place(life: Life) -> Array:
    """A well visible place that has the most people around it."""
    places = life.places[life.rng.integers(len(life.places), size=min(40, len(life.places)))]
    distance = np.linalg.norm(places - life.camera.position[:2], axis=1)
    at = np.array([person.position for person in _free(life)]).reshape(-1, 2)
    near = (np.linalg.norm(places[:, None] - at[None], axis=2) < 7.0).sum(1) if len(at) else np.zeros(len(places))
    inner = life.camera.sees(places, -0.2)
    score = near + 4.0 * inner - 0.5 * np.abs(distance - 0.45 * life.places_reach)
    for prop in life.site.props:
        score -= 3.0 * (np.hypot(places[:, 0] - prop.x, places[:, 1] - prop.y) < 2.0)
    place: Array = places[int(np.argmax(score))]
    return place


def _recruit(life: Life, place: Array, count: int, role: str) -> list[Person]:
    """The nearest people; newcomers step in from around the place where there are too few."""
    free = sorted(_free(life), key=lambda person: float(np.hypot(*(person.position - place))))[:count]
    for _ in range(60):
        if len(free) >= count:
            break
        spot = life.exits[life.rng.integers(len(life.exits))]
        fresh = life.add(spot, 1.6)
        if fresh:
            free.append(fresh)
    for person in free:
        person.role, person.leader, person.activity = role, None, Activity.WALK
    return free


class Fight:
    """Two to four people close together, striking, shoving, kicking; bystanders step back and look."""

    def __init__(self, incident: Incident, life: Life, role: str) -> None:
        self.incident, self.life = incident, life
        self.place = life.crowd.nearest(_crowded_place(life))
        self.people = _recruit(life, self.place, int(life.rng.choice([2, 2, 3, 4])), role)
        self._gone_down: Person | None = None

    def step(self, time_s: float) -> None:
        """Close in before the start, brawl until the end, then part."""
        start, end = self.incident.start_s, self.incident.start_s + self.incident.duration_s
        is_on = start <= time_s < end
        for number, person in enumerate(self.people):
            rhythm = math.sin(2 * math.pi * (0.23 + 0.2 * person.quirk[0]) * time_s + 6.28 * person.quirk[1])
            apart = float(np.hypot(*(person.position - self.place)))
            turn = 2 * math.pi * number / len(self.people) + 0.35 * math.sin(0.7 * time_s) + 0.2 * time_s
            radius = 0.42 + 0.18 * rhythm + 0.06 * len(self.people)
            person.goal = self.life.crowd.nearest(self.place + radius * np.array([math.cos(turn), math.sin(turn)]))
            person.look_at = self.place
            if is_on and apart < 1.6:
                person.activity, person.wanted_speed = Activity.FIGHT, 1.5
                lunge = 0.2 * max(0.0, math.sin(2 * math.pi * (0.9 + 0.6 * person.quirk[2]) * time_s)) ** 2
                toward = (self.place - person.position) / max(apart, 0.1)
                sway = 0.12 * math.sin(7.0 * time_s + 6.28 * person.quirk[3])
                person.shift = lunge * toward + sway * np.array([-toward[1], toward[0]])
            else:
                person.activity = Activity.WALK if apart > 0.9 or is_on else Activity.TALK
                person.wanted_speed = float(np.clip(apart / max(start - time_s, 0.4), 1.0, 3.6))
        if is_on:
            self._tumble(time_s - start)
            self._step_back(time_s)
        if time_s >= end:
            for person in self.people:
                person.role, person.shift = "life", np.zeros(2)
                self.life.resume(person, speed=float(self.life.rng.uniform(1.5, 3.2)))

    def _tumble(self, since_s: float) -> None:
        """In longer brawls somebody goes down for a while."""
        person = self.people[0]
        if person.quirk[2] > 0.4 and 6.0 < since_s < 9.0:
            person.fall_turn = math.pi
            person.activity, person.wanted_speed, person.shift = Activity.DOWN, 0.0, np.zeros(2)

    def _step_back(self, time_s: float) -> None:
        for person in _free(self.life):
            away = person.position - self.place
            apart = float(np.hypot(*away))
            if apart < 3.2:
                person.leader = None
                person.goal = self.life.crowd.nearest(self.place + away / max(apart, 0.1) * 5.0)
                person.activity, person.wanted_speed, person.until_s = Activity.WALK, 1.9, -8.0
            elif apart < 5.5 and person.activity == Activity.WALK and person.quirk[3] > 0.5:
                self.life.pause(person, time_s + 6.0, Activity.LOOK, self.place)


class Dispersal:
    """People run apart from one point, each after a moment of their own; over when all of them are gone."""

    def __init__(self, incident: Incident, life: Life, role: str) -> None:
        self.incident, self.life, self._role = incident, life, role
        self.place = life.crowd.nearest(_crowded_place(life))
        self.people: list[Person] = []
        self._has_started = False
        for person in _free(life):
            if person.quirk[3] > 0.35 and person.activity == Activity.WALK:
                person.leader = None
                person.goal = life.crowd.nearest(self.place + life.rng.normal(0, 2.2, 2))
                person.until_s = -20.0

    def step(self, time_s: float) -> None:
        """Start the flight at the start, give those who are left back to ordinary life at the end."""
        start, end = self.incident.start_s, self.incident.start_s + self.incident.duration_s
        if time_s < start:
            return
        if not self._has_started:
            self._has_started = True
            self.people = [p for p in _free(self.life) if np.hypot(*(p.position - self.place)) < 16.0]
            close = [p.position for p in self.people if np.hypot(*(p.position - self.place)) < 6.0]
            self.place = np.mean(close, axis=0) if close else self.place  # they run from among themselves
            for person in self.people:
                person.role, person.until_s = self._role, start + 1.6 * person.quirk[0] ** 2
        for person in list(self.people):
            if time_s >= end:
                person.role = "life"
                self.life.resume(person)
            elif person.until_s and time_s >= person.until_s:
                self._flee(person)
            elif not person.until_s and np.hypot(*(person.goal - person.position)) < 1.0:
                self.people.remove(person)
                self.life.leave(person)

    def _flee(self, person: Person) -> None:
        away = person.position - self.place
        away = away / max(float(np.hypot(*away)), 0.1)
        ways = self.life.exits - person.position
        fit = (ways @ away) / np.maximum(np.linalg.norm(ways, axis=1), 0.1) + self.life.rng.normal(0, 0.15, len(ways))
        person.leader, person.activity, person.look_at, person.until_s = None, Activity.WALK, None, 0.0
        person.goal = self.life.exits[int(np.argmax(fit))]
        person.wanted_speed = float(self.life.rng.uniform(2.8, 5.0))


class Fall:
    """Somebody falls and stays down; after a while one or two people come to help."""

    def __init__(self, incident: Incident, life: Life, role: str) -> None:
        self.incident, self.life, self._role = incident, life, role
        place = life.crowd.nearest(_crowded_place(life))
        self.people = _recruit(life, place, 1, role)
        self.place = place
        self._is_down = False
        self._aides: list[Person] = []

    def step(self, time_s: float) -> None:
        """Walk, fall at the start, lie until the end, get up and go."""
        start, end = self.incident.start_s, self.incident.start_s + self.incident.duration_s
        person = self.people[0]
        if time_s < start:
            apart = float(np.hypot(*(person.position - self.place)))
            person.goal = self.place + (person.position - self.place) * (0.0 if apart > 0.5 else -1.0)
            person.goal = self.life.crowd.nearest(person.goal)
            person.wanted_speed = float(np.clip(apart / max(start - time_s, 0.5), 0.7, 2.4))
        elif not self._is_down:
            self._is_down = True
            person.fall_turn = float(self.life.rng.choice([0.0, 0.3, math.pi, 1.4, -1.4]))
            person.activity, person.wanted_speed = Activity.DOWN, 0.0
            self.place = person.position.copy()
        elif time_s < end:
            self._help(time_s - start, time_s)
        else:
            for one in [person, *self._aides]:
                one.role = "life"
                if one in self.life.people:
                    self.life.resume(one, speed=0.9)

    def _help(self, since_s: float, time_s: float) -> None:
        if since_s > 5.0 and not self._aides and self.people[0].quirk[1] < 0.75:
            free = sorted(_free(self.life), key=lambda one: float(np.hypot(*(one.position - self.place))))
            self._aides = [one for one in free[:2] if np.hypot(*(one.position - self.place)) < 9.0]
            for one in self._aides:
                one.role, one.leader, one.activity = f"{self._role} aide", None, Activity.WALK
        for number, one in enumerate(self._aides):
            turn = 2.2 * number + 6.28 * one.quirk[0]
            one.goal = self.life.crowd.nearest(self.place + 1.1 * np.array([math.cos(turn), math.sin(turn)]))
            one.look_at, one.wanted_speed = self.place, 2.0
            is_there = np.hypot(*(one.goal - one.position)) < 0.5
            if is_there:
                one.activity = Activity.LOOK if one.quirk[2] < 0.5 else Activity.TALK


class Chase:
    """One runs, another runs after, both weaving."""

    def __init__(self, incident: Incident, life: Life, role: str) -> None:
        self.incident, self.life = incident, life
        self.place = life.crowd.nearest(_crowded_place(life))
        self.people = _recruit(life, self.place, 2, role)
        self._goal = self.place

    def step(self, time_s: float) -> None:
        """Run from place to place until the end, then leave."""
        start, end = self.incident.start_s, self.incident.start_s + self.incident.duration_s
        first, second = self.people
        if time_s < start:
            first.goal, second.goal = self.place, self.life.crowd.nearest(self.place + np.array((2.0, 0.4)))
            first.wanted_speed = second.wanted_speed = 1.6
        elif time_s < end:
            if np.hypot(*(self._goal - first.position)) < 2.0:
                places = self.life.places
                self._goal = self.life.crowd.nearest(places[int(self.life.rng.integers(len(places)))])
            first.goal, second.goal = self._goal, self.life.crowd.nearest(first.position)
            first.wanted_speed, second.wanted_speed = 4.2, 4.4
        else:
            for person in self.people:
                person.role = "life"
                self.life.resume(person, speed=2.5)


SCRIPTS: dict[IncidentKind, Callable[[Incident, Life, str], Script]] = {
    "fight": Fight,
    "dispersal": Dispersal,
    "fall": Fall,
    "chase": Chase,
}


class Director:
    """Starts incidents when they are due and tells who is involved."""

    def __init__(self, incidents: tuple[Incident, ...], life: Life) -> None:
        self._due = sorted(incidents, key=lambda incident: incident.start_s)
        self._life = life
        self.running: list[Script] = []
        self._count = 0

    def step(self, time_s: float) -> None:
        """Run all incidents on by one frame; call before `Life.step`."""
        while self._due and time_s >= self._due[0].start_s - GATHER_S:
            incident = self._due.pop(0)
            self._count += 1
            self.running.append(SCRIPTS[incident.kind](incident, self._life, f"incident {self._count}"))
        for script in list(self.running):
            script.step(time_s)
            if time_s >= script.incident.start_s + script.incident.duration_s:
                self.running.remove(script)
