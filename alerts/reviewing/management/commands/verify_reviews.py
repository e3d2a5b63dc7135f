"""Make the draw of second reviews again: exit 0 if exactly what had to be was drawn."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from alerts.reviewing.services.drawing import redraw


class Command(BaseCommand):
    """Verify the draw of second reviews."""

    help = (
        "Make the draw of second reviews again for all decided alerts that are still there (docs/oversight.md). "
        "Exit 0: exactly what had to be was drawn. Exit 1: not."
    )

    def handle(self, *args: Any, **options: Any) -> None:
        """Verify, and say what was found."""
        found = redraw()
        self.stdout.write(f"{found.decided} decided alerts drawn again, {found.due} had to be reviewed.")
        if found.unclear:
            self.stdout.write(f"{found.unclear} more were drawn with another PACA_SECRET_KEY: not checked.")
        if not found.is_sound:
            raise CommandError(
                f"NOT SOUND: without a review {_numbers(found.missing)}; reviewed without cause "
                f"{_numbers(found.needless)}",
                returncode=1,
            )
        self.stdout.write("sound")


def _numbers(alerts: tuple[int, ...], most: int = 20) -> str:
    """Return alerts in words, the first `most` by number."""
    if not alerts:
        return "none"
    more = f" and {len(alerts) - most} more" if len(alerts) > most else ""
    return f"alert {', '.join(str(pk) for pk in alerts[:most])}{more}"
