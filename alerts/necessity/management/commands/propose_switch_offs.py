"""`manage.py propose_switch_offs`: the necessity clock now, instead of in the night."""

from typing import Any

from django.core.management.base import BaseCommand

from alerts.necessity.services.proposing import proposals_make


class Command(BaseCommand):
    """Propose to switch off what is almost never confirmed."""

    help = "Look at the record of each camera and kind of event now, and propose what it speaks against."

    def handle(self, *args: Any, **options: Any) -> None:
        """Say how many proposals were made."""
        self.stdout.write(f"{proposals_make()} proposed; supervisors answer at /necessity/")
