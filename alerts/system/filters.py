"""What the list of system alerts can be narrowed by."""

from datetime import date
from typing import Any

import django_filters
from django import forms
from django.db.models import QuerySet
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from alerts.system.causes import PRIVACY, Cause
from alerts.system.models import SystemAlert
from cameras.models import Camera
from paca_site.accounts.access import site_ids
from paca_site.accounts.local_time import day_begins, day_ends, zone_of
from paca_site.accounts.models import User

DATE = forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
STATES = (("open", _("Going on")), ("ended", _("Ended")), ("unnoted", _("Nobody took note")))
CAUSES = (("privacy", _("Pictures withheld (privacy)")), *Cause.choices)


class SystemAlertFilter(django_filters.FilterSet):  # type: ignore[misc]  # django-filter ships no types
    """State, cause, camera and days on the clock of the asker's sites; only cameras of these can be chosen."""

    state = django_filters.ChoiceFilter(choices=STATES, empty_label="Any", label=_("State"), method="by_state")
    cause = django_filters.ChoiceFilter(choices=CAUSES, empty_label="Any", label=_("Cause"), method="by_cause")
    camera = django_filters.ModelChoiceFilter(queryset=Camera.objects.none(), empty_label="Any", label=_("Camera"))
    first_day = django_filters.DateFilter(method="from_day", widget=DATE)
    last_day = django_filters.DateFilter(method="to_day", widget=DATE)

    class Meta:
        model = SystemAlert
        fields: list[str] = []

    def __init__(self, *args: Any, person: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.filters["camera"].queryset = Camera.objects.filter(site__in=site_ids(person)).select_related("site")
        self.zone = zone_of(person)
        self.filters["first_day"].label = gettext("From ({zone})").format(zone=self.zone)
        self.filters["last_day"].label = gettext("To ({zone})").format(zone=self.zone)

    def from_day(self, alerts: QuerySet[SystemAlert], name: str, day: date) -> QuerySet[SystemAlert]:
        """Keep what began on this day or later."""
        return alerts.filter(began_at__gte=day_begins(day, self.zone))

    def to_day(self, alerts: QuerySet[SystemAlert], name: str, day: date) -> QuerySet[SystemAlert]:
        """Keep what began on this day or earlier."""
        return alerts.filter(began_at__lt=day_ends(day, self.zone))

    def by_state(self, alerts: QuerySet[SystemAlert], name: str, value: str) -> QuerySet[SystemAlert]:
        """Narrow to what goes on, what is over, or what nobody has acknowledged."""
        if value == "unnoted":
            return alerts.filter(acknowledged_at=None)
        return alerts.filter(ended_at__isnull=value == "open")

    def by_cause(self, alerts: QuerySet[SystemAlert], name: str, value: str) -> QuerySet[SystemAlert]:
        """Narrow to one cause, or to all for which pictures were withheld."""
        return alerts.filter(cause__in=PRIVACY if value == "privacy" else [value])
