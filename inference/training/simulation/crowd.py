"""Walking people among each other: JuPedSim keeps them apart and inside the walkable ground.

Source: Tordeux, Chraibi, Seyfried, Collision-free speed model for pedestrian dynamics, 2016, in JuPedSim.
"""

import jupedsim as jps
import numpy as np
import shapely
from shapely.ops import nearest_points

from inference.training.simulation.camera import Array

STEP_S = 0.05
RADIUS_M = 0.18


class Crowd:
    """Pedestrians who each steer for a point of their own."""

    def __init__(self, walkable: shapely.Polygon, frame_s: float) -> None:
        self._steps = max(1, int(np.ceil(frame_s / STEP_S - 1e-9)))
        self._room = walkable.buffer(-0.3)
        self._inner = self._room.buffer(-0.02)
        shapely.prepare(self._room)
        self._simulation = jps.Simulation(
            model=jps.CollisionFreeSpeedModel(), geometry=walkable, dt=frame_s / self._steps
        )
        self._stage = self._simulation.add_direct_steering_stage()
        self._journey = self._simulation.add_journey(jps.JourneyDescription([self._stage]))

    def add(self, position: Array, speed: float) -> int | None:
        """Let somebody in; None where the place is taken or outside."""
        if not self._room.contains(shapely.Point(position)):
            return None
        for agent in self._simulation.agents():
            x, y = agent.position
            if (x - position[0]) ** 2 + (y - position[1]) ** 2 < 0.25:
                return None
        parameters = jps.CollisionFreeSpeedModelAgentParameters(
            position=(float(position[0]), float(position[1])),
            journey_id=self._journey,
            stage_id=self._stage,
            desired_speed=speed,
            radius=RADIUS_M,
            time_gap=0.7,
        )
        return int(self._simulation.add_agent(parameters))

    def remove(self, agent: int) -> None:
        """Take somebody out."""
        self._simulation.mark_agent_for_removal(agent)

    def steer(self, agent: int, goal: Array, speed: float) -> None:
        """Set where somebody heads for and how fast, metres per second (0 stands still)."""
        pedestrian = self._simulation.agent(agent)
        goal = self.nearest(goal)  # the router refuses a goal inside furniture
        pedestrian.target = (float(goal[0]), float(goal[1]))
        pedestrian.model.desired_speed = float(speed)

    def holds(self, point: Array) -> bool:
        """Whether a goal lies on walkable ground."""
        return bool(self._room.contains(shapely.Point(point)))

    def nearest(self, point: Array) -> Array:
        """The nearest walkable goal."""
        if self.holds(point):
            return point
        near = nearest_points(self._inner, shapely.Point(point))[0]
        return np.array([near.x, near.y])

    def step(self) -> None:
        """Go on by one frame."""
        self._simulation.iterate(self._steps)

    def position(self, agent: int) -> Array:
        """Where somebody is, `(2,)` metres."""
        return np.array(self._simulation.agent(agent).position)
