"""Which kinds of event people have stopped."""

from cameras.stopping.models import Halt


def kinds_stopped(site_id: int) -> set[str]:
    """Return the kinds of event that must not become alerts at a site now; one query."""
    return set(Halt.objects.current().filter(site=site_id).exclude(kind="").values_list("kind", flat=True))
