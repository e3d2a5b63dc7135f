"""Makes a suspension by the leak watch."""

from datetime import timedelta
from typing import Any

from django.utils import timezone

from cameras.leaking.models import Suspension
from cameras.models import Camera


def make_suspension(camera: Camera, **fields: Any) -> Suspension:
    counts = {
        "frames": 300,
        "people": 400,
        "leaks": 60,
        "leak_frames": 50,
        "low_per_1000": 111.3,
        "budget_per_1000": 50,
    }
    now = timezone.now()
    times = {"began_at": now, "since": now - timedelta(hours=5)}
    return Suspension.objects.create(**{"camera": camera, **counts, **times, **fields})
