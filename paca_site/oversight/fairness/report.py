"""The fairness of one month at one site."""

from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import gettext as _

from alerts.reviewing.models import Review
from cameras.models import Camera, Site
from paca_site.oversight.deciding.records import alert_records
from paca_site.oversight.deciding.signs import Blind
from paca_site.oversight.fairness.burden import (
    HOURS,
    RESIDENTS,
    BurdenRow,
    Density,
    burden_rows,
    by_camera,
    by_hour,
    density,
    false_of,
)
from paca_site.oversight.fairness.forms import month_after
from paca_site.oversight.fairness.models import SiteFacts
from paca_site.oversight.figures import Figure


@dataclass(frozen=True, slots=True)
class FairnessReport:
    """What the page shows of a month.

    Attributes:
        places: one row for each camera.
        hours: one for each hour of the day at the site.
        false: false alerts of all places.
        per_km2, per_residents: the same for each square kilometre and for each `RESIDENTS` residents; None: not known.
        per_camera: the same for each camera; None without any.
        cameras: cameras of the site now.
    """

    places: list[BurdenRow]
    hours: list[BurdenRow]
    false: Figure
    per_km2: Density | None
    per_residents: Density | None
    per_camera: Density | None
    cameras: int


def fairness_report(site: Site, facts: SiteFacts | None, start: datetime) -> FairnessReport:
    """Return the report of the month that starts at `start`, UTC."""
    records = alert_records([site.pk], start, month_after(start))
    cameras = dict(Camera.objects.filter(site=site).order_by("name").values_list("pk", "name"))
    groups = by_camera(records)
    gone = {
        pk: _("Camera %(pk)d, no longer of this site") % {"pk": pk} for pk in sorted(groups.keys() - cameras.keys())
    }
    blind = _blind(site, [record.alert for record in records])
    places = burden_rows(groups, {**cameras, **gone}, blind)
    false = false_of(places)
    residents = facts.residents / RESIDENTS if facts and facts.residents else None
    return FairnessReport(
        places=places,
        hours=burden_rows(by_hour(records, site.time_zone), {hour: f"{hour:02d}:00" for hour in HOURS}, blind),
        false=false,
        per_km2=density(false, facts.area_km2 if facts else None),
        per_residents=density(false, residents),
        per_camera=density(false, float(len(cameras))),
        cameras=len(cameras),
    )


def _blind(site: Site, alerts: list[int]) -> dict[int, Blind]:
    given = Review.objects.given().filter(alert__camera__site=site, alert__in=alerts)
    rows = given.values_list("alert", "decision__verdict", "verdict", "is_random")
    return {alert: Blind(first, second, is_random) for alert, first, second, is_random in rows}
